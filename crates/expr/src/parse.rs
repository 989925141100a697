//! From tokens to the parsed form. Recursion is limited by counting levels; a row of operators of one precedence is
//! read in a loop.

mod call;
mod primary;

use crate::ast::{Base, Binary, Chain, Expr, Step, StepKind, Unary};
use crate::compiled::Roots;
use crate::lex::{SyntaxError, Tok, Token};

type Result<T> = std::result::Result<T, SyntaxError>;

/// Reads the tokens of one expression, and adds to `roots` what it refers to.
pub(crate) fn parse(tokens: &[Token], max_depth: u16, roots: &mut Roots) -> Result<Expr> {
    let mut parser = Parser { tokens, at: 0, depth: 0, max_depth, locals: Vec::new(), roots, power_end: 0 };
    if parser.peek() == &Tok::End {
        return parser.fail("there is no expression between the braces");
    }
    let expr = parser.expr()?;
    if parser.peek() == &Tok::End { Ok(expr) } else { parser.unexpected() }
}

struct Parser<'p> {
    tokens: &'p [Token],
    at: usize,
    depth: u16,
    max_depth: u16,
    /// Parameters of the arrow functions around this place; the position is the slot.
    locals: Vec<String>,
    roots: &'p mut Roots,
    /// Where the last power ended, to tell one behind a sign from one in parentheses.
    power_end: usize,
}

/// The binary operators with their precedence; a higher one binds tighter.
fn binary(token: &Tok) -> Option<(Binary, u8)> {
    Some(match token {
        Tok::Name(name) if name == "in" => (Binary::In, 5),
        Tok::Mark(mark) => match *mark {
            "??" => (Binary::Coalesce, COALESCE),
            "||" => (Binary::Or, 2),
            "&&" => (Binary::And, 3),
            "==" => (Binary::Equal, 4),
            "!=" => (Binary::NotEqual, 4),
            "===" => (Binary::StrictEqual, 4),
            "!==" => (Binary::StrictNotEqual, 4),
            "<" => (Binary::Less, 5),
            "<=" => (Binary::LessEqual, 5),
            ">" => (Binary::Greater, 5),
            ">=" => (Binary::GreaterEqual, 5),
            "+" => (Binary::Add, 6),
            "-" => (Binary::Subtract, 6),
            "*" => (Binary::Multiply, 7),
            "/" => (Binary::Divide, 7),
            "%" => (Binary::Remainder, 7),
            _ => return None,
        },
        _ => return None,
    })
}

/// The precedence of `??`.
pub(crate) const COALESCE: u8 = 1;

impl<'p> Parser<'p> {
    fn peek(&self) -> &'p Tok {
        self.peek_at(0)
    }

    /// The token `ahead` places further on; the end repeats.
    fn peek_at(&self, ahead: usize) -> &'p Tok {
        self.tokens.get(self.at + ahead).map_or(&Tok::End, |token| &token.kind)
    }

    fn place(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |token| token.at)
    }

    fn is(&self, mark: &str) -> bool {
        matches!(self.peek(), Tok::Mark(found) if *found == mark)
    }

    fn eat(&mut self, mark: &str) -> bool {
        let found = self.is(mark);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: &str, purpose: &str) -> Result<()> {
        if self.eat(mark) { Ok(()) } else { self.fail(format!("a `{mark}` is missing {purpose}")) }
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(SyntaxError { message: message.into(), at: self.place() })
    }

    /// The error for a token that cannot stand here.
    fn unexpected<T>(&self) -> Result<T> {
        match self.peek() {
            Tok::End => self.fail("the expression breaks off here"),
            Tok::Mark(
                "=" | "+=" | "-=" | "*=" | "/=" | "**=" | "??=" | "&&=" | "||=" | ">>>=" | "++" | "--",
            ) => self.fail("an expression cannot assign; use `==` to compare"),
            Tok::Mark("=>") => {
                self.fail("an arrow function can only be an argument of a function such as `map`")
            }
            Tok::Mark(";") => self.fail("a field holds one expression, without `;`"),
            Tok::Mark("<<" | ">>" | ">>>") => {
                self.fail("bitwise operators are not part of the expression language")
            }
            Tok::Mark(mark) => self.fail(format!("`{mark}` cannot stand here")),
            Tok::TemplateStart => self.fail("a template text cannot stand directly behind a value"),
            Tok::TemplateClose => self.fail("the expression in `${ }` breaks off here"),
            _ => self.fail("an operator is missing here"),
        }
    }

    /// Runs `read` one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= self.max_depth {
            return self.fail("the expression is nested too deeply; use a Code node for so much logic");
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads an expression: a ternary or what binds tighter.
    fn expr(&mut self) -> Result<Expr> {
        self.deeper(|parser| {
            let condition = parser.operators(COALESCE)?;
            if !parser.eat("?") {
                return Ok(condition);
            }
            let yes = parser.expr()?;
            parser.expect(":", "between the two results of `? :`")?;
            let no = parser.expr()?;
            Ok(Expr::Ternary(Box::new([condition, yes, no])))
        })
    }

    /// Reads operators of at least this precedence.
    fn operators(&mut self, least: u8) -> Result<Expr> {
        let mut left = self.unary()?;
        while let Some((operator, precedence)) = binary(self.peek()).filter(|(_, found)| *found >= least) {
            self.at += 1;
            let right = self.operators(precedence + 1)?;
            left = match left {
                Expr::Chain(mut chain) if chain.precedence == precedence => {
                    chain.rest.push((operator, right));
                    Expr::Chain(chain)
                }
                first => Expr::Chain(Box::new(Chain { precedence, first, rest: vec![(operator, right)] })),
            };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr> {
        let operator = match self.peek() {
            Tok::Mark("!") => Unary::Not,
            Tok::Mark("-") => Unary::Minus,
            Tok::Mark("+") => Unary::Plus,
            Tok::Name(name) if name == "typeof" => Unary::Typeof,
            _ => return self.power(),
        };
        self.at += 1;
        let operand = self.deeper(Self::unary)?;
        // JavaScript refuses `-2 ** 2` as well, because half of its readers expect either result.
        if self.power_end == self.at {
            return self.fail("put parentheses around the sign or around the power");
        }
        Ok(Expr::Unary(operator, Box::new(operand)))
    }

    fn power(&mut self) -> Result<Expr> {
        let base = self.postfix()?;
        if !self.eat("**") {
            return Ok(base);
        }
        // Powers group from the right, and the exponent may have a sign.
        let exponent = self.deeper(Self::unary)?;
        self.power_end = self.at;
        Ok(Expr::Power(Box::new([base, exponent])))
    }

    /// Reads a value and the steps behind it: `.name`, `[index]`, `.call()`, each also with `?.`
    fn postfix(&mut self) -> Result<Expr> {
        let base = self.base()?;
        let mut steps = Vec::new();
        loop {
            let optional = self.eat("?.");
            if self.eat("[") {
                let index = self.expr()?;
                self.expect("]", "behind the index")?;
                let kind = match index {
                    Expr::Text(key) => StepKind::Key(key),
                    index => StepKind::Index(index),
                };
                steps.push(Step { optional, kind });
            } else if optional || self.eat(".") {
                let Tok::Name(name) = self.peek() else {
                    return self.fail("a property name is missing behind the dot");
                };
                self.at += 1;
                let kind =
                    if self.is("(") { self.method(name)? } else { StepKind::Key(name.as_str().into()) };
                steps.push(Step { optional, kind });
            } else if self.is("(") {
                return self.fail("only the functions of the language can be called");
            } else if self.peek() == &Tok::TemplateStart {
                return self.fail("tagged template texts are not part of the expression language");
            } else {
                break;
            }
        }
        Ok(match base {
            Base::Expr(expr) if steps.is_empty() => expr,
            base => Expr::Path(Box::new(crate::ast::Path { base, steps })),
        })
    }
}
