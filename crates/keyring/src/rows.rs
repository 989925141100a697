//! Translation between stored rows and the vault's values.

use flero_model::json;
use flero_store::keys::{KeyVersionState, ScopeKeyRow, SlotRow};
use flero_vault::slot::Wrapped;
use flero_vault::{KeyState, SlotRecord, WrappedScopeKey};

/// What the slot-set signature covers. The parameters are brought into canonical form, because a database may
/// order the members of a JSON value in its own way.
pub(crate) fn slot_record(row: &SlotRow) -> SlotRecord {
    SlotRecord {
        id: row.id.to_string(),
        provider: row.provider.clone(),
        key_id: row.provider_key_id.clone(),
        parameters: parameters_text(&row.parameters),
        blob: row.blob.clone(),
        created_at_ms: row.created_at.as_millis(),
    }
}

pub(crate) fn slot_records(rows: &[SlotRow]) -> Vec<SlotRecord> {
    rows.iter().map(slot_record).collect()
}

/// What a provider needs to unwrap a slot.
pub(crate) fn wrapped(row: &SlotRow) -> Wrapped {
    Wrapped {
        key_id: row.provider_key_id.clone(),
        parameters: parameters_text(&row.parameters),
        blob: row.blob.clone(),
    }
}

pub(crate) fn parameters_text(parameters: &serde_json::Value) -> String {
    String::from_utf8_lossy(&json::canonical(parameters)).into_owned()
}

pub(crate) fn parameters_value(text: &str) -> Result<serde_json::Value, flero_vault::Error> {
    serde_json::from_str(text).map_err(|_| flero_vault::Error::Malformed)
}

pub(crate) fn key_state(state: KeyVersionState) -> KeyState {
    match state {
        KeyVersionState::Pre => KeyState::Pre,
        KeyVersionState::Active => KeyState::Active,
        KeyVersionState::Decrypt => KeyState::Decrypt,
        KeyVersionState::Disabled => KeyState::Disabled,
        KeyVersionState::Destroyed => KeyState::Destroyed,
    }
}

pub(crate) fn wrapped_scope_key(row: &ScopeKeyRow) -> WrappedScopeKey {
    WrappedScopeKey { version: row.version, state: key_state(row.state), wrapped: row.wrapped.clone() }
}
