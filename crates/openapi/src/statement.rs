//! Operations of a database: a statement with places, and inputs that are bound to it.
//!
//! A value never becomes text of the statement: `{{name}}` is a parameter that the server binds. Where SQL has no
//! parameters, for names of tables and columns, a place says so and the name is written as a quoted identifier (SQL-92
//! section 5.2), which nothing that stands in it can end.

use flero_model::database::Engine;
use serde_json::{Map, Value};

use crate::request::Fault;

/// A statement as a server takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The text with `$1`, `$2`, ... (PostgreSQL) or `?` (MySQL) where values belong.
    pub sql: String,
    /// The values, in that order.
    pub values: Vec<Value>,
    engine: Engine,
}

/// The longest identifier, in bytes: PostgreSQL cuts longer ones, so that two could become one.
const MAX_IDENTIFIER: usize = 63;

/// Makes a statement of its template. A place is `{{name}}` or `{{name|how}}`, with `how` one of `identifier`,
/// `names`, `columns`, `order`, `limit`, `row`, `assignments`, `excluded` and `conditions`.
///
/// # Errors
/// [`Fault`] where an input does not fit its place.
pub fn prepare(engine: Engine, template: &str, inputs: &Map<String, Value>) -> Result<Prepared, Fault> {
    let mut prepared = Prepared { sql: String::new(), values: Vec::new(), engine };
    let mut rest = template;
    while let Some((before, tail)) = rest.split_once("{{") {
        let (place, after) = tail.split_once("}}").ok_or_else(|| Fault::new("", "A place is not closed."))?;
        prepared.sql.push_str(before);
        let (name, how) =
            place.split_once('|').map_or((place.trim(), ""), |(name, how)| (name.trim(), how.trim()));
        prepared.put(name, how, inputs.get(name).unwrap_or(&Value::Null))?;
        rest = after;
    }
    prepared.sql.push_str(rest);
    Ok(prepared)
}

impl Prepared {
    fn put(&mut self, input: &str, how: &str, value: &Value) -> Result<(), Fault> {
        match how {
            "" => self.bind(value),
            "identifier" => {
                let text = value.as_str().unwrap_or_default();
                let parts: Result<Vec<String>, Fault> =
                    text.split('.').map(|part| self.quoted(input, part)).collect();
                self.sql.push_str(&parts?.join("."));
            }
            "names" | "columns" => {
                let names = self.names(input, value)?;
                if names.is_empty() && how == "names" {
                    return Err(Fault::new(input, "Name at least one column."));
                }
                self.sql.push_str(&if names.is_empty() { "*".to_owned() } else { names.join(", ") });
            }
            "order" => {
                let part = |name: &Value| {
                    let name = name.as_str().unwrap_or_default();
                    match name.strip_prefix('-') {
                        Some(name) => Ok(format!("{} DESC", self.quoted(input, name)?)),
                        None => self.quoted(input, name),
                    }
                };
                let parts: Result<Vec<String>, Fault> = list(value).iter().map(part).collect();
                let parts = parts?;
                if !parts.is_empty() {
                    self.sql.push_str(&format!(" ORDER BY {}", parts.join(", ")));
                }
            }
            // MySQL knows no `LIMIT NULL`.
            "limit" if value.is_null() => {}
            "limit" => {
                self.sql.push_str(" LIMIT ");
                self.bind(value);
            }
            "row" => self.row(input, members(input, value)?)?,
            "assignments" | "excluded" => self.assignments(input, how, members(input, value)?)?,
            "conditions" => self.conditions(input, value)?,
            _ => return Err(Fault::new(input, "The statement has a place of a kind that is not known.")),
        }
        Ok(())
    }

    fn bind(&mut self, value: &Value) {
        self.values.push(value.clone());
        match self.engine {
            Engine::Postgresql => self.sql.push_str(&format!("${}", self.values.len())),
            Engine::Mysql => self.sql.push('?'),
        }
    }

    /// Columns and values of a new row.
    fn row(&mut self, input: &str, row: &Map<String, Value>) -> Result<(), Fault> {
        if row.is_empty() {
            self.sql.push_str(match self.engine {
                Engine::Postgresql => "DEFAULT VALUES",
                Engine::Mysql => "() VALUES ()",
            });
            return Ok(());
        }
        let columns: Result<Vec<String>, Fault> = row.keys().map(|name| self.quoted(input, name)).collect();
        self.sql.push_str(&format!("({}) VALUES (", columns?.join(", ")));
        for (place, value) in row.values().enumerate() {
            self.sql.push_str(if place == 0 { "" } else { ", " });
            self.bind(value);
        }
        self.sql.push(')');
        Ok(())
    }

    fn assignments(&mut self, input: &str, how: &str, row: &Map<String, Value>) -> Result<(), Fault> {
        if row.is_empty() {
            return Err(Fault::new(input, "Name at least one column with its value."));
        }
        for (place, (name, value)) in row.iter().enumerate() {
            let name = self.quoted(input, name)?;
            self.sql.push_str(if place == 0 { "" } else { ", " });
            if how == "excluded" {
                self.sql.push_str(&match self.engine {
                    Engine::Postgresql => format!("{name} = EXCLUDED.{name}"),
                    // Both MySQL and MariaDB know this form; each has a newer one that the other does not.
                    Engine::Mysql => format!("{name} = VALUES({name})"),
                });
            } else {
                self.sql.push_str(&format!("{name} = "));
                self.bind(value);
            }
        }
        Ok(())
    }

    fn quoted(&self, input: &str, name: &str) -> Result<String, Fault> {
        if name.is_empty() || name.len() > MAX_IDENTIFIER || name.chars().any(char::is_control) {
            return Err(Fault::new(input, "This names a table or columns, each with 1 to 63 bytes."));
        }
        Ok(match self.engine {
            Engine::Postgresql => format!("\"{}\"", name.replace('"', "\"\"")),
            // Read as a name whatever the server's `sql_mode` says of double quotes.
            Engine::Mysql => format!("`{}`", name.replace('`', "``")),
        })
    }

    fn names(&self, input: &str, value: &Value) -> Result<Vec<String>, Fault> {
        list(value).iter().map(|name| self.quoted(input, name.as_str().unwrap_or_default())).collect()
    }

    /// Columns that have to be equal to values; without one, every row fits.
    fn conditions(&mut self, input: &str, value: &Value) -> Result<(), Fault> {
        let none = Map::new();
        let wanted = if value.is_null() { &none } else { members(input, value)? };
        if wanted.is_empty() {
            self.sql.push_str("TRUE");
        }
        for (place, (name, value)) in wanted.iter().enumerate() {
            let name = self.quoted(input, name)?;
            self.sql.push_str(if place == 0 { "" } else { " AND " });
            match value {
                Value::Null => self.sql.push_str(&format!("{name} IS NULL")),
                Value::Array(_) | Value::Object(_) => {
                    return Err(Fault::new(input, "A column is compared with one value, or with null."));
                }
                value => {
                    self.sql.push_str(&format!("{name} = "));
                    self.bind(value);
                }
            }
        }
        Ok(())
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn members<'v>(input: &str, value: &'v Value) -> Result<&'v Map<String, Value>, Fault> {
    value.as_object().ok_or_else(|| Fault::new(input, "This is an object of columns and values."))
}

#[cfg(test)]
mod tests {
    use Engine::{Mysql, Postgresql};
    use serde_json::json;

    use super::*;

    fn of(template: &str, inputs: Value) -> Result<(String, Vec<Value>), String> {
        of_engine(Postgresql, template, inputs)
    }

    fn of_engine(engine: Engine, template: &str, inputs: Value) -> Result<(String, Vec<Value>), String> {
        let inputs = inputs.as_object().cloned().unwrap();
        prepare(engine, template, &inputs).map(|made| (made.sql, made.values)).map_err(|fault| fault.message)
    }

    #[test]
    fn values_are_bound_and_names_are_quoted() {
        let insert = "INSERT INTO {{table|identifier}} {{row|row}} RETURNING *";
        let evil = "x\"; DROP TABLE a; --";
        assert_eq!(
            of(insert, json!({"table": "public.orders", "row": {"a": 1, evil: "'; DROP TABLE a; --"}})).unwrap(),
            (
                "INSERT INTO \"public\".\"orders\" (\"a\", \"x\"\"; DROP TABLE a; --\") VALUES ($1, $2) RETURNING *".into(),
                vec![json!(1), json!("'; DROP TABLE a; --")]
            )
        );
        assert_eq!(
            of(insert, json!({"table": "t", "row": {}})).unwrap().0,
            "INSERT INTO \"t\" DEFAULT VALUES RETURNING *"
        );
        let select = "SELECT {{columns|columns}} FROM {{table|identifier}} WHERE {{where|conditions}}{{order|order}} LIMIT {{limit}}";
        let asked = json!({"table": "t", "columns": ["a"], "where": {"b": null, "c": 2}, "order": ["-a", "b"], "limit": 5});
        assert_eq!(
            of(select, asked).unwrap(),
            (
                "SELECT \"a\" FROM \"t\" WHERE \"b\" IS NULL AND \"c\" = $1 ORDER BY \"a\" DESC, \"b\" LIMIT $2".into(),
                vec![json!(2), json!(5)]
            )
        );
        assert_eq!(
            of(select, json!({"table": "t"})).unwrap(),
            ("SELECT * FROM \"t\" WHERE TRUE LIMIT $1".into(), vec![Value::Null])
        );
        let update = "UPDATE t SET {{row|assignments}} ON CONFLICT ({{keys|names}}) SET {{row|excluded}}";
        assert_eq!(
            of(update, json!({"row": {"a": 1}, "keys": ["id"]})).unwrap().0,
            "UPDATE t SET \"a\" = $1 ON CONFLICT (\"id\") SET \"a\" = EXCLUDED.\"a\""
        );
    }

    #[test]
    fn mysql_has_its_own_places_and_quotes() {
        let evil = "x`; DROP TABLE a; --";
        let upsert = "INSERT INTO {{table|identifier}} {{row|row}} ON DUPLICATE KEY UPDATE {{row|excluded}}";
        assert_eq!(
            of_engine(Mysql, upsert, json!({"table": "shop.orders", "row": {"a": 1, evil: "?"}})).unwrap(),
            (
                "INSERT INTO `shop`.`orders` (`a`, `x``; DROP TABLE a; --`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `a` = VALUES(`a`), `x``; DROP TABLE a; --` = VALUES(`x``; DROP TABLE a; --`)".into(),
                vec![json!(1), json!("?")]
            )
        );
        let select = "SELECT {{columns|columns}} FROM t{{limit|limit}}";
        assert_eq!(of_engine(Mysql, select, json!({})).unwrap().0, "SELECT * FROM t");
        assert_eq!(
            of_engine(Mysql, select, json!({"limit": 5})).unwrap(),
            ("SELECT * FROM t LIMIT ?".into(), vec![json!(5)])
        );
        let insert = "INSERT INTO {{table|identifier}} {{row|row}}";
        assert_eq!(
            of_engine(Mysql, insert, json!({"table": "t", "row": {}})).unwrap().0,
            "INSERT INTO `t` () VALUES ()"
        );
    }

    #[test]
    fn inputs_that_do_not_fit_their_place_are_refused() {
        for (template, inputs) in [
            ("{{a|identifier}}", json!({"a": ""})),
            ("{{a|identifier}}", json!({"a": "x..y"})),
            ("{{a|identifier}}", json!({"a": ["x"]})),
            ("{{a|identifier}}", json!({"a": "x".repeat(64)})),
            ("{{a|identifier}}", json!({"a": "x\u{0}y"})),
            ("{{a|names}}", json!({"a": []})),
            ("{{a|assignments}}", json!({"a": {}})),
            ("{{a|conditions}}", json!({"a": {"b": [1]}})),
            ("{{a|row}}", json!({"a": 5})),
            ("{{a|raw}}", json!({"a": "x"})),
            ("{{a", json!({})),
        ] {
            of(template, inputs).unwrap_err();
        }
    }
}
