//! Security tests 11, 13, 14: random interleavings of all rotations, users' writes and processes that die at any call,
//! before or after the store carried it out. Nothing becomes unopenable, and no acknowledged write is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use flero_keyring::{Keyring, Provider, RemoveSlot, ScopeRotationOptions};
use flero_model::credential::{KeyScopeRef, Scope};
use flero_model::{CredentialId, Timestamp, UserId};
use flero_store::credentials::CredentialChange;
use flero_store::{CredentialStore, KeyStore};
use flero_vault::slot::{Recovery, RecoveryKit};
use proptest::prelude::*;

use crate::faulty_store::Death;
use crate::support::{World, bytes, provider};

const NODES: usize = 2;
const CREDENTIALS: usize = 4;
const KEYS: u8 = 3;
const OPTIONS: ScopeRotationOptions = ScopeRotationOptions { lease_ms: 60_000, grace_ms: 120_000, batch: 2 };

#[derive(Debug, Clone)]
enum Act {
    Write {
        credential: usize,
    },
    Create,
    BeginScope {
        organization: bool,
    },
    /// With a user's save by the other process right between the mover's read and its write.
    AdvanceScope {
        organization: bool,
        /// Whether a rotation is announced first, so that there is something to move.
        begin: bool,
        /// Which credential of the scope.
        write_between: Option<usize>,
    },
    RotateRoot,
    AddSlot {
        key: u8,
    },
    RemoveSlot {
        place: usize,
    },
    Heartbeat,
    Refresh,
    Restart,
    Wait {
        seconds: i64,
    },
}

/// One act by one process, which may die in it.
#[derive(Debug, Clone)]
struct Step {
    node: usize,
    act: Act,
    death: Option<Death>,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..CREDENTIALS).prop_map(|credential| Act::Write { credential }),
        3 => Just(Act::Create),
        3 => any::<bool>().prop_map(|organization| Act::BeginScope { organization }),
        5 => (any::<bool>(), any::<bool>(), prop::option::weighted(0.8, 0..CREDENTIALS / 2))
            .prop_map(|(organization, begin, write_between)| Act::AdvanceScope { organization, begin, write_between }),
        3 => Just(Act::RotateRoot),
        2 => (1..=KEYS).prop_map(|key| Act::AddSlot { key }),
        2 => (0..6_usize).prop_map(|place| Act::RemoveSlot { place }),
        3 => Just(Act::Heartbeat),
        1 => Just(Act::Refresh),
        1 => Just(Act::Restart),
        3 => (1..100_i64).prop_map(|seconds| Act::Wait { seconds }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let death = (0..14_u32, any::<bool>()).prop_map(|(at_call, carried_out)| Death { at_call, carried_out });
    (0..NODES, act(), prop::option::weighted(0.35, death)).prop_map(|(node, act, death)| Step {
        node,
        act,
        death,
    })
}

struct Model {
    world: Arc<World>,
    nodes: Vec<Keyring>,
    kit: RecoveryKit,
    /// For each credential, what was acknowledged last.
    written: Vec<(CredentialId, String)>,
    scopes: [KeyScopeRef; 2],
    writes: u32,
    /// Credentials that were saved while a mover held their former secret. Later saves would hide what was lost, so
    /// they are looked at before the next act.
    suspects: Vec<usize>,
}

/// Every process has every key; which of them has a slot changes.
fn keys() -> Vec<Provider> {
    (1..=KEYS).map(provider).collect()
}

impl Model {
    async fn new() -> Self {
        let world = Arc::new(World::new());
        let kit = RecoveryKit::generate();
        let first = world.init(vec![provider(1), Arc::new(kit.provider())]).await;
        first.unseal(keys()).await.unwrap();
        let mut written = Vec::new();
        let mut scopes = Vec::new();
        for number in 0..CREDENTIALS {
            let scope = if number % 2 == 0 { Scope::Workspace } else { Scope::Organization };
            let credential = world.create(&first, scope, "first").await;
            scopes.push(credential.key_scope());
            written.push((credential.id, "first".to_owned()));
        }
        let second = world.unlock(keys()).await.unwrap();
        let scopes = [scopes[0].clone(), scopes[1].clone()];
        Self { world, nodes: vec![first, second], kit, written, scopes, writes: 0, suspects: Vec::new() }
    }

    async fn run(&mut self, step: &Step) {
        self.world.faulty.die(step.death);
        self.act(step).await;
        let died = step.death.is_some();
        self.world.faulty.die(None);
        self.world.faulty.forget_acts();
        if died || matches!(step.act, Act::Restart) {
            // Whatever was in memory is gone; the next process knows what is stored and nothing else.
            self.nodes[step.node] = self.world.unlock(keys()).await.expect("a restart opens the vault");
        }
        for place in std::mem::take(&mut self.suspects) {
            let (id, expected) = &self.written[place];
            let fresh = self.world.unlock(keys()).await.expect("a new process opens the vault");
            assert_eq!(self.world.open(&fresh, *id).await.as_ref().ok(), Some(expected), "a save was undone");
        }
    }

    async fn act(&mut self, step: &Step) {
        let node = self.nodes[step.node].clone();
        let scope = |organization: bool| &self.scopes[usize::from(organization)];
        match &step.act {
            Act::Write { credential } => self.write(&node, *credential).await,
            Act::Create => self.create(&node).await,
            Act::BeginScope { organization } => {
                let _ = node.begin_scope_rotation(scope(*organization), vec![]).await;
            }
            Act::AdvanceScope { organization, begin, write_between } => {
                let between = write_between
                    .map(|place| self.plan_write_between(step.node, place * 2 + usize::from(*organization)));
                let scope = &self.scopes[usize::from(*organization)];
                if *begin {
                    let _ = node.begin_scope_rotation(scope, vec![]).await;
                }
                let _ = node.advance_scope_rotation(scope, OPTIONS, vec![], &|_, _| {}).await;
                if let Some((credential, text, accepted)) = between
                    && accepted.load(Ordering::SeqCst)
                {
                    self.written[credential].1 = text;
                    self.suspects.push(credential);
                }
            }
            Act::RotateRoot => {
                let _ = node.rotate_root(&[], vec![]).await;
            }
            Act::AddSlot { key } => {
                let _ = node.add_slot(&provider(*key), vec![]).await;
            }
            Act::RemoveSlot { place } => {
                let slots = self.world.store.slots().await.unwrap();
                // The printed code stays, so that the absent operator can be checked at the end.
                let slots: Vec<_> = slots.into_iter().filter(|slot| slot.provider == "env").collect();
                if slots.len() > 1 {
                    let slot = slots[place % slots.len()].id;
                    let _ = node.remove_slot(slot, RemoveSlot::default(), vec![]).await;
                }
            }
            Act::Heartbeat => drop(node.heartbeat("serve").await),
            Act::Refresh => drop(node.refresh().await),
            Act::Restart => {}
            Act::Wait { seconds } => self.world.clock.advance(seconds * 1_000),
        }
    }

    /// Lets the other process save a secret right before the mover's next write.
    fn plan_write_between(&mut self, node: usize, credential: usize) -> (usize, String, Arc<AtomicBool>) {
        self.writes += 1;
        let text = format!("write {} in between", self.writes);
        let accepted = Arc::new(AtomicBool::new(false));
        let (world, other) = (Arc::clone(&self.world), self.nodes[(node + 1) % NODES].clone());
        let (id, document, result) = (self.written[credential].0, text.clone(), Arc::clone(&accepted));
        self.world.faulty.before_rewrap(Box::new(move || {
            Box::pin(async move {
                result.store(world.write(&other, id, &document).await.is_ok(), Ordering::SeqCst);
            })
        }));
        (credential, text, accepted)
    }

    /// A user's save. The database may refuse it (the process holds a key that is out of use); the process then
    /// refreshes and tries once more, as the application does.
    async fn write(&mut self, node: &Keyring, credential: usize) {
        self.writes += 1;
        let (id, last) = &mut self.written[credential];
        let text = format!("write {}", self.writes);
        let mut result = self.world.write(node, *id, &text).await;
        if result.is_err() && node.refresh().await.is_ok() {
            result = self.world.write(node, *id, &text).await;
        }
        if result.is_ok() {
            *last = text;
        }
    }

    /// Saves a credential in a scope that has no key yet.
    async fn create(&mut self, node: &Keyring) {
        let mut credential = self.world.credential(Scope::Personal);
        credential.owner_id = UserId::new(Timestamp::from_millis(1), self.world.unique());
        let sealed = node.seal_credential(&credential, "data", &bytes("created")).await;
        if let Ok(secret) = sealed {
            let id = credential.id;
            let change =
                CredentialChange { credential, secrets: vec![secret], destroy: vec![], audit: vec![] };
            if self.world.store.create_credential(change).await.is_ok() {
                self.written.push((id, "created".to_owned()));
            }
        }
    }

    /// Nothing unopenable, no update lost: for each process as it is, for one that starts anew, and for the person
    /// with the printed code.
    async fn check(&self) {
        let fresh = self.world.unlock(keys()).await.expect("a new process opens the vault");
        let printed: Provider = Arc::new(Recovery::from_text(&self.kit.to_text()).unwrap());
        let recovered = self.world.unlock(vec![printed]).await.expect("the printed code opens the vault");
        for keyring in self.nodes.iter().chain([&fresh, &recovered]) {
            for (id, expected) in &self.written {
                assert_eq!(self.world.open(keyring, *id).await.as_ref().ok(), Some(expected));
            }
        }
        assert_eq!(fresh.verify_all(&|_| {}).await.unwrap(), Vec::<String>::new());
        let status = fresh.status().await.unwrap();
        assert!(status.scopes.iter().all(|scope| scope.opens), "every scope's keys open");
        for scope in &self.scopes {
            let keys = self.world.store.scope_keys(scope).await.unwrap();
            let active = keys.iter().filter(|key| key.state.as_str() == "active").count();
            assert_eq!(active, 1, "one version seals");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if std::env::var_os("FLERO_SOAK").is_some() { 1_000 } else { 24 },
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Security test 11: KEK, RK and SK rotation with a death at each step and concurrent writers.
    #[test]
    fn nothing_is_lost_whoever_dies_when(steps in prop::collection::vec(step(), 5..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut model = Model::new().await;
            for step in &steps {
                model.run(step).await;
            }
            model.check().await;
        });
    }
}

/// Security test 11, without chance: each rotation dies at each of its calls in turn, before and after the store
/// carried it out, and is finished by the next process.
#[test]
fn every_rotation_survives_a_death_at_each_of_its_calls() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let acts = [
            Act::RotateRoot,
            Act::AddSlot { key: 2 },
            Act::RemoveSlot { place: 0 },
            Act::BeginScope { organization: false },
            Act::AdvanceScope { organization: false, begin: false, write_between: Some(1) },
        ];
        for act in acts {
            let mut model = Model::new().await;
            // Something to remove, and something to advance.
            model.nodes[0].add_slot(&provider(3), vec![]).await.unwrap();
            for at_call in 0..24 {
                for carried_out in [false, true] {
                    if matches!(act, Act::AdvanceScope { .. }) {
                        model.nodes[0].begin_scope_rotation(&model.scopes[0], vec![]).await.unwrap();
                    }
                    let death = Some(Death { at_call, carried_out });
                    model.run(&Step { node: 0, act: act.clone(), death }).await;
                    model.run(&Step { node: 1, act: Act::Write { credential: 0 }, death: None }).await;
                    keep_between_two_and_five_slots(&model).await;
                }
            }
            model.check().await;
        }
    });
}

/// Puts back what the tried acts take away or pile up, so that each try has the same chance to do its work.
async fn keep_between_two_and_five_slots(model: &Model) {
    let keyring = model.world.unlock(keys()).await.unwrap();
    let slots: Vec<_> =
        model.world.store.slots().await.unwrap().into_iter().filter(|slot| slot.provider == "env").collect();
    if slots.len() < 2 {
        keyring.add_slot(&provider(1), vec![]).await.unwrap();
    }
    let force = RemoveSlot { force: true, ..RemoveSlot::default() };
    for slot in slots.iter().skip(5) {
        keyring.remove_slot(slot.id, force, vec![]).await.unwrap();
    }
}
