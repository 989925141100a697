//! Between the model's values and SQLite's: identifiers as 16 bytes, times as milliseconds, closed sets as the
//! names or numbers that the migrations list. A stored value that cannot be read is [`Error::Corrupt`].

use flero_model::{
    ApiKeyId, CredentialId, DeliveryId, ExecutionId, GroupId, IdentityId, IdentityProviderId, InstanceId,
    InviteId, NodeInstanceId, NotificationId, OauthAppId, OauthAttemptId, OrganizationId, PasskeyId,
    RevocationId, ScopeRequestId, SessionId, SlotId, SubscriptionId, Timestamp, UserId, WebhookEndpointId,
    WorkflowId, WorkspaceId,
};
use flero_store::Error;
use rusqlite::Row;
use serde::{Serialize, de::DeserializeOwned};

use crate::error::Outcome;

/// A typed identifier, for generic reading.
pub(crate) trait TypedId: Sized {
    /// From its 128 bits.
    fn from_bits(bits: u128) -> Self;
}

macro_rules! typed_ids {
    ($($name:ident),*) => { $(impl TypedId for $name {
        fn from_bits(bits: u128) -> Self {
            Self::from_u128(bits)
        }
    })* };
}

typed_ids!(
    ApiKeyId,
    CredentialId,
    DeliveryId,
    ExecutionId,
    GroupId,
    IdentityId,
    IdentityProviderId,
    InstanceId,
    InviteId,
    NodeInstanceId,
    NotificationId,
    OauthAppId,
    OauthAttemptId,
    OrganizationId,
    PasskeyId,
    ScopeRequestId,
    SessionId,
    RevocationId,
    SlotId,
    SubscriptionId,
    UserId,
    WebhookEndpointId,
    WorkflowId,
    WorkspaceId
);

/// The identifier in a column.
pub(crate) fn id<T: TypedId>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    Ok(T::from_bits(u128::from_be_bytes(row.get(column)?)))
}

/// The identifier in a column that may be empty.
pub(crate) fn id_or_none<T: TypedId>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(|bytes| T::from_bits(u128::from_be_bytes(bytes))))
}

/// The time in a column.
pub(crate) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Ok(Timestamp::from_millis(row.get(column)?))
}

/// The time in a column that may be empty.
pub(crate) fn time_or_none(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis))
}

/// A time as it is stored.
pub(crate) fn millis(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_millis)
}

/// A count in a column.
pub(crate) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.cast_unsigned())
}

/// A count as it is stored. Counters start at 0 and grow by 1, so the sign bit is never reached.
pub(crate) const fn signed(count: u64) -> i64 {
    count.cast_signed()
}

/// A value as JSON text.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Outcome<String> {
    serde_json::to_string(value).map_err(|_| Error::Corrupt { what: "a value to be stored" }.into())
}

/// The JSON text in a column.
pub(crate) fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize, what: &'static str) -> Outcome<T> {
    let text = row.get_ref(column)?.as_str().map_err(|_| Error::Corrupt { what })?;
    serde_json::from_str(text).map_err(|_| Error::Corrupt { what }.into())
}

/// The name of a closed set in a column, read by the set's own serde names.
pub(crate) fn named<T: DeserializeOwned>(row: &Row<'_>, column: usize, what: &'static str) -> Outcome<T> {
    let text = row.get_ref(column)?.as_str().map_err(|_| Error::Corrupt { what })?;
    T::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(text))
        .map_err(|_| Error::Corrupt { what }.into())
}

/// Text as it is searched in: lower case, with the same rule for what is stored and what is asked for.
pub(crate) fn searchable<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().map(str::to_lowercase).collect::<Vec<_>>().join("\n")
}
