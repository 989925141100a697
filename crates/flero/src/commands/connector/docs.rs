//! `flero connector docs`: the page of a service, or the pages of all built-in connectors.

use std::{fmt::Write as _, fs, path::Path};

use flero_openapi::{Tier, page};

use super::source;
use crate::exit::{Failure, say};

/// Prints one page, or writes all of them.
pub(super) fn run(source: Option<&str>, all: Option<&Path>) -> Result<(), Failure> {
    match (source, all) {
        (Some(named), _) => {
            let one = source::load(named)?;
            say(page::markdown(&one.id, &one.connector, &one.guide).trim_end())
        }
        (None, Some(folder)) => write_all(folder),
        (None, None) => Err(Failure::usage("name a connector, or a folder with --all")),
    }
}

fn write_all(folder: &Path) -> Result<(), Failure> {
    let failed =
        |path: &Path, error: &std::io::Error| Failure::work(format!("{}: {}", path.display(), error.kind()));
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mut index =
        "# Connectors\n\n| Service | Category | Operations | Events |\n|---|---|---|---|\n".to_owned();
    let mut count = 0;
    for summary in flero_catalog::all().filter(|summary| summary.tier == Tier::Curated) {
        let one = source::load(&summary.id)?;
        let path = folder.join(format!("{}.md", summary.id));
        let text = page::markdown(&one.id, &one.connector, &one.guide);
        fs::write(&path, text).map_err(|error| failed(&path, &error))?;
        let (id, name, category) = (&summary.id, &summary.name, &summary.category);
        let (operations, events) = (summary.operation_count, summary.event_count);
        let _ = writeln!(index, "| [{name}]({id}.md) | {category} | {operations} | {events} |");
        count += 1;
    }
    let path = folder.join("README.md");
    fs::write(&path, index).map_err(|error| failed(&path, &error))?;
    say(&format!("{count} pages in {}", folder.display()))
}
