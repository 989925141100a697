//! Names to addresses, as a port, so that tests can answer for a name server.

use std::{io, net::IpAddr};

use async_trait::async_trait;

/// Resolves host names.
#[async_trait]
pub trait Resolve: Send + Sync + 'static {
    /// Every address of a name, in the order of preference.
    ///
    /// # Errors
    /// Whatever the system says; the caller reports only that the name did not resolve.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver (`getaddrinfo`).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        // The port plays no part in resolving.
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}
