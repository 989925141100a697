//! Credentials of the type `custom`: values in the places that a connector described. The places are a part of the
//! policy; the values are filled in from the parameters and the secrets.

use flero_model::{
    credential::Policy,
    service::{self, PLACEMENTS, Placement},
};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Document, Place, Scheme, field_name, secret_value};
use crate::error::Kind;

/// The schemes of the placements.
///
/// # Errors
/// [`Kind::CredentialMalformed`] when there is none, or one names a field that is not given.
pub(super) fn read(policy: &Policy, document: &Document) -> Result<Vec<Scheme>, Kind> {
    place(&described(policy)?, |name| {
        document.optional_text(name).or_else(|| policy.parameters.get(name).and_then(Value::as_str))
    })
}

/// The placements that the description named.
///
/// # Errors
/// [`Kind::CredentialMalformed`] when there is none.
pub(super) fn described(policy: &Policy) -> Result<Vec<Placement>, Kind> {
    let described = policy.parameters.get(PLACEMENTS).cloned().unwrap_or_default();
    let placements: Vec<Placement> =
        serde_json::from_value(described).map_err(|_| Kind::CredentialMalformed)?;
    if placements.is_empty() { Err(Kind::CredentialMalformed) } else { Ok(placements) }
}

/// The schemes of placements with these values.
///
/// # Errors
/// [`Kind::CredentialMalformed`] when one names a value that is not given, or that cannot stand there.
pub(super) fn place<'v>(
    placements: &[Placement],
    value_of: impl Fn(&str) -> Option<&'v str>,
) -> Result<Vec<Scheme>, Kind> {
    placements.iter().map(|placement| scheme(placement, &value_of)).collect()
}

fn scheme<'v>(placement: &Placement, value_of: impl Fn(&str) -> Option<&'v str>) -> Result<Scheme, Kind> {
    let key = Zeroizing::new(placement.value.fill(value_of).map_err(|_| Kind::CredentialMalformed)?);
    let place = match placement.place {
        service::Place::Header => {
            return Ok(Scheme::Fields(vec![(field_name(&placement.name)?, secret_value(&[&key])?)]));
        }
        service::Place::Query => Place::Query,
        service::Place::Cookie => Place::Cookie,
        service::Place::Path => Place::Path,
        service::Place::Body => Place::Body,
    };
    Ok(Scheme::Key { place, name: placement.name.clone(), key })
}
