//! The journal: what a run has come through, in order. It is the snapshot.
//!
//! An entry is one transition as JSON: `{"v":1,"r":[record, ...]}`. Records hold each output once; what a node
//! was given is found again from its predecessors. Nodes are named by their place in the version, which never
//! changes; frames (see `crate::run`) by the order in which they were opened.

use std::sync::Arc;

use flero_model::{
    ExecutionId, Timestamp, WorkflowId,
    execution::{ErrorInfo, ExecutionStatus},
};
use flero_store::blobs::BlobRef;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, Result, failure::Class};

/// The form of entries that this program writes.
const VERSION: u32 = 1;

/// A node in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct At(
    /// The frame, in the order of opening; 0 is the run itself.
    pub(crate) u32,
    /// The node's place in its version.
    pub(crate) u32,
);

/// What a node produced, without storing anything twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Output {
    /// This value.
    #[serde(rename = "v")]
    Value(Arc<Value>),
    /// What it was given.
    #[serde(rename = "i")]
    Input,
    /// What the run was given.
    #[serde(rename = "t")]
    Trigger,
    /// The results of the iterations of a loop.
    #[serde(rename = "r")]
    Results,
    /// A payload in blob storage: its name and its length in bytes.
    #[serde(rename = "b")]
    Blob(String, u64),
}

/// How a node ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ending {
    /// It did its work, or failed and its error port took over.
    #[serde(rename = "s")]
    Success,
    /// It failed.
    #[serde(rename = "f")]
    Failed,
    /// It is switched off and passed its input on.
    #[serde(rename = "o")]
    Off,
}

/// The end of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Done {
    #[serde(rename = "n")]
    pub(crate) at: At,
    #[serde(rename = "e")]
    pub(crate) ending: Ending,
    #[serde(rename = "p", default = "output_port", skip_serializing_if = "is_output_port")]
    pub(crate) port: Arc<str>,
    #[serde(rename = "o")]
    pub(crate) output: Output,
    /// When it began and ended, in milliseconds.
    #[serde(rename = "t")]
    pub(crate) times: (i64, i64),
    #[serde(rename = "a", default = "one", skip_serializing_if = "is_one")]
    pub(crate) attempts: u32,
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) maybe_duplicated: bool,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<(ErrorInfo, ClassWord)>,
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) logs: Vec<String>,
    /// Variables that it set.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(crate) variables: Option<Arc<Value>>,
}

fn output_port() -> Arc<str> {
    OUTPUT.with(Arc::clone)
}

fn is_output_port(port: &Arc<str>) -> bool {
    **port == *"output"
}

const fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The signature is serde's.
const fn is_one(attempts: &u32) -> bool {
    *attempts == 1
}

thread_local! {
    /// The port that nearly every node leaves by, so that it is not allocated each time.
    static OUTPUT: Arc<str> = "output".into();
}

/// The `output` port's name, shared.
pub(crate) fn output_name() -> Arc<str> {
    output_port()
}

/// An error class by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ClassWord {
    #[serde(rename = "t")]
    Timeout,
    #[serde(rename = "n")]
    Network,
    #[serde(rename = "v")]
    Validation,
    #[serde(rename = "a")]
    Authentication,
    #[serde(rename = "o")]
    Other,
}

impl From<Class> for ClassWord {
    fn from(class: Class) -> Self {
        match class {
            Class::Timeout => Self::Timeout,
            Class::Network => Self::Network,
            Class::Validation => Self::Validation,
            Class::Authentication => Self::Authentication,
            Class::Other => Self::Other,
        }
    }
}

/// The first record of every run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Begun {
    /// The node that it begins with.
    #[serde(rename = "n")]
    pub(crate) entry: u32,
    #[serde(rename = "i")]
    pub(crate) input: Output,
    /// The workspace's variables, where the version refers to any.
    #[serde(rename = "env", default, skip_serializing_if = "Option::is_none")]
    pub(crate) env: Option<Arc<Map<String, Value>>>,
    /// The workflows that led here through SubWorkflow nodes, outermost first.
    #[serde(rename = "up", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ancestry: Vec<WorkflowId>,
    /// Outputs that are taken as given: the node, the port, the value.
    #[serde(rename = "gv", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) given: Vec<(u32, Arc<str>, Arc<Value>)>,
    /// Whether `entry` is the only node that is carried out.
    #[serde(rename = "only", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) only: bool,
    #[serde(rename = "t")]
    pub(crate) at: Timestamp,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Record {
    /// The run was accepted.
    #[serde(rename = "b")]
    Begun(Box<Begun>),
    /// Its first node may begin (a run beyond the concurrency limit waits between these two).
    #[serde(rename = "g")]
    Go { t: i64 },
    /// A node ended.
    #[serde(rename = "d")]
    Done(Box<Done>),
    /// An attempt of an effect begins: its number, its time.
    #[serde(rename = "f")]
    Effect { n: At, a: u32, t: i64 },
    /// An attempt failed at `t` and another one follows at `u`.
    #[serde(rename = "y")]
    Retry {
        n: At,
        a: u32,
        u: i64,
        x: ErrorInfo,
        /// Entries of earlier versions do not have it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        t: Option<i64>,
    },
    /// After a crash it is not known whether the attempt in flight had its effect; it is made again.
    #[serde(rename = "z")]
    Uncertain { n: At },
    /// A node waits until `u`.
    #[serde(rename = "w")]
    Wait { n: At, t: i64, u: i64 },
    /// A loop begins, with this many iterations and this many at once.
    #[serde(rename = "l")]
    Loop { n: At, t: i64, c: u32, p: u32 },
    /// The next iteration of a loop begins in a new frame.
    #[serde(rename = "i")]
    Iterate { n: At },
    /// The run goes on after its process died. The time in between does not count against its deadline.
    #[serde(rename = "r")]
    Resumed { t: i64 },
    /// Somebody asked to stop the run.
    #[serde(rename = "k")]
    Cancel { t: i64 },
    /// The run ended.
    #[serde(rename = "e")]
    End { s: ExecutionStatus, x: Option<ErrorInfo>, t: i64 },
}

#[derive(Serialize)]
struct EntryOut<'r> {
    v: u32,
    r: &'r [Record],
}

#[derive(Deserialize)]
struct EntryIn {
    v: u32,
    r: Vec<Record>,
}

/// Writes one transition.
pub(crate) fn encode(records: &[Record]) -> Vec<u8> {
    let mut entry = Vec::with_capacity(128 * records.len());
    // Writing JSON values to memory cannot fail: every map has text keys.
    if serde_json::to_writer(&mut entry, &EntryOut { v: VERSION, r: records }).is_err() {
        entry.clear();
    }
    entry
}

/// Reads the journal of a run.
pub(crate) fn decode(execution: ExecutionId, entries: &[Vec<u8>]) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for (place, bytes) in entries.iter().enumerate() {
        let unreadable = || Error::Journal { execution, entry: place };
        let entry: EntryIn = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
        if entry.v != VERSION {
            return Err(unreadable());
        }
        records.extend(entry.r);
    }
    Ok(records)
}

impl Record {
    /// When it happened, where it says so.
    pub(crate) fn time(&self) -> Option<i64> {
        match self {
            Self::Begun(begun) => Some(begun.at.as_millis()),
            Self::Done(done) => Some(done.times.1),
            Self::Go { t }
            | Self::Effect { t, .. }
            | Self::Wait { t, .. }
            | Self::Loop { t, .. }
            | Self::Resumed { t }
            | Self::Cancel { t }
            | Self::End { t, .. } => Some(*t),
            Self::Retry { t, .. } => *t,
            Self::Uncertain { .. } | Self::Iterate { .. } => None,
        }
    }

    /// The output in it, if it has one.
    pub(crate) fn output_mut(&mut self) -> Option<&mut Output> {
        match self {
            Self::Begun(begun) => Some(&mut begun.input),
            Self::Done(done) => Some(&mut done.output),
            _ => None,
        }
    }
}

/// The payload that an output names.
pub(crate) fn blob_of(output: &Output) -> Option<BlobRef> {
    match output {
        Output::Blob(name, _) => Some(BlobRef(name.clone())),
        _ => None,
    }
}
