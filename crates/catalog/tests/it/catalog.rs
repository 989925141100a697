//! What the program embeds.

use std::collections::BTreeSet;

use flero_openapi::{Summary, Tier};

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

/// Inputs of events that no operation lists, or none by what the event knows. Whatever else an event asks for is
/// chosen, not typed.
const TYPED: &[&str] = &[
    "airtable view",
    "circleci projectId",
    "discord channel_id",
    "dropbox path",
    "figma file_key",
    "typeform tag",
    "vercel projectIds",
];

#[test]
fn what_an_event_asks_for_is_listed_by_an_operation_that_only_reads() {
    let mut typed = BTreeSet::new();
    for summary in flero_catalog::all() {
        let pack = flero_catalog::get(&summary.id).unwrap();
        for event in pack.triggers().unwrap() {
            let hints = event.hints.unwrap_or_default();
            let choices = pack.event_options(&hints).unwrap();
            for options in choices.values() {
                let lister = pack.operation(&options.operation).unwrap().unwrap();
                assert!(["GET", "POST"].contains(&lister.method.as_str()), "{} {}", summary.id, lister.id);
            }
            let input = pack.event_input(&hints).unwrap();
            let names = input["properties"].as_object().unwrap().keys();
            let left = names.filter(|name| !choices.contains_key(*name));
            typed.extend(left.map(|name| format!("{} {name}", summary.id)));
        }
    }
    assert_eq!(typed.into_iter().collect::<Vec<_>>(), TYPED);
}

#[test]
fn known_services_stand_beside_the_connectors_with_a_guide_of_their_own() {
    let known = flero_catalog::all().filter(|summary| summary.tier == Tier::Known).count();
    assert!(known >= 300, "{known}");
    let pack = flero_catalog::get("workable").unwrap();
    assert_eq!((pack.summary().tier, pack.summary().category.as_str()), (Tier::Known, "hr"));
    assert!(pack.guide().contains("## Get a credential") && pack.guide().contains("*Subdomain*"));
    let service = pack.connector().service("workable").unwrap();
    assert_eq!(service.hosts[0].host.as_str(), "{subdomain}.workable.com");
    assert_eq!(service.auth.len(), 1);
    assert_eq!(flero_catalog::get("github").unwrap().summary().tier, Tier::Curated);
}

/// A thousand entries may hold 10 MB at most. How long reading takes says more about the machine than about this.
#[test]
fn the_index_is_read_at_the_first_list_and_stays_small() {
    let before = resident_kib();
    let count = flero_catalog::all().count();
    if let (Some(before), Some(after)) = (before, resident_kib()) {
        let grown = after.saturating_sub(before) * 1_000 / count;
        assert!(grown < 10 << 10, "{grown} KiB for 1,000");
    }
}

/// The memory that this process holds, where the system tells it.
fn resident_kib() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The processor time of this thread in nanoseconds: whatever else the machine does is not counted (proc(5)).
fn processor_ns() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split(' ').next().unwrap().parse().unwrap()
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
        let begin = processor_ns();
        assert!(!flero_catalog::find(many.iter(), "servise numbr 77").is_empty());
        (processor_ns() - begin) / 1_000_000
    });
    let best = best.min().unwrap();
    assert!(best < most, "{best} ms");
}
