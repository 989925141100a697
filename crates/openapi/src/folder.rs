//! A connector's folder as one document: `connector.yaml` with the files of `operations/` in place of the references
//! to them.
//!
//! The files are handed in by name; nothing is read from a disk here, so a reference can only lead to a file of the
//! folder, whatever it says.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    document::{Document, child, local},
    error::Result,
    report::LeftOut,
    text,
};

/// The name of the file that a folder begins with.
pub const MAIN: &str = "connector.yaml";

/// Puts a folder's files together. `files` holds names relative to the folder, with `/` between parts.
///
/// # Errors
/// As [`Document::read`]; the second part of the answer says which references lead to no file or to a broken one.
pub fn assemble(files: &BTreeMap<String, Vec<u8>>) -> Result<(Document, Vec<LeftOut>)> {
    let main = files.get(MAIN).map(Vec::as_slice).unwrap_or_default();
    let mut root = text::read(main)?;
    let mut faults = Vec::new();
    for section in ["paths", "webhooks"] {
        let Some(Value::Object(members)) = root.get_mut(section) else { continue };
        for (name, item) in members.iter_mut() {
            let Some(target) =
                item.get("$ref").and_then(Value::as_str).filter(|target| !target.starts_with('#'))
            else {
                continue;
            };
            match included(target, files) {
                Ok(value) => *item = value,
                Err(reason) => faults.push(LeftOut { pointer: child(&format!("/{section}"), name), reason }),
            }
        }
    }
    Ok((Document::of(root)?, faults))
}

/// What a reference to a file of the folder stands for.
fn included(target: &str, files: &BTreeMap<String, Vec<u8>>) -> std::result::Result<Value, String> {
    let (name, fragment) = target.split_once('#').map_or((target, ""), |(name, fragment)| (name, fragment));
    let name = name.trim_start_matches("./");
    let bytes = files.get(name).ok_or_else(|| format!("The folder has no file {name}."))?;
    let value = text::read(bytes).map_err(|fault| format!("{name}: {fault}"))?;
    let pointer = local(&format!("#{fragment}")).unwrap_or_default();
    let mut value =
        value.pointer(&pointer).cloned().ok_or_else(|| format!("{name} has nothing at {pointer}."))?;
    to_root(&mut value);
    Ok(value)
}

/// References of an operation's file to `../connector.yaml` are references within the whole.
fn to_root(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(target)) = members.get_mut("$ref")
                && let Some(fragment) = target.strip_prefix("../connector.yaml")
            {
                *target = fragment.to_owned();
            }
            members.values_mut().for_each(to_root);
        }
        Value::Array(items) => items.iter_mut().for_each(to_root),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Security test 67: a reference leads to a file of the folder or nowhere.
    #[test]
    fn a_reference_to_a_file_outside_of_the_folder_is_a_fault() {
        let main = "openapi: 3.1.0\npaths:\n  /a: {$ref: operations/a.yaml}\n  /b: {$ref: ../../etc/passwd}\n  /c: {$ref: /etc/passwd}\n";
        let a =
            "get: {operationId: a, responses: {'200': {$ref: '../connector.yaml#/components/responses/x'}}}";
        let files = BTreeMap::from([
            (MAIN.to_owned(), main.as_bytes().to_vec()),
            ("operations/a.yaml".to_owned(), a.as_bytes().to_vec()),
        ]);
        let (document, faults) = assemble(&files).unwrap();
        assert_eq!(document.root["paths"]["/a"]["get"]["operationId"], "a");
        assert_eq!(
            document.root["paths"]["/a"]["get"]["responses"]["200"]["$ref"],
            "#/components/responses/x"
        );
        let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(places, ["/paths/~1b", "/paths/~1c"]);
    }
}
