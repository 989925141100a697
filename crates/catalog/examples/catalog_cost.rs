//! What a catalog of 1,000 services with 3,000 operations costs, and what reading a description of 12 MB does.
//!
//! `cargo run --release -p flero-catalog --example catalog_cost` makes the folders of the services, compiles them as the
//! build script does, and prints time and memory beside the limits. Memory is what this process holds besides the bytes
//! of the catalog, which lie in the program's file.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss)]

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use flero_catalog::{Catalog, find};
use flero_openapi::{Document, Pack, Summary, Tier, compile, pack};
use serde_json::{Value, json};

const SERVICES: usize = 1_000;
const OPERATIONS: usize = 3;
const DESCRIPTION_BYTES: usize = 12_000_000;

/// What is made and what is measured are processes of their own, so that neither is counted with the other.
fn main() {
    let mut words = std::env::args().skip(1);
    let folder = std::env::temp_dir().join(format!("flero-catalog-{}", std::process::id()));
    match (words.next().as_deref(), words.next().map(PathBuf::from)) {
        (Some("make"), Some(folder)) => make(&folder),
        (Some("catalog"), Some(folder)) => catalog(&folder),
        (Some("import"), Some(folder)) => import(&folder),
        _ => {
            std::fs::create_dir_all(&folder).unwrap();
            let this = std::env::current_exe().unwrap();
            let done = ["make", "catalog", "import"]
                .iter()
                .all(|word| Command::new(&this).arg(word).arg(&folder).status().unwrap().success());
            std::fs::remove_dir_all(&folder).unwrap();
            assert!(done);
        }
    }
}

fn make(folder: &Path) {
    let (index, packs) = built();
    std::fs::write(folder.join("index.json"), index).unwrap();
    std::fs::write(folder.join("packs.bin"), packs).unwrap();
    std::fs::write(folder.join("large.json"), description()).unwrap();
}

/// A line of `/proc/self/status`, in megabytes.
fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1e3
}

/// Words of which names are made, so that they resemble each other as those of services do.
fn name(number: usize) -> String {
    const FIRST: [&str; 10] =
        ["Acme", "Blue", "Cloud", "Data", "Event", "Fast", "Green", "Hub", "Inter", "Jet"];
    const THEN: [&str; 10] =
        ["base", "box", "desk", "flow", "force", "grid", "mail", "pay", "sheet", "trade"];
    let (first, then) = (FIRST[number % 10], THEN[number / 10 % 10]);
    format!("{first}{then} {}", number / 100)
}

/// The document of a service: operations with a few inputs each, a body, an answer, a way to authenticate.
fn service(number: usize) -> Value {
    let text = |words: &str| json!({"type": "string", "description": words});
    let mut paths = serde_json::Map::new();
    for place in 0..OPERATIONS {
        let body = json!({"required": true, "content": {"application/json": {"schema": {"type": "object", "properties": {
            "title": text("What people see of it"), "note": text("More about it"), "parent": {"$ref": "#/components/schemas/Thing"}}}}}});
        let parameter = json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}, "description": "The ID"});
        let answer = json!({"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}});
        let operation = json!({"operationId": format!("change{place}"), "summary": format!("Change thing {place}"),
            "description": "Changes a thing and tells how it is now.", "tags": ["Things"], "parameters": [parameter],
            "requestBody": body, "responses": {"200": answer}});
        paths.insert(format!("/things{place}/{{id}}"), json!({ "post": operation }));
    }
    json!({"openapi": "3.1.0", "info": {"title": name(number), "description": "Keeps things of a kind.", "version": "1"},
        "servers": [{"url": format!("https://api{number}.example.com")}], "security": [{"token": []}], "paths": paths,
        "x-flero": {"category": "productivity", "keywords": ["things"], "hosts": [{"host": format!("api{number}.example.com")}]},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Thing": {"type": "object", "properties": {"id": text("The ID"), "title": text("The title"),
                "children": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}}}}})
}

/// The catalog as the build script writes it.
fn built() -> (Vec<u8>, Vec<u8>) {
    let mut all: Vec<(Summary, Vec<u8>)> = (0..SERVICES)
        .map(|number| {
            let compiled = compile(&Document::of(service(number)).unwrap()).unwrap();
            let summary = Summary::of(&format!("service-{number:04}"), Tier::Curated, &compiled.connector);
            let bytes =
                pack::write(summary.clone(), compiled.connector, "## What it does\n\nKeeps things.\n");
            (summary, bytes)
        })
        .collect();
    all.sort_by(|one, other| one.0.id.cmp(&other.0.id));
    let (mut index, mut packs) = (Vec::new(), Vec::new());
    for (summary, bytes) in all {
        index.push(json!({ "summary": summary, "offset": packs.len(), "length": bytes.len() }));
        packs.extend(bytes);
    }
    (serde_json::to_vec(&index).unwrap(), packs)
}

fn catalog(folder: &Path) {
    let index: &'static [u8] = std::fs::read(folder.join("index.json")).unwrap().leak();
    let packs: &'static [u8] = std::fs::read(folder.join("packs.bin")).unwrap().leak();
    println!(
        "{SERVICES} services, {} operations: {:.1} MB of packs, {:.1} MB of index",
        SERVICES * OPERATIONS,
        packs.len() as f64 / 1e6,
        index.len() as f64 / 1e6
    );
    let (before, began) = (memory("VmRSS:"), Instant::now());
    let catalog: &'static Catalog = Box::leak(Box::new(Catalog::new(index, packs)));
    let (started, idle) = (began.elapsed(), memory("VmRSS:") - before);
    println!("start: {:.3} ms and {idle:.2} MB more (limits 10 ms, 10 MB)", ms(started));
    let began = Instant::now();
    assert_eq!(catalog.all().count(), SERVICES);
    let (listed, held) = (began.elapsed(), memory("VmRSS:") - before);
    println!(
        "first list: {:.2} ms, and {held:.2} MB are held from then on (limits 10 ms, 10 MB)",
        ms(listed)
    );
    let opened = worst(100, |round| {
        let id = format!("service-{:04}", round * 7 % SERVICES);
        let pack: Pack = catalog.get(&id).unwrap();
        black_box(pack.operation("change1").unwrap().unwrap());
    });
    println!("opening a connector and reading an operation: at most {:.3} ms", ms(opened));
    for typed in ["clowdbase 7", "mail", "evnet desk", "zzzz", "a"] {
        let slowest = worst(50, |_| {
            black_box(find(catalog.all(), typed));
        });
        let found = find(catalog.all(), typed).len();
        println!("search {typed:?}: {found} found, at most {:.2} ms (limit 10 ms)", ms(slowest));
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The longest of several rounds.
fn worst(rounds: usize, mut work: impl FnMut(usize)) -> Duration {
    let mut longest = Duration::ZERO;
    for round in 0..rounds {
        let began = Instant::now();
        work(round);
        longest = longest.max(began.elapsed());
    }
    longest
}

/// A description with as many operations and schemas as make 12 MB.
fn description() -> Vec<u8> {
    let (mut paths, mut schemas) = (serde_json::Map::new(), serde_json::Map::new());
    let mut length = 0;
    for number in 0.. {
        let property = |place: usize| {
            let other = (number * 7 + place * 131) % 4_000;
            json!({"oneOf": [{"type": "string", "description": "A text that says what it is for, in a sentence."},
                {"$ref": format!("#/components/schemas/Thing{other}")}]})
        };
        let properties: serde_json::Map<_, _> =
            (0..12).map(|place| (format!("member_{place}"), property(place))).collect();
        let schema = json!({"type": "object", "description": "A thing with several members.", "properties": properties});
        let answer = json!({"$ref": format!("#/components/schemas/Thing{number}")});
        let operation = json!({"operationId": format!("things/{number}/list"), "summary": format!("List things of kind {number}"),
            "description": "Lists them, the newest first.", "tags": [format!("group {}", number % 40)],
            "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}, {"name": "owner", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": answer}}}}});
        length += schema.to_string().len() + operation.to_string().len();
        schemas.insert(format!("Thing{number}"), schema);
        paths.insert(format!("/things/{number}/{{owner}}"), json!({ "get": operation }));
        if length > DESCRIPTION_BYTES {
            break;
        }
    }
    json!({"openapi": "3.0.3", "info": {"title": "Large", "version": "1"}, "servers": [{"url": "https://api.example.com"}],
        "paths": paths, "components": {"schemas": schemas}})
    .to_string()
    .into_bytes()
}

fn import(folder: &Path) {
    let bytes = std::fs::read(folder.join("large.json")).unwrap();
    let began = Instant::now();
    let compiled = compile(&Document::read(&bytes).unwrap()).unwrap();
    let operations = compiled.connector.operations.len();
    let summary = Summary::of("large", Tier::Imported, &compiled.connector);
    let written = pack::write(summary, compiled.connector, "");
    println!(
        "import of {:.1} MB with {operations} operations: {:.2} s, {:.0} MB at most (limits 3 s, 300 MB), a pack of {:.1} MB",
        bytes.len() as f64 / 1e6,
        began.elapsed().as_secs_f64(),
        memory("VmHWM:"),
        written.len() as f64 / 1e6
    );
}
