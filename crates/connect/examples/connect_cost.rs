//! Measures the door: the scrubber over clean bodies, needles, the guard over every IPv4 address, and the CPU
//! time of a request over a pooled connection with a credential. To be run in release:
//! `cargo run --release -p flero-connect --example connect_cost`.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used)]

use std::{
    hint::black_box,
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, TcpListener},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::Bytes;
use flero_connect::{
    Call, Config, Connect, CredentialSource, Intent, OpenFailure, OpenSecret, Ports, Purpose, RecordedIntent,
    Request, Unavailable, UseOutcome, call,
    guard::address,
    resolve::SystemResolver,
    scrub::{Scrubber, StreamScrubber},
};
use flero_keyring::needles::{self, Needle};
use flero_model::{
    Clock, CredentialId, ExecutionId, OrganizationId, Timestamp, UserId, WorkflowId, WorkspaceId,
    audit::NewAudit,
    credential::{AuthType, Belonging, Credential, KeyScopeRef, Policy, Scope},
    policy::{Principal, Via},
    role::{OrganizationRole, Role},
    secret::SecretBytes,
};
use flero_store::{
    credentials::CredentialWithSecret,
    keys::{SealedSecret, SecretAddress, SecretSlot},
};
use http::Method;

const TOKEN: &str = "mzq_7Hc0Wv2LkX9nB4tYpR6sD1fGjA8eUoQi3ZxC";

fn main() {
    scrubbing();
    guarding();
    requests(1);
    requests(32);
}

/// Deterministic noise over an alphabet: a linear congruential generator (Knuth, MMIX).
fn noise(alphabet: &[u8], len: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            alphabet[(state >> 33) as usize % alphabet.len()]
        })
        .collect()
}

fn scrubbing() {
    let document = format!("{{\"token\":\"{TOKEN}\"}}");
    let seconds = cpu_seconds(|| {
        for _ in 0..1000 {
            black_box(scrubber(document.as_bytes()));
        }
    });
    println!("needles: {:.1} us for a bearer token", seconds * 1e3);
    let long = format!("{{\"a\":\"{TOKEN}\",\"b\":\"{}\"}}", "k/+\\u00e9x".repeat(40));
    let record = br#"{"id":184467,"name":"Ada Lovelace","active":true,"tags":["alpha","beta"],"note":"The quick brown fox jumps over the lazy dog."},"#;
    let bodies = [
        ("json", record.iter().copied().cycle().take(64 << 20).collect::<Vec<u8>>()),
        ("base64", noise(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 64 << 20)),
        ("binary", noise(&(0..=255).collect::<Vec<u8>>(), 64 << 20)),
    ];
    for (secret, document) in [("token", document.as_str()), ("two secrets", &long)] {
        let scrubber = Arc::new(scrubber(document.as_bytes()));
        for (name, body) in &bodies {
            let body = Bytes::from(body.clone());
            let whole = cpu_seconds(|| assert!(!scrubber.finds(&body)));
            let whole = body.len() as f64 / whole / 1e9;
            let streamed = cpu_seconds(|| {
                let mut stream = StreamScrubber::new(Arc::clone(&scrubber));
                let mut place = 0;
                while place < body.len() {
                    let end = (place + 16 * 1024).min(body.len());
                    black_box(stream.push(body.slice(place..end)));
                    place = end;
                }
                black_box(stream.finish());
            });
            let streamed = body.len() as f64 / streamed / 1e9;
            println!(
                "scrub {name} for {secret} ({scrubber:?}): {whole:.2} GB/s whole, {streamed:.2} GB/s in 16 KiB pieces"
            );
        }
    }
}

fn scrubber(document: &[u8]) -> Scrubber {
    Scrubber::new(needles::of_document(document).into_iter().map(Needle::into_bytes).collect(), Vec::new())
}

fn guarding() {
    let mut public = 0_u64;
    let seconds = cpu_seconds(|| {
        public = (0..=u32::MAX).filter(|bits| address::is_public(IpAddr::V4(Ipv4Addr::from(*bits)))).count()
            as u64;
    });
    println!("guard: {public} of 2^32 IPv4 addresses are public, judged in {seconds:.1} s");
}

struct Fixed(Arc<CredentialWithSecret>);

#[async_trait]
impl CredentialSource for Fixed {
    async fn credential(&self, _id: CredentialId) -> Result<Option<Arc<CredentialWithSecret>>, Unavailable> {
        Ok(Some(Arc::clone(&self.0)))
    }

    async fn policies(
        &self,
        _organization: flero_model::OrganizationId,
    ) -> Result<Arc<flero_model::organization_policies::OrganizationPolicies>, Unavailable> {
        Ok(Arc::default())
    }

    async fn record(&self, _event: NewAudit) -> Result<(), Unavailable> {
        Ok(())
    }

    async fn store_outcome(&self, _outcome: UseOutcome, _at: Timestamp) -> Result<(), Unavailable> {
        Ok(())
    }
}

#[async_trait]
impl OpenSecret for Fixed {
    async fn open(&self, _stored: &CredentialWithSecret) -> Result<SecretBytes, OpenFailure> {
        Ok(SecretBytes::new(format!("{{\"token\":\"{TOKEN}\"}}").into_bytes()))
    }
}

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }
}

/// Answers every request on a connection with the same small body, on a thread per connection, so that its CPU
/// time can be told apart.
fn upstream() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::Builder::new()
        .name("upstream".to_owned())
        .spawn(move || {
            for stream in listener.incoming() {
                std::thread::Builder::new()
                    .name("upstream".to_owned())
                    .spawn(move || {
                        let mut stream = stream.unwrap();
                        stream.set_nodelay(true).unwrap();
                        let mut buffer = [0; 4096];
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{\"id\":7,\"title\":\"An order\"}\n";
                        while stream.read(&mut buffer).is_ok_and(|read| read > 0) && stream.write_all(answer).is_ok() {}
                    })
                    .unwrap();
            }
        })
        .unwrap();
    port
}

/// CPU time of this process without the upstream's threads, in nanoseconds, as the scheduler counts it. Unlike
/// the time on the wall it says the same on a busy machine.
fn own_cpu_ns() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().filter_map(Result::ok).map(|task| task.path());
    tasks
        .filter(|task| {
            !std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "upstream")
        })
        .filter_map(|task| std::fs::read_to_string(task.join("schedstat")).ok())
        .filter_map(|stat| stat.split(' ').next()?.parse::<u64>().ok())
        .sum()
}

/// Runs something and gives its CPU time in seconds.
fn cpu_seconds(work: impl FnOnce()) -> f64 {
    let before = own_cpu_ns();
    work();
    (own_cpu_ns() - before) as f64 / 1e9
}

fn requests(connections: usize) {
    let id = CredentialId::new(Stopped.now(), 1);
    let workspace = WorkspaceId::new(Stopped.now(), 2);
    let row = Arc::new(row(id, workspace));
    let source = Arc::new(Fixed(row));
    let door = Connect::new(
        Config { allow: "127.0.0.0/8".parse().unwrap(), ..Config::default() },
        Ports {
            source: Arc::clone(&source) as _,
            opener: source,
            clock: Arc::new(Stopped),
            resolver: Arc::new(SystemResolver),
            oauth: None,
        },
    );
    let url = format!("http://127.0.0.1:{}/orders/7", upstream());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let each = 60_000 / connections;
    runtime.block_on(async {
        let run = |count: usize| {
            let tasks: Vec<_> = (0..connections)
                .map(|_| {
                    let (door, url) = (door.clone(), url.clone());
                    tokio::spawn(async move {
                        for _ in 0..count {
                            assert_eq!(door.send(call(id, workspace, &url)).await.unwrap().status, 200);
                        }
                    })
                })
                .collect();
            async {
                for task in tasks {
                    task.await.unwrap();
                }
            }
        };
        run(100).await;
        let (before, started) = (own_cpu_ns(), Instant::now());
        run(each).await;
        let count = (each * connections) as f64;
        let cpu = (own_cpu_ns() - before) as f64 / 1e9;
        let wall = started.elapsed().as_secs_f64();
        println!(
            "send with a credential, {connections} at once: {:.0}/s, {:.1} us CPU each, {:.1} us wall each",
            count / wall,
            cpu / count * 1e6,
            wall / count * 1e6 * connections as f64
        );
    });
    runtime.shutdown_timeout(Duration::from_millis(100));
}

fn call(id: CredentialId, workspace: WorkspaceId, url: &str) -> Call {
    let execution = ExecutionId::new(Stopped.now(), 4);
    let mut request = Request::new(Method::GET, url);
    request.headers = vec![("Accept".to_owned(), "application/json".to_owned())];
    Call {
        principal: Principal {
            user: UserId::new(Stopped.now(), 3),
            organization: OrganizationId::new(Stopped.now(), 1),
            workspace,
            organization_role: OrganizationRole::Member,
            role: Role::Editor,
            via: Via::Run { execution },
        },
        purpose: Purpose::Node {
            workflow: WorkflowId::new(Stopped.now(), 5),
            execution,
            node: "call".to_owned(),
            attempt: 1,
        },
        credential: call::Credential::Stored(id),
        intent: Intent::Recorded(RecordedIntent::committed(id)),
        request,
    }
}

fn row(id: CredentialId, workspace: WorkspaceId) -> CredentialWithSecret {
    let now = Stopped.now();
    let belonging =
        Belonging { organization: OrganizationId::new(now, 1), workspace, owner: UserId::new(now, 3) };
    let policy = Policy {
        service: "http".to_owned(),
        auth_type: AuthType::Bearer,
        allowed_hosts: vec!["http://127.0.0.1".parse().unwrap()],
        parameters: serde_json::Map::new(),
    };
    let credential = Credential {
        secret_fields: vec!["token".to_owned()],
        ..Credential::new(id, belonging, "Measured", Scope::Workspace, policy, now)
    };
    let secret = SealedSecret {
        address: SecretAddress { owner: id.to_string(), field: "data".to_owned(), slot: SecretSlot::Current },
        revision: 1,
        scope: KeyScopeRef::workspace(workspace),
        key_version: 1,
        bound_type: "bearer".to_owned(),
        policy_hash: Vec::new(),
        blob: Vec::new(),
        destroy_at: None,
    };
    CredentialWithSecret { credential, secret: Some(secret) }
}
