//! Log lines and the panic hook.

use std::path::Path;

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Whether a line may be written at all, whatever the filter says. Libraries below us print headers and frames
/// at their finest levels, so only our own lines may be finer than `info` (SECURITY: leak channel 5).
fn is_ours_or_coarse(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || metadata.target().starts_with("flero")
}

fn filter(text: &str) -> Result<EnvFilter, String> {
    EnvFilter::try_new(text).map_err(|_| {
        "FLERO_LOG is not understood; expected for example info or flero_engine=debug,info.".to_owned()
    })
}

/// Starts logging to standard error.
///
/// # Errors
/// A sentence when the filter is not understood.
pub(crate) fn start(filter_text: &str, json: bool) -> Result<(), String> {
    let registry = tracing_subscriber::registry();
    let (filter, ours) = (filter(filter_text)?, filter_fn(is_ours_or_coarse));
    if json {
        let lines =
            fmt::layer().json().flatten_event(true).with_current_span(false).with_writer(std::io::stderr);
        let _ = registry.with(lines.with_filter(filter).with_filter(ours)).try_init();
    } else {
        let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
        let lines = fmt::layer().with_target(false).with_ansi(colours).with_writer(std::io::stderr);
        let _ = registry.with(lines.with_filter(filter).with_filter(ours)).try_init();
    }
    Ok(())
}

/// Starts logging to a file in a folder, for the demonstration.
///
/// # Errors
/// A sentence when the filter is not understood or the file cannot be made.
pub(crate) fn start_file(filter_text: &str, folder: &Path) -> Result<(), String> {
    let filter = filter(filter_text)?;
    let file = std::fs::create_dir_all(folder).and_then(|()| std::fs::File::create(folder.join("flero.log")));
    let file = file.map_err(|error| format!("the log cannot be written ({}).", error.kind()))?;
    let lines = fmt::layer().with_ansi(false).with_writer(std::sync::Mutex::new(file));
    let lines = lines.with_filter(filter).with_filter(filter_fn(is_ours_or_coarse));
    let _ = tracing_subscriber::registry().with(lines).try_init();
    Ok(())
}

/// Makes a panic tell where it happened and nothing of what was being worked on: the message of a panic can
/// quote data (SECURITY: leak channel 8).
pub(crate) fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(|| "an unknown place".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
        tracing::error!(place, "internal error; please report it");
    }));
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _};

    use super::*;

    /// Security test 41: the program's own hook tells the place of a panic and nothing of its message.
    #[test]
    fn a_panic_is_logged_by_its_place_alone() {
        let mut file = tempfile::tempfile().unwrap();
        let writer = file.try_clone().unwrap();
        let lines = fmt().with_ansi(false).with_writer(move || writer.try_clone().unwrap()).finish();
        let former = std::panic::take_hook();
        install_panic_hook();
        let ended = tracing::subscriber::with_default(lines, || {
            std::panic::catch_unwind(|| panic!("a value: {}", "canary-41"))
        });
        std::panic::set_hook(former);
        let mut log = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut log).unwrap();
        assert!(ended.is_err() && log.contains("logging.rs:") && !log.contains("canary"), "{log}");
    }
}
