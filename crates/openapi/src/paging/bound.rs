//! How far a service tells a list, whatever it holds: it refuses what lies behind.

use serde_json::Value;

use super::schema_of;
use crate::connector::Operation;

/// How far a service tells a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    /// So many items.
    pub items: Option<u64>,
    /// The input that chooses a page, and its greatest value: the `maximum` of its schema.
    pub greatest: Option<(String, u64)>,
}

impl Bound {
    /// That of an operation.
    #[must_use]
    pub fn of(operation: &Operation) -> Self {
        let Some(hint) = &operation.hints.pagination else { return Self::default() };
        let greatest = hint.input().and_then(|input| {
            let maximum = schema_of(operation, input)?.get("maximum")?;
            // A schema may write a whole number as 10.0.
            let maximum =
                maximum.as_u64().or_else(|| maximum.to_string().strip_suffix(".0")?.parse().ok())?;
            Some((input.to_owned(), maximum))
        });
        Self { items: hint.max_items(), greatest }
    }

    /// Why the service refuses the page that is asked for with this value of the input that chooses it, as a sentence;
    /// `None` where it does not. So many items were `read`; the `last` page, with its count of items and its number from
    /// 1, was one of them.
    ///
    /// A page may not reach beyond the last item, whether there is one or not: Auth0 refuses page N with R items a page
    /// when N * R + R > 1000 (<https://support.auth0.com/center/s/article/pagination-error-when-getting-user-roles>). A
    /// page is as long as the last one, or, where that was a short one, as those before it.
    #[must_use]
    pub fn refuses(&self, read: u64, last: (u64, u64), value: Option<&Value>) -> Option<String> {
        let (count, number) = last;
        if let Some(most) = self.items {
            let before = (read - count.min(read)).checked_div(number.saturating_sub(1)).unwrap_or(0);
            if read + count.max(before) > most {
                return Some(format!(
                    "The service tells no more than {most} items of this list. Narrow it down with the other inputs."
                ));
            }
        }
        let (input, greatest) = self.greatest.as_ref()?;
        (value?.as_u64()? > *greatest).then(|| {
            format!(
                "The service takes no `{input}` above {greatest}. Narrow the list down with the other inputs."
            )
        })
    }
}
