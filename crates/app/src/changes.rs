//! Waiting for a change that concerns oneself.

use std::time::Duration;

use tokio::sync::broadcast;

/// Tells for whom or for what something changed: for a person, or in a workspace.
#[derive(Debug)]
pub struct Changes<T>(pub(crate) broadcast::Receiver<T>);

impl<T: Clone + PartialEq> Changes<T> {
    /// Waits until something changed for this one, or the time is over.
    pub async fn wait_for(&mut self, one: T, longest: Duration) {
        let told = async {
            // A watcher that fell behind looks for itself; without a sender nothing more comes.
            while let Ok(told) = self.0.recv().await {
                if told == one {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(longest, told).await;
    }
}
