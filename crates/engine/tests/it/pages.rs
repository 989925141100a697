//! Pagination against a service that pages in each of the four ways.

use flero_connect::call::DEFAULT_MAX_BODY_BYTES;
use flero_model::execution::ExecutionStatus;
use serde_json::{Value, json};

use super::{
    harness::{World, edges, node},
    service::{Answer, Seen, Service},
};

/// Seven items, three a page.
fn paged(seen: &Seen) -> Answer {
    let url = url::Url::parse(&format!("http://x{}", seen.path)).unwrap();
    let number = |name: &str| {
        url.query_pairs().find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let slice = |from: usize| (from..7).take(3).collect::<Vec<_>>();
    match url.path() {
        "/page" => Answer::json(&json!({"items": slice((number("page").unwrap_or(1) - 1) * 3)})),
        "/offset" => Answer::json(&json!(slice(number("offset").unwrap_or(0)))),
        "/cursor" => {
            let from = number("cursor").unwrap_or(0);
            Answer::json(
                &json!({"data": slice(from), "meta": {"next": if from + 3 < 7 { json!((from + 3).to_string()) } else { json!(null) }}}),
            )
        }
        "/away" => {
            let mut answer = Answer::json(&json!([1]));
            answer.headers.push_str("link: <http://elsewhere.example/link>; rel=\"next\"\r\n");
            answer
        }
        "/loop" => Answer::json(&json!({"data": [1], "meta": {"next": "same"}})),
        _ => {
            let from = number("from").unwrap_or(0);
            let mut answer = Answer::json(&json!(slice(from)));
            if from + 3 < 7 {
                answer.headers.push_str(&format!("link: </link?from={}>; rel=\"next\"\r\n", from + 3));
            }
            answer
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_paging_brings_all_items_once() {
    let service = Service::start(paged).await;
    let world = World::new().await;
    let all: Value = (0..7).collect();
    for (path, pagination, items, pages) in [
        ("/page", json!({"type": "page", "itemsPath": "items"}), &all, 4),
        ("/offset", json!("offset"), &all, 4),
        ("/offset", json!({"type": "offset", "limitParameter": "limit", "limit": 3}), &all, 3),
        ("/cursor", json!({"type": "cursor", "cursorPath": "meta.next", "itemsPath": "data"}), &all, 3),
        ("/link", json!("next-link"), &all, 3),
        ("/link", json!({"type": "next-link", "maxPages": 2}), &(0..6).collect(), 2),
    ] {
        let call = node(
            "c",
            "HTTPRequest",
            json!({"url": format!("{}{path}", service.url), "pagination": pagination}),
        );
        let workflow = world
            .workflow(json!({"nodes": [node("s", "Start", json!({})), call], "edges": edges(&["s>c"])}))
            .await;
        let end = world.run(&workflow, json!({})).await;
        assert_eq!(
            (&end.output["body"], &end.output["pages"]),
            (items, &json!(pages)),
            "{path} {pagination}"
        );
        assert_eq!(end.output["truncated"], json!(pages == 2), "{path}");
    }
}

/// What an execution fails with whose one call has these parameters.
async fn failure_of(parameters: Value) -> String {
    let world = World::new().await;
    let call = node("c", "HTTPRequest", parameters);
    let workflow = world
        .workflow(json!({"nodes": [node("s", "Start", json!({})), call], "edges": edges(&["s>c"])}))
        .await;
    let end = world.run(&workflow, json!({})).await;
    assert_eq!(end.status, ExecutionStatus::Failed);
    end.error.unwrap().code
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_again_ends_the_reading() {
    let service = Service::start(paged).await;
    let paging = json!({"type": "cursor", "cursorPath": "/meta/next", "itemsPath": "data"});
    let call = json!({"url": format!("{}/loop", service.url), "pagination": paging});
    assert_eq!(failure_of(call).await, "http.pagination_loop");
    assert_eq!(service.seen().len(), 2);
}

/// Each page is within the limit of one answer.
#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_too_large_together_are_not_read_on() {
    let half = vec![b'x'; usize::try_from(DEFAULT_MAX_BODY_BYTES / 2 + 1).unwrap()];
    let service = Service::start(move |seen| Answer {
        status: 200,
        headers: format!("content-type: text/plain\r\nlink: <{}1>; rel=\"next\"\r\n", seen.path),
        body: half.clone(),
        delay_ms: 0,
    })
    .await;
    let call = json!({"url": service.url, "pagination": "next-link"});
    assert_eq!(failure_of(call).await, "http.pagination_too_large");
    assert_eq!(service.seen().len(), 2);
}

/// Security test 19, for the next page: what a node sends to one host is never sent to another because an answer
/// says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_next_page_at_another_host_is_refused() {
    let service = Service::start(paged).await;
    let call = json!({"url": format!("{}/away", service.url), "pagination": "next-link", "headers": {"X-Key": "mine"}});
    assert_eq!(failure_of(call).await, "http.pagination_origin");
    assert_eq!(service.seen().len(), 1);
}
