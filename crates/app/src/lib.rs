//! Use cases by noun, with their permission checks. The API and the command line both call these.
//!
//! **Invariant:** every use case that a person or a program asks for takes a
//! [`Principal`](flero_model::policy::Principal) and asks [`flero_model::policy::decide`]; nothing else in the
//! program decides who may do what. **Invariant:** the audit record of an act is written in the act's own
//! transaction. **Invariant:** nothing here knows HTTP's status codes.

pub mod api_keys;
mod app;
pub mod audit;
mod changes;
pub mod connectors;
pub mod credentials;
mod error;
pub mod executions;
pub mod expressions;
pub mod marketplace;
pub mod notifications;
pub mod pasted_secrets;
pub mod people;
pub mod practice;
mod proxy;
mod random;
pub mod settings;
mod standing;
pub mod variables;
pub mod vault;
pub mod webhooks;
pub mod workflows;

pub use app::{App, Parts};
pub use changes::Changes;
pub use error::{AppNeeded, AuthFault, Error, Refusal, Result, WorkflowUse};
pub use flero_store::Error as StoreError;
