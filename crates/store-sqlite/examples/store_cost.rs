//! How many executions a second the store takes, and what each costs the writing thread.
//!
//! `cargo run --release -p flero-store-sqlite --example store_cost [folder] [seconds]`: 64 tasks accept and end
//! executions of one workflow, each with two journals of 1 KiB, two audit records and one credential; then the
//! look-ups of a use, one after another. The folder's disk is what is measured: name one on the disk in question.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use flero_model::{
    ExecutionId, Timestamp,
    audit::{Actor, AuditAction, AuditDetail, NewAudit},
    credential::{Credential, Scope},
    execution::ExecutionStatus,
};
use flero_store::{
    contract::sample::World,
    workflows::{Arming, Workflow},
};
use flero_store_sqlite::SqliteStore;

const TASKS: u64 = 64;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let base = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let seconds = arguments.next().map_or(5, |text| text.parse().unwrap());
    let folder = tempfile::tempdir_in(base).unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("flero.db")).unwrap());
    let world = World::new(store.clone());
    world.with_owner().await;
    world.with_keys().await;
    let workflow = world.with_workflow().await;
    let arming = Arming { webhook_path: Some("hook".into()), ..Arming::default() };
    world
        .activate_workflow(workflow.id, 1, world.user, Timestamp::from_millis(0), arming, Vec::new())
        .await
        .unwrap();
    let credential = world.with_credential(Scope::Workspace).await;

    for tasks in [1, 8, TASKS] {
        executions(&world, &workflow, &credential, tasks, Duration::from_secs(seconds)).await;
    }
    look_ups(&world, &credential).await;
    println!(
        "resident: {} MB; log: {} MB",
        resident_kib() / 1024,
        size(&folder.path().join("flero.db-wal")) >> 20
    );
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("after a rest: resident {} MB", resident_kib() / 1024);
}

/// Accepts and ends executions for some time.
async fn executions(
    world: &World,
    workflow: &Workflow,
    credential: &Credential,
    tasks: u64,
    length: Duration,
) {
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicU64::new(0));
    let (cpu, writer, begun) = (cpu_of("self"), thread_cpu("flero-store-wri"), Instant::now());
    let log = thread_cpu("flero-store-log");
    let mut running = Vec::new();
    for _ in 0..tasks {
        let (world, stop, done) = (world.clone(), Arc::clone(&stop), Arc::clone(&done));
        let (workflow, credential) = (workflow.clone(), credential.clone());
        running.push(tokio::spawn(async move {
            let mut slowest = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let begun = Instant::now();
                one(&world, &workflow, &credential).await;
                slowest.push(begun.elapsed());
                done.fetch_add(1, Ordering::Relaxed);
            }
            slowest
        }));
    }
    tokio::time::sleep(length).await;
    stop.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for task in running {
        times.extend(task.await.unwrap());
    }
    times.sort();
    let count = done.load(Ordering::Relaxed) as f64;
    let elapsed = begun.elapsed().as_secs_f64();
    let each = |ticks: f64| ticks * 1e6 / count;
    println!(
        "{tasks:>3} tasks: {:>6.0} executions/s; CPU each: {:.0} us in all, {:.0} us writer, {:.0} us log; \
         p50 {:?}, p99 {:?}, max {:?}",
        count / elapsed,
        each(cpu_of("self") - cpu),
        each(thread_cpu("flero-store-wri") - writer),
        each(thread_cpu("flero-store-log") - log),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1],
    );
}

async fn one(world: &World, workflow: &Workflow, credential: &Credential) {
    let mut run = world.run(workflow.id);
    let id = run.execution.id;
    run.journal = vec![vec![b'j'; 1_024]];
    run.credentials = vec![credential.id];
    run.audit = vec![audit(world, workflow, credential, id, AuditAction::CredentialUseIntent)];
    world.accept_execution(run.clone()).await.unwrap();
    let mut end = world.end(&run.execution, 1);
    end.status = ExecutionStatus::Success;
    end.journal = vec![vec![b'j'; 1_024]];
    end.audit = vec![audit(world, workflow, credential, id, AuditAction::CredentialUsed)];
    world.append_execution(end).await.unwrap();
}

fn audit(
    world: &World,
    workflow: &Workflow,
    credential: &Credential,
    id: ExecutionId,
    action: AuditAction,
) -> NewAudit {
    NewAudit {
        actor: Actor::Run { execution: id, user: world.user },
        detail: AuditDetail {
            secret_revision: Some(1),
            workflow: Some(workflow.id),
            version: Some(1),
            execution: Some(id),
            node: Some("call".into()),
            attempt: Some(1),
            host: Some("api.example.com".into()),
            purpose: Some("node".into()),
            ..AuditDetail::default()
        },
        ..world.audit(action, credential.id)
    }
}

/// The look-ups of the busy path, one after another.
async fn look_ups(world: &World, credential: &Credential) {
    const TIMES: u32 = 20_000;
    macro_rules! measure {
        ($name:literal, $call:expr) => {
            let begun = Instant::now();
            for _ in 0..TIMES {
                $call.await.unwrap();
            }
            println!("{:>28}: {:?}", $name, begun.elapsed() / TIMES);
        };
    }
    measure!("get_credential_with_secret", world.get_credential_with_secret(credential.id));
    measure!("api_key_by_hash", world.api_key_by_hash(&[1; 32]));
    measure!("workflow_by_webhook", world.workflow_by_webhook("hook"));
    measure!("membership", world.membership(world.user, world.workspace));
}

/// User and system time of a process or thread in seconds (`proc(5)`, fields 14 and 15 of `stat`).
fn cpu_of(place: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{place}/stat")).unwrap();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn thread_cpu(name: &str) -> f64 {
    let mut sum = 0.0;
    for thread in std::fs::read_dir("/proc/self/task").unwrap() {
        let thread = thread.unwrap().path();
        if std::fs::read_to_string(thread.join("comm")).unwrap().trim().starts_with(name) {
            let id = thread.file_name().unwrap().to_str().unwrap().to_owned();
            sum += cpu_of(&format!("self/task/{id}"));
        }
    }
    sum
}

fn resident_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn size(path: &std::path::Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
