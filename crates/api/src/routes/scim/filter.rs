//! Filters and paths of SCIM (RFC 7644 sections 3.4.2.2 and 3.5.2). Pure.

mod read;

use serde_json::{Map, Value};

use super::patch::member;

pub(super) use read::{filter, path};

/// Where a value is: an attribute, or a part of one. Names are compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The attribute, as it was written, without the name of a schema.
    pub(super) attribute: String,
    /// A part of it.
    pub(super) sub: Option<String>,
    /// Whether it belongs to a schema that is not kept: it has no value then.
    pub(super) is_foreign: bool,
}

/// How two values are compared (RFC 7644 table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// Which resources, or which values of an attribute, are meant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    /// A value compares so with this one.
    Compare(Place, Operator, Value),
    /// There is a value.
    Present(Place),
    /// One of the values of an attribute fits.
    Values(Place, Box<Filter>),
    /// All fit.
    All(Vec<Filter>),
    /// One fits.
    Any(Vec<Filter>),
    /// It does not fit.
    Not(Box<Filter>),
}

/// Where a change is made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    /// The attribute, and a part of it.
    pub(super) place: Place,
    /// Which of its values.
    pub(super) filter: Option<Filter>,
}

impl Place {
    /// Whether it is this attribute.
    pub(super) fn is(&self, attribute: &str) -> bool {
        !self.is_foreign && self.attribute.eq_ignore_ascii_case(attribute)
    }

    /// The name in lower case, with its part behind a dot.
    pub(super) fn name(&self) -> String {
        let sub = self.sub.as_ref().map(|sub| format!(".{sub}")).unwrap_or_default();
        format!("{}{sub}", self.attribute).to_lowercase()
    }

    /// Its values in an object; of a value with parts, the part that is named `value`.
    fn values<'v>(&self, object: &'v Map<String, Value>) -> Vec<&'v Value> {
        if self.is_foreign {
            return Vec::new();
        }
        let all: Vec<&Value> = match member(object, &self.attribute) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(all)) => all.iter().collect(),
            Some(one) => vec![one],
        };
        let part = |value: &'v Value| match (value, &self.sub) {
            (Value::Object(parts), Some(sub)) => member(parts, sub),
            (Value::Object(parts), None) => member(parts, "value").or(Some(value)),
            (_, Some(_)) => None,
            (plain, None) => Some(plain),
        };
        all.into_iter().filter_map(part).filter(|value| !value.is_null()).collect()
    }

    /// What a resource is sorted by here: of several values the primary one, else the first (RFC 7644 section 3.4.2.3).
    pub(super) fn sort_key(&self, object: &Map<String, Value>, exact: &[&str]) -> Option<String> {
        let is_primary =
            |one: &&Value| one.as_object().and_then(|one| member(one, "primary")) == Some(&true.into());
        let all = member(object, &self.attribute).and_then(Value::as_array);
        let first = all.and_then(|all| all.iter().find(is_primary).or_else(|| all.first()));
        let narrowed = first.map(|first| Map::from_iter([(self.attribute.clone(), first.clone())]));
        match self.values(narrowed.as_ref().unwrap_or(object)).first()? {
            // A text without letters is no value.
            Value::String(text) if text.is_empty() => None,
            Value::String(text) if self.is_exact(exact) => Some(text.clone()),
            Value::String(text) => Some(text.to_lowercase()),
            other => Some(other.to_string()),
        }
    }

    /// Whether upper and lower case are two things there (`caseExact` of the schema).
    fn is_exact(&self, exact: &[&str]) -> bool {
        exact.iter().any(|name| self.is(name)) || self.is("meta")
    }
}

impl Filter {
    /// Whether an object fits. `exact` are the attributes whose case counts.
    pub(super) fn fits(&self, object: &Map<String, Value>, exact: &[&str]) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.fits(object, exact)),
            Self::Any(any) => any.iter().any(|one| one.fits(object, exact)),
            Self::Not(one) => !one.fits(object, exact),
            Self::Present(place) => {
                let is_empty = |value: &Value| matches!(value, Value::String(text) if text.is_empty());
                place.values(object).into_iter().any(|value| !is_empty(value))
            }
            Self::Values(place, inner) => {
                let listed = if place.is_foreign { None } else { member(object, &place.attribute) };
                let all = listed.and_then(Value::as_array).into_iter().flatten();
                all.filter_map(Value::as_object).any(|one| inner.fits(one, exact))
            }
            Self::Compare(place, operator, wanted) => {
                let values = place.values(object);
                let fits = |operator| {
                    let exact = place.is_exact(exact);
                    values.iter().any(|own| compares(own, operator, wanted, exact))
                };
                match operator {
                    Operator::Equal if wanted.is_null() => values.is_empty(),
                    Operator::NotEqual if wanted.is_null() => !values.is_empty(),
                    Operator::NotEqual => !fits(Operator::Equal),
                    operator => fits(*operator),
                }
            }
        }
    }

    /// The attribute and the text, where the filter is one comparison for equality with a text.
    pub(super) fn as_equal(&self) -> Option<(String, &str)> {
        match self {
            Self::Compare(place, Operator::Equal, Value::String(text)) if !place.is_foreign => {
                Some((place.name(), text))
            }
            _ => None,
        }
    }

    /// What a new value has to hold so that it fits: the equalities that all have to hold.
    pub(super) fn equalities(&self) -> Vec<(String, Value)> {
        match self {
            Self::Compare(place, Operator::Equal, value) => vec![(place.attribute.clone(), value.clone())],
            Self::All(all) => all.iter().flat_map(Self::equalities).collect(),
            _ => Vec::new(),
        }
    }
}

/// Whether one value compares so with another.
fn compares(own: &Value, operator: Operator, wanted: &Value, is_exact: bool) -> bool {
    let (Value::String(own), Value::String(wanted)) = (own, wanted) else {
        // Entra writes truth as a text.
        let truth = |value: &Value| match value {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) => text.to_ascii_lowercase().parse().ok(),
            _ => None,
        };
        let is_same = own == wanted || truth(own).is_some_and(|own| truth(wanted) == Some(own));
        return operator == Operator::Equal && is_same;
    };
    let folded = |text: &str| if is_exact { text.to_owned() } else { text.to_lowercase() };
    let (own, wanted) = (folded(own), folded(wanted));
    match operator {
        Operator::Equal => own == wanted,
        Operator::NotEqual => own != wanted,
        Operator::Contains => own.contains(&wanted),
        Operator::StartsWith => own.starts_with(&wanted),
        Operator::EndsWith => own.ends_with(&wanted),
        Operator::Greater => later(&own, &wanted).is_gt(),
        Operator::GreaterOrEqual => later(&own, &wanted).is_ge(),
        Operator::Less => later(&own, &wanted).is_lt(),
        Operator::LessOrEqual => later(&own, &wanted).is_le(),
    }
}

/// The order of two texts; of two times the one in time, whatever their form.
fn later(own: &str, wanted: &str) -> std::cmp::Ordering {
    let time = |text: &str| text.parse::<flero_model::Timestamp>().ok();
    match (time(own), time(wanted)) {
        (Some(own), Some(wanted)) => own.cmp(&wanted),
        _ => own.cmp(wanted),
    }
}

#[cfg(test)]
mod tests;
