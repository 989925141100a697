//! The execution as a table that people can read.

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::Value;

/// The longest text that a cell shows, in characters.
const CELL_CHARS: usize = 400;

/// Draws the report of an execution, as `GET /api/executions/{id}` gives it.
pub(crate) fn execution(report: &Value) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED.with_rounded_corners())
        .set_content_arrangement(ContentArrangement::Dynamic);
    if std::env::var_os("COLUMNS").is_none() && !std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        table.set_width(120);
    }
    let heads = ["Node", "Status", "Took", "Credential", "Output"];
    table.set_header(heads.map(|head| Cell::new(head).add_attribute(Attribute::Bold)));
    for node in report["nodes"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let status = text(&node["status"]);
        let colour = match status.as_str() {
            "success" => Color::Green,
            "failed" => Color::Red,
            _ => Color::Grey,
        };
        let shown = if node["error"].is_null() { &node["output"] } else { &node["error"]["message"] };
        table.add_row([
            Cell::new(text(&node["name"])),
            Cell::new(status).fg(colour),
            Cell::new(took(&node["startedAt"], &node["finishedAt"])),
            Cell::new(if node["credentialId"].is_null() {
                "–".to_owned()
            } else {
                text(&node["credentialId"])
            }),
            Cell::new(shorten(shown)),
        ]);
    }
    table.to_string()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn took(start: &Value, end: &Value) -> String {
    let time = |value: &Value| value.as_str().and_then(|text| text.parse::<flero_model::Timestamp>().ok());
    match (time(start), time(end)) {
        (Some(start), Some(end)) => format!("{} ms", end.millis_since(start)),
        _ => "–".to_owned(),
    }
}

fn shorten(value: &Value) -> String {
    let text = if value.is_null() { "–".to_owned() } else { text(value) };
    if text.chars().count() <= CELL_CHARS {
        return text;
    }
    let cut: String = text.chars().take(CELL_CHARS).collect();
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_node_is_a_row_and_an_error_stands_for_the_output() {
        let report = json!({"nodes": [
            {"name": "Look up", "status": "success", "startedAt": "2026-01-01T00:00:00.000Z", "finishedAt": "2026-01-01T00:00:00.012Z", "credentialId": "cred_x", "output": {"a": 1}, "error": null},
            {"name": "Tell", "status": "failed", "output": null, "error": {"code": "x", "message": "The service is away."}, "credentialId": null}]});
        let drawn = execution(&report);
        for piece in ["Look up", "12 ms", "cred_x", "{\"a\":1}", "The service is away."] {
            assert!(drawn.contains(piece), "{piece} is missing in\n{drawn}");
        }
    }
}
