//! Values: literals, names, roots, parentheses, arrays, objects and template text.

use super::{Parser, Result};
use crate::ast::{Base, Entry, Expr, Item, Piece};
use crate::functions;
use crate::lex::{SyntaxError, Tok};
use crate::pattern::Pattern;
use crate::scope::Root;
use crate::value::Number;

/// Words of JavaScript that have no meaning here. Their message is better than that of an unknown name.
const FOREIGN: [&str; 35] = [
    "this",
    "new",
    "function",
    "class",
    "super",
    "import",
    "export",
    "require",
    "eval",
    "Function",
    "var",
    "let",
    "const",
    "if",
    "else",
    "for",
    "while",
    "do",
    "return",
    "throw",
    "try",
    "catch",
    "with",
    "delete",
    "void",
    "instanceof",
    "async",
    "await",
    "yield",
    "arguments",
    "globalThis",
    "window",
    "global",
    "process",
    "switch",
];

impl Parser<'_> {
    /// Reads the start of a reference, or any other value.
    pub(super) fn base(&mut self) -> Result<Base> {
        let at = self.place();
        let expr = match self.peek() {
            Tok::Number(number) => Expr::Number(*number),
            Tok::Text(text) => Expr::Text(text.as_str().into()),
            Tok::Pattern { source, flags } => {
                let pattern = Pattern::new(source.clone(), flags.clone())
                    .map_err(|message| SyntaxError { message, at })?;
                Expr::Pattern(Box::new(pattern))
            }
            Tok::Name(name) => {
                self.at += 1;
                return self.name(name, at);
            }
            Tok::Mark("(") => {
                self.at += 1;
                let inner = self.expr()?;
                self.expect(")", "to close the parenthesis")?;
                return Ok(Base::Expr(inner));
            }
            Tok::Mark("[") => return Ok(Base::Expr(self.array()?)),
            Tok::Mark("{") => return Ok(Base::Expr(self.object()?)),
            Tok::TemplateStart => return Ok(Base::Expr(self.template()?)),
            _ => return self.unexpected(),
        };
        self.at += 1;
        Ok(Base::Expr(expr))
    }

    fn name(&mut self, name: &str, at: usize) -> Result<Base> {
        let fail = |message: String| Err(SyntaxError { message, at });
        // The innermost parameter of a name counts.
        if let Some(slot) = self.locals.iter().rposition(|local| local == name) {
            return Ok(Base::Local { slot, name: name.into() });
        }
        let expr = match name {
            "true" => Expr::Bool(true),
            "false" => Expr::Bool(false),
            "null" => Expr::Null,
            "undefined" => Expr::Undefined,
            "NaN" => Expr::Number(Number::Float(f64::NAN)),
            "Infinity" => Expr::Number(Number::Float(f64::INFINITY)),
            "$node" => return self.node(),
            "$now" => return self.global("now", Vec::new(), at),
            _ if name.starts_with('$') => {
                let Some(root) = Root::from_name(name) else {
                    let known: Vec<_> = Root::ALL.iter().map(|root| root.name()).collect();
                    return fail(format!(
                        "`{}` is unknown; there are $node, {}",
                        short(name),
                        known.join(", ")
                    ));
                };
                self.roots.roots.insert(root);
                return Ok(Base::Root(root));
            }
            _ if self.is("(") && functions::global(name).is_some() => {
                let args = self.args(name)?;
                return self.global(name, args, at);
            }
            _ if functions::is_namespace(name) => return self.namespace(name, at),
            _ if FOREIGN.contains(&name) => {
                return fail(format!("`{name}` is not part of the expression language"));
            }
            _ if functions::global(name).is_some() => {
                return fail(format!("`{name}` is a function; call it with parentheses"));
            }
            _ => {
                return fail(format!(
                    "`{}` is unknown; text needs quotes, and data starts with `$`",
                    short(name)
                ));
            }
        };
        Ok(Base::Expr(expr))
    }

    /// Reads what follows `$node`: a name in brackets or behind a dot.
    fn node(&mut self) -> Result<Base> {
        let base = if self.eat("[") {
            let name = self.expr()?;
            self.expect("]", "behind the node's name")?;
            match name {
                Expr::Text(name) => {
                    self.roots.nodes.insert(name.to_string());
                    Base::Node(name)
                }
                name => {
                    self.roots.any_node = true;
                    Base::AnyNode(name)
                }
            }
        } else if let (true, Tok::Name(name)) = (self.is("."), self.peek_at(1)) {
            self.at += 2;
            self.roots.nodes.insert(name.clone());
            Base::Node(name.as_str().into())
        } else {
            return self.fail("`$node` needs the name of a node, as in `$node[\"Name\"].json`");
        };
        Ok(base)
    }

    fn namespace(&mut self, namespace: &str, at: usize) -> Result<Base> {
        let (true, Tok::Name(member)) = (self.is("."), self.peek_at(1)) else {
            return Err(SyntaxError {
                message: format!("`{namespace}` only holds functions, such as those of `Math`"),
                at,
            });
        };
        self.at += 2;
        let full = format!("{namespace}.{member}");
        if let Some(number) = functions::constant(&full) {
            return Ok(Base::Expr(Expr::Number(Number::Float(number))));
        }
        if functions::global(&full).is_none() || !self.is("(") {
            let message = format!("`{namespace}` has no function `{}`", short(member));
            return Err(SyntaxError { message, at });
        }
        let args = self.args(&full)?;
        self.global(&full, args, at)
    }

    /// A call of a global function.
    fn global(&mut self, name: &str, args: Vec<Item>, at: usize) -> Result<Base> {
        let call = super::call::resolve_global(name, args).map_err(|message| SyntaxError { message, at })?;
        Ok(Base::Expr(Expr::Call(Box::new(call))))
    }

    fn array(&mut self) -> Result<Expr> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.eat("]") {
            items.push(if self.eat("...") { Item::Spread(self.expr()?) } else { Item::One(self.expr()?) });
            if !self.eat(",") && !self.is("]") {
                return self.fail("a `,` or `]` is missing in the array");
            }
        }
        Ok(Expr::Array(items))
    }

    fn object(&mut self) -> Result<Expr> {
        self.at += 1;
        let mut entries = Vec::new();
        while !self.eat("}") {
            entries.push(self.entry()?);
            if !self.eat(",") && !self.is("}") {
                return self.fail("a `,` or `}` is missing in the object");
            }
        }
        Ok(Expr::Object(entries))
    }

    fn entry(&mut self) -> Result<Entry> {
        if self.eat("...") {
            return Ok(Entry::Spread(self.expr()?));
        }
        let at = self.place();
        let key: Box<str> = match self.peek() {
            Tok::Mark("[") => {
                self.at += 1;
                let key = self.expr()?;
                self.expect("]", "behind the computed key")?;
                self.expect(":", "behind the key")?;
                return Ok(Entry::Computed(key, self.expr()?));
            }
            Tok::Name(name) => name.as_str().into(),
            Tok::Text(text) => text.as_str().into(),
            Tok::Number(number) => {
                let mut key = String::new();
                crate::value::format_number(*number, &mut key);
                key.into()
            }
            _ => return self.fail("a key is missing in the object"),
        };
        let is_name = matches!(self.peek(), Tok::Name(_));
        self.at += 1;
        if self.eat(":") {
            return Ok(Entry::Named(key, self.expr()?));
        }
        if is_name && self.locals.iter().any(|local| **local == *key) {
            let base @ Base::Local { .. } = self.name(&key, at)? else {
                return self.unexpected();
            };
            let path = crate::ast::Path { base, steps: Vec::new() };
            return Ok(Entry::Named(key, Expr::Path(Box::new(path))));
        }
        self.fail("a `:` is missing behind the key")
    }

    fn template(&mut self) -> Result<Expr> {
        self.at += 1;
        let mut pieces = Vec::new();
        loop {
            match self.peek() {
                Tok::TemplateText(text) => {
                    if !text.is_empty() {
                        pieces.push(Piece::Text(text.as_str().into()));
                    }
                    self.at += 1;
                }
                Tok::TemplateOpen => {
                    self.at += 1;
                    pieces.push(Piece::Value(self.expr()?));
                    if self.peek() != &Tok::TemplateClose {
                        return self.unexpected();
                    }
                    self.at += 1;
                }
                Tok::TemplateEnd => {
                    self.at += 1;
                    return Ok(Expr::Template(pieces));
                }
                _ => return self.unexpected(),
            }
        }
    }
}

/// A name for a message, cut to a bounded length.
pub(super) fn short(name: &str) -> String {
    crate::template::shorten(name)
}
