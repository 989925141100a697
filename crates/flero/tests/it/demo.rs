//! The demonstration, as the README promises it.

use super::harness::Installation;

#[test]
fn the_demonstration_runs_for_real_and_finds_the_secret_nowhere() {
    let flero = Installation::empty("");
    let output = flero.run(&["demo", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], true);
    assert_eq!(report["execution"]["status"], "success");
    assert_eq!(report["scan"]["hits"], 0);
    assert!(report["scan"]["bytes"].as_u64().unwrap() > 10_000, "{report}");
    assert!(report["execution"].to_string().contains("[REDACTED]"), "the echo was not scrubbed: {report}");
}

#[test]
fn the_demonstration_prints_a_table_for_people() {
    let flero = Installation::empty("");
    let output = flero.run(&["demo"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for piece in ["Webhook", "Look up the order", "Answer", "success", "[REDACTED]", "nowhere"] {
        assert!(text.contains(piece), "{piece} is missing in\n{text}");
    }
}
