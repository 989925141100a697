//! `GET /metrics`: counters in the text format of Prometheus (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
//!
//! They are served on a listener of their own that is loopback, so that no rule of a reverse proxy opens them by
//! mistake. Every label is a word of a closed set: there is no name, identifier, host, path or value in them.

use std::{fmt::Write as _, net::SocketAddr, sync::Arc};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use flero_engine::Counts;
use flero_store::ExecutionStore as _;
use flero_store_sqlite::{GROUP_BOUNDS, SqliteStore, WriterCounts};
use tokio::net::TcpListener;

use crate::{exit::Failure, wiring::Parts};

/// What is read for an answer.
#[derive(Clone)]
struct Sources {
    parts: Arc<Parts>,
    store: Arc<SqliteStore>,
}

/// Serves the counters until the process ends.
///
/// # Errors
/// When the address cannot be used.
pub(crate) async fn serve(address: SocketAddr, parts: Parts, store: Arc<SqliteStore>) -> Result<(), Failure> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::start(format!(
            "the address {address} of FLERO_METRICS_LISTEN cannot be used ({}).",
            error.kind()
        ))
    })?;
    let sources = Sources { parts: Arc::new(parts), store };
    let router = Router::new().route("/metrics", get(answer)).with_state(sources);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::warn!(kind = %error.kind(), "the metrics are not served any more");
        }
    });
    Ok(())
}

async fn answer(State(sources): State<Sources>) -> impl IntoResponse {
    let mut text = Text::default();
    text.executions(&sources.parts.engine.counts());
    match sources.store.count_open_executions().await {
        Ok(open) => {
            text.describe(
                "flero_executions_open",
                "gauge",
                "Executions of the installation that have not ended.",
            );
            for (status, count) in open {
                text.line("flero_executions_open", &[("status", status.as_str())], count);
            }
        }
        Err(_) => tracing::warn!("the open executions could not be counted for the metrics"),
    }
    text.writer(&sources.store.writer_counts());
    text.describe("flero_calls_total", "counter", "Calls of services, by how they ended.");
    for (class, count) in sources.parts.connect.counts() {
        text.line("flero_calls_total", &[("outcome", class)], count);
    }
    text.describe("flero_vault_open", "gauge", "1 while secrets can be used, 0 while the vault is sealed.");
    text.line("flero_vault_open", &[], u64::from(sources.parts.connect.can_open_secrets()));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.0)
}

/// The answer as it is written. Names and labels are constants, so nothing needs escaping.
#[derive(Default)]
struct Text(String);

impl Text {
    fn describe(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        self.0.push_str(name);
        for (place, (label, value)) in labels.iter().enumerate() {
            let _ = write!(self.0, "{}{label}=\"{value}\"", if place == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    fn executions(&mut self, counts: &Counts) {
        self.describe("flero_executions_accepted_total", "counter", "Executions that this process accepted.");
        self.line("flero_executions_accepted_total", &[], counts.accepted);
        self.describe("flero_executions_ended_total", "counter", "Executions that ended in this process.");
        for (status, count) in counts.ended {
            self.line("flero_executions_ended_total", &[("status", status.as_str())], count);
        }
        self.describe("flero_executions_live", "gauge", "Executions in the memory of this process.");
        self.line("flero_executions_live", &[], counts.live);
    }

    fn writer(&mut self, counts: &WriterCounts) {
        self.describe("flero_store_group_size", "histogram", "Transactions that shared one commit.");
        let mut so_far = 0;
        for (bound, count) in GROUP_BOUNDS.iter().zip(counts.groups) {
            so_far += count;
            self.line("flero_store_group_size_bucket", &[("le", &bound.to_string())], so_far);
        }
        self.line("flero_store_group_size_bucket", &[("le", "+Inf")], so_far);
        self.line("flero_store_group_size_sum", &[], counts.jobs);
        self.line("flero_store_group_size_count", &[], so_far);
        self.describe(
            "flero_store_rollbacks_total",
            "counter",
            "Groups of transactions that were rolled back.",
        );
        self.line("flero_store_rollbacks_total", &[], counts.rolled_back);
        self.describe(
            "flero_store_waiting",
            "gauge",
            "Transactions that waited for the writer at its last turn.",
        );
        self.line("flero_store_waiting", &[], counts.waiting);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_cumulative_and_labels_stand_in_braces() {
        let mut text = Text::default();
        text.writer(&WriterCounts {
            groups: [3, 0, 2, 0, 0, 0, 0, 0, 1],
            jobs: 111,
            rolled_back: 0,
            waiting: 4,
        });
        for line in [
            "flero_store_group_size_bucket{le=\"1\"} 3",
            "flero_store_group_size_bucket{le=\"4\"} 5",
            "flero_store_group_size_bucket{le=\"256\"} 6",
            "flero_store_group_size_bucket{le=\"+Inf\"} 6",
            "flero_store_group_size_sum 111",
            "flero_store_group_size_count 6",
            "flero_store_waiting 4",
            "# TYPE flero_store_group_size histogram",
        ] {
            assert!(text.0.lines().any(|written| written == line), "{line} is missing in\n{}", text.0);
        }
    }
}
