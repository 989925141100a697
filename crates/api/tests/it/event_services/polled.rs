//! Events that are polled: nothing of what was there before, every new item once whatever its page, none twice.

use super::*;

/// How a vendor tells a list.
struct Polled {
    connector: &'static str,
    event: &'static str,
    inputs: Value,
    /// An item with this number; a higher number is newer.
    item: fn(u32) -> Value,
    /// Whether the newest item comes first.
    newest_first: bool,
    /// A page: its items, and what asks for the next one.
    page: fn(&[Value], Option<&str>) -> Value,
    /// What asks for a page, where the request is for a further one.
    token: fn(&Seen) -> Option<String>,
    /// Whether it has pages.
    has_pages: bool,
    /// Where the request has the cursor, if it has one: a text that holds it after the first poll.
    cursor: Option<fn(&Seen) -> String>,
}

/// A minute of a day, which rises with the number.
fn minute(number: u32) -> String {
    format!("2027-01-15T{:02}:{:02}:00.000", 9 + number / 60, number % 60)
}

#[allow(clippy::too_many_lines, reason = "a table of services")]
fn cases() -> Vec<Polled> {
    let after = |seen: &Seen| seen.json()["after"].as_str().map(str::to_owned);
    let page_token = |seen: &Seen| seen.parameter("pageToken");
    let soql = |seen: &Seen| seen.path.rsplit_once("/query/").map(|(_, at)| at.to_owned());
    let hubspot = |event: &'static str| Polled {
        connector: "hubspot",
        event,
        inputs: json!({}),
        item: |n| json!({"id": n.to_string(), "createdAt": format!("{}Z", minute(n)), "properties": {}}),
        newest_first: true,
        page: |items, next| json!({"total": 9, "results": items, "paging": next.map(|next| json!({"next": {"after": next}}))}),
        token: after,
        has_pages: true,
        cursor: None,
    };
    let salesforce = |event: &'static str, inputs: Value| Polled {
        connector: "salesforce",
        event,
        inputs,
        item: |n| {
            let at = format!("{}+0000", minute(n));
            json!({"Id": format!("001{n}"), "CreatedDate": at, "SystemModstamp": at})
        },
        newest_first: false,
        page: |items, next| {
            json!({"totalSize": items.len(), "done": next.is_none(), "records": items,
            "nextRecordsUrl": next.map(|next| format!("/services/data/v68.0/query/{next}"))})
        },
        token: soql,
        has_pages: true,
        cursor: Some(|seen| seen.parameter("q").unwrap_or_default()),
    };
    let notion = |event: &'static str| Polled {
        connector: "notion",
        event,
        inputs: json!({"data_source_id": "ds1"}),
        item: |n| json!({"object": "page", "id": format!("p{n}"), "created_time": format!("{}Z", minute(n)), "last_edited_time": format!("{}Z", minute(n))}),
        newest_first: true,
        page: |items, next| json!({"object": "list", "results": items, "next_cursor": next, "has_more": next.is_some()}),
        token: |seen| seen.json()["start_cursor"].as_str().map(str::to_owned),
        has_pages: true,
        cursor: None,
    };
    vec![
        hubspot("contact"),
        hubspot("company"),
        hubspot("deal"),
        salesforce("record", json!({"sObject": "Account"})),
        salesforce("record_changed", json!({"sObject": "Account"})),
        salesforce("opportunity_changed", json!({})),
        notion("page"),
        notion("page_changed"),
        Polled {
            connector: "airtable",
            event: "record",
            inputs: json!({"baseId": "app1", "tableIdOrName": "Leads", "view": "New"}),
            item: |n| json!({"id": format!("rec{n}"), "createdTime": format!("{}Z", minute(n)), "fields": {}}),
            // A view has an order of its own; the newest first is the worst of all.
            newest_first: true,
            page: |items, next| json!({"records": items, "offset": next}),
            token: |seen| seen.parameter("offset"),
            has_pages: true,
            cursor: Some(|seen| seen.parameter("filterByFormula").unwrap_or_default()),
        },
        Polled {
            connector: "google-calendar",
            event: "event",
            inputs: json!({"calendarId": "primary"}),
            item: |n| json!({"id": format!("e{n}"), "etag": format!("\"{n}\""), "updated": format!("{}Z", minute(n))}),
            newest_first: false,
            page: |items, next| json!({"kind": "calendar#events", "items": items, "nextPageToken": next}),
            token: page_token,
            has_pages: true,
            cursor: Some(|seen| seen.parameter("updatedMin").unwrap_or_default()),
        },
        Polled {
            connector: "gmail",
            event: "conversation",
            inputs: json!({}),
            item: |n| json!({"id": format!("t{n}"), "historyId": (1_000 + n).to_string(), "snippet": "Hi"}),
            newest_first: true,
            page: |items, next| json!({"threads": items, "nextPageToken": next, "resultSizeEstimate": 9}),
            token: page_token,
            has_pages: true,
            cursor: None,
        },
        Polled {
            connector: "aws-sqs",
            event: "message",
            inputs: json!({"QueueUrl": "https://sqs.us-east-1.amazonaws.com/177715257436/MyQueue"}),
            item: |n| json!({"MessageId": format!("m{n}"), "ReceiptHandle": "r", "Body": "b", "Attributes": {"SentTimestamp": (1_800_000_000_000_u64 + u64::from(n)).to_string()}}),
            newest_first: false,
            // An empty answer has no list.
            page: |items, _| if items.is_empty() { json!({}) } else { json!({"Messages": items}) },
            token: |_| None,
            has_pages: false,
            cursor: None,
        },
    ]
}

/// The numbers of the items of a list, as they are now.
type Numbers = Arc<Mutex<Vec<u32>>>;

/// Three items a page.
fn answers(case: &Polled, numbers: Numbers) -> Answers {
    let (item, page, token, has_pages, newest_first) =
        (case.item, case.page, case.token, case.has_pages, case.newest_first);
    Box::new(move |seen| {
        let mut now = numbers.lock().unwrap().clone();
        now.sort_unstable();
        if newest_first {
            now.reverse();
        }
        let size = if has_pages { 3 } else { 100 };
        let from =
            token(seen).and_then(|token| token.strip_prefix("from")?.parse::<usize>().ok()).unwrap_or(0);
        let items: Vec<Value> = now.iter().skip(from).take(size).map(|number| item(*number)).collect();
        let next = (from + size < now.len()).then(|| format!("from{}", from + size));
        (200, page(&items, next.as_deref()))
    })
}

async fn holds(case: Polled) {
    let what = format!("{} {}", case.connector, case.event);
    let numbers: Numbers = Arc::default();
    // Where the list is asked for from a time on, the vendor leaves out what is older.
    let starts = case.cursor.is_some() && case.connector != "google-calendar" || case.connector == "aws-sqs";
    let old: Vec<u32> = if starts { Vec::new() } else { (0..5).collect() };
    numbers.lock().unwrap().clone_from(&old);
    let world = World::new(case.connector, answers(&case, Arc::clone(&numbers)), None, None).await;
    let workflow = world.waiting(case.event, case.inputs.clone()).await;
    let poll = async || {
        world.server.clock.advance(60_000);
        world.tend().await;
        let told = world.event(&workflow).await;
        assert_eq!((&told["way"], &told["error"]), (&json!("polling"), &Value::Null), "{what}: {told}");
    };
    poll().await;
    assert_eq!(world.bodies(&workflow).await, Vec::<Value>::new(), "{what}: what was there is old");
    // More than two pages at once, and then one alone.
    numbers.lock().unwrap().extend(10..18);
    poll().await;
    let sorted = |mut list: Vec<Value>| {
        list.sort_by_key(Value::to_string);
        list
    };
    let new: Vec<Value> = (10..18).map(case.item).collect();
    assert_eq!(sorted(world.bodies(&workflow).await), sorted(new.clone()), "{what}");
    poll().await;
    numbers.lock().unwrap().push(20);
    poll().await;
    poll().await;
    let mut all = new.clone();
    all.push((case.item)(20));
    assert_eq!(sorted(world.bodies(&workflow).await), sorted(all.clone()), "{what}: each once");
    // What surfaces when newer items are removed is not new.
    numbers.lock().unwrap().retain(|number| *number < 10);
    poll().await;
    assert_eq!(world.bodies(&workflow).await.len(), all.len(), "{what}: old items that surface");
    if let Some(cursor) = case.cursor {
        let asked = world.vendor.seen();
        let last = asked.iter().rev().find(|seen| (case.token)(seen).is_none()).unwrap();
        assert!(cursor(last).contains("2027-01-15T09:20"), "{what}: {}", cursor(last));
    }
    set_status(&world.server, &workflow, "inactive").await;
    let before = world.vendor.seen().len();
    numbers.lock().unwrap().push(30);
    world.server.clock.advance(600_000);
    world.tend().await;
    assert_eq!(world.vendor.seen().len(), before, "{what}: a paused one asks nothing");
}

#[tokio::test]
async fn every_polled_event_starts_a_run_for_each_new_item_and_none_twice() {
    for case in cases() {
        holds(case).await;
    }
}

/// With an id of several values every change of an item is an event, and a change that was told is none.
#[tokio::test]
async fn a_changed_item_is_new_where_its_id_has_the_time_of_the_change() {
    let state = Arc::new(Mutex::new(vec![("a", 1), ("b", 2)]));
    let told = Arc::clone(&state);
    let answers: Answers = Box::new(move |_| {
        let page =
            |(id, at): &(&str, u32)| json!({"id": id, "last_edited_time": format!("{}Z", minute(*at))});
        let mut now = told.lock().unwrap().clone();
        now.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
        (
            200,
            json!({"results": now.iter().map(page).collect::<Vec<_>>(), "next_cursor": null, "has_more": false}),
        )
    });
    let world = World::new("notion", answers, None, None).await;
    let workflow = world.waiting("page_changed", json!({"data_source_id": "ds1"})).await;
    let mut counts = Vec::new();
    for (id, at) in [("a", 1), ("a", 5), ("a", 5), ("b", 6), ("a", 7)] {
        state.lock().unwrap().iter_mut().filter(|one| one.0 == id).for_each(|one| one.1 = at);
        world.server.clock.advance(60_000);
        world.tend().await;
        counts.push(world.bodies(&workflow).await.len());
    }
    assert_eq!(counts, [0, 1, 1, 2, 3]);
}
