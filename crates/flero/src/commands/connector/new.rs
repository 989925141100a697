//! `flero connector new`: the folder that a connector begins with.

use std::{fs, path::Path};

use flero_openapi::scaffold;

use crate::{
    cli::New,
    exit::{Failure, say},
};

/// Writes the folder. One that holds something already is left alone.
pub(super) fn run(asked: &New) -> Result<(), Failure> {
    let failed =
        |path: &Path, error: &std::io::Error| Failure::work(format!("{}: {}", path.display(), error.kind()));
    let folder = &asked.path;
    let id = folder.file_name().unwrap_or_default().to_string_lossy();
    let fill = |given: &Option<String>, default: String| given.clone().unwrap_or(default);
    let (name, url, docs) = (
        fill(&asked.name, id.to_string()),
        fill(&asked.url, format!("https://api.{id}.example")),
        fill(&asked.docs, format!("https://{id}.example/docs")),
    );
    let files = scaffold::files(&scaffold::Asked { id: &id, name: &name, url: &url, docs: &docs });
    let files = files.map_err(Failure::usage)?;
    let holds_something = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if holds_something || folder.is_file() {
        return Err(Failure::work(format!(
            "{} is there already; name a folder that is not",
            folder.display()
        )));
    }
    for (name, bytes) in files {
        let path = folder.join(&name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
        fs::write(&path, bytes).map_err(|error| failed(&path, &error))?;
        say(&path.display().to_string())?;
    }
    Ok(())
}
