//! In which line of which file a place of the document stands.

use std::collections::{BTreeMap, HashMap};

use serde_saphyr::granit_parser::{Event, Parser};

use crate::{
    document::{Document, child},
    folder,
};

/// The lines of every place.
pub(super) struct Places {
    /// By file, by pointer within it.
    files: BTreeMap<String, HashMap<String, usize>>,
    /// Places of the document that come from another file: the place, the file, and where it stands there.
    included: Vec<(String, String, String)>,
}

impl Places {
    pub(super) fn of(files: &BTreeMap<String, Vec<u8>>, _document: &Document) -> Self {
        let mut all = BTreeMap::new();
        for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".yaml")) {
            let text = String::from_utf8_lossy(bytes);
            all.insert(name.clone(), lines(&text));
        }
        let main = files.get(folder::MAIN).map(Vec::as_slice).unwrap_or_default();
        let mut included = Vec::new();
        if let Ok(root) = crate::text::read(main) {
            for section in ["paths", "webhooks"] {
                for (name, item) in
                    root.get(section).and_then(|section| section.as_object()).into_iter().flatten()
                {
                    let Some(target) = crate::document::reference(item) else { continue };
                    let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
                    let place = child(&format!("/{section}"), name);
                    included.push((place, file.trim_start_matches("./").to_owned(), fragment.to_owned()));
                }
            }
        }
        Self { files: all, included }
    }

    /// The file and the line of a place, or of what it stands in.
    pub(super) fn find(&self, pointer: &str) -> (String, usize) {
        let inside = self.included.iter().find_map(|(place, file, fragment)| {
            let rest = pointer.strip_prefix(place.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| (file.clone(), format!("{fragment}{rest}")))
        });
        // A reference to a file that is not there is a fault of where it stands.
        let inside = inside.filter(|(file, _)| self.files.contains_key(file));
        let (file, mut pointer) = inside.unwrap_or_else(|| (folder::MAIN.to_owned(), pointer.to_owned()));
        let Some(lines) = self.files.get(&file) else { return (file, 1) };
        loop {
            if let Some(line) = lines.get(&pointer) {
                return (file, (*line).max(1));
            }
            let Some(end) = pointer.rfind('/') else { return (file, 1) };
            pointer.truncate(end);
        }
    }
}

enum Level {
    /// An object, and the member whose value comes next.
    Object(Option<String>),
    /// A list, and the place of the next item.
    List(usize),
}

/// The line of every place of a file. Ends at the first fault; the reader tells that.
fn lines(text: &str) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    let mut levels: Vec<(Level, String)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        let line = span.start.line();
        match event {
            Event::Scalar(value, ..) => {
                if let Some((Level::Object(key @ None), at)) = levels.last_mut() {
                    let name = value.to_string();
                    found.insert(child(at, &name), line);
                    *key = Some(name);
                } else {
                    step(&mut levels, line, &mut found);
                }
            }
            Event::Alias(..) => {
                step(&mut levels, line, &mut found);
            }
            Event::MappingStart(..) => {
                let at = step(&mut levels, line, &mut found);
                levels.push((Level::Object(None), at));
            }
            Event::SequenceStart(..) => {
                let at = step(&mut levels, line, &mut found);
                levels.push((Level::List(0), at));
            }
            Event::MappingEnd | Event::SequenceEnd => {
                levels.pop();
            }
            _ => {}
        }
    }
    found
}

/// The place of the value that begins now.
fn step(levels: &mut [(Level, String)], line: usize, found: &mut HashMap<String, usize>) -> String {
    match levels.last_mut() {
        None => String::new(),
        Some((Level::Object(key), at)) => child(at, &key.take().unwrap_or_default()),
        Some((Level::List(next), at)) => {
            let place = format!("{at}/{next}");
            *next += 1;
            found.insert(place.clone(), line);
            place
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_line() {
        let text = "a:\n  - x: 1\n    y: [2,\n      3]\n  - &b z\n'c/d': *b\ne: |\n  text\nf: {g: 1}\n";
        let lines = lines(text);
        for (pointer, line) in [
            ("/a", 1),
            ("/a/0/x", 2),
            ("/a/0/y", 3),
            ("/a/0/y/1", 4),
            ("/a/1", 5),
            ("/c~1d", 6),
            ("/e", 7),
            ("/f/g", 9),
        ] {
            assert_eq!(lines.get(pointer), Some(&line), "{pointer}");
        }
    }
}
