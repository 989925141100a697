//! What the program embeds.

use std::time::Instant;

use flero_openapi::Summary;

#[test]
fn every_embedded_connector_opens_with_all_of_its_operations() {
    let mut count = 0;
    for summary in flero_catalog::all() {
        let pack = flero_catalog::get(&summary.id).unwrap();
        assert_eq!(pack.summary(), summary);
        for operation in pack.operations() {
            let whole = pack.operation(&operation.id).unwrap().unwrap();
            assert_eq!(whole.id, operation.id);
            pack.schemas_of(&whole.input).unwrap();
        }
        assert_eq!(pack.operations().len(), summary.operation_count);
        assert!(!pack.guide().is_empty(), "{}", summary.id);
        count += 1;
    }
    assert!(count >= 1);
    assert!(flero_catalog::get("../slack").is_none());
}

#[test]
fn a_search_over_a_thousand_connectors_takes_less_than_ten_milliseconds() {
    let many: Vec<Summary> = (0..1_000)
        .map(|number| Summary {
            id: format!("service-{number}"),
            name: format!("Service number {number}"),
            description: "Sends and receives things of every kind for teams.".to_owned(),
            keywords: vec!["things".to_owned(), format!("word{number}")],
            ..Summary::default()
        })
        .chain(flero_catalog::all().cloned())
        .collect();
    // Without optimisation the search takes about ten times as long; the figure is that of the released program.
    let most = if cfg!(debug_assertions) { 400 } else { 10 };
    let best = (0..5).map(|_| {
        let begin = Instant::now();
        assert!(!flero_catalog::find(many.iter(), "servise numbr 77").is_empty());
        begin.elapsed().as_millis()
    });
    let best = best.min().unwrap();
    assert!(best < most, "{best} ms");
}
