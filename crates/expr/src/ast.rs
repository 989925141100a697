//! The parsed form of an expression. Its nesting is limited by the parser, so every walk over it may recurse.

use crate::functions::Function;
use crate::pattern::Pattern;
use crate::scope::Root;
use crate::value::Number;

#[derive(Debug)]
pub(crate) enum Expr {
    Undefined,
    Null,
    Bool(bool),
    Number(Number),
    Text(Box<str>),
    Pattern(Box<Pattern>),
    Template(Vec<Piece>),
    Array(Vec<Item>),
    Object(Vec<Entry>),
    Path(Box<Path>),
    Call(Box<Call>),
    Unary(Unary, Box<Expr>),
    Chain(Box<Chain>),
    Power(Box<[Expr; 2]>),
    Ternary(Box<[Expr; 3]>),
}

/// A part of template text.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(Box<str>),
    Value(Expr),
}

/// An element of an array or an argument.
#[derive(Debug)]
pub(crate) enum Item {
    One(Expr),
    Spread(Expr),
    /// Only as an argument, and only where the function takes one.
    Lambda(Lambda),
}

/// An arrow function. Its parameters live on the stack of locals from `base` on.
#[derive(Debug)]
pub(crate) struct Lambda {
    pub(crate) base: usize,
    pub(crate) params: usize,
    pub(crate) body: Expr,
}

/// A part of an object literal.
#[derive(Debug)]
pub(crate) enum Entry {
    Named(Box<str>, Expr),
    Computed(Expr, Expr),
    Spread(Expr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Not,
    Minus,
    Plus,
    Typeof,
}

/// Operators of one precedence in a row, from left to right; so that a long sum is not deep.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) precedence: u8,
    pub(crate) first: Expr,
    pub(crate) rest: Vec<(Binary, Expr)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Coalesce,
    Or,
    And,
    Equal,
    NotEqual,
    StrictEqual,
    StrictNotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Where a reference starts.
#[derive(Debug)]
pub(crate) enum Base {
    Root(Root),
    /// `$node["name"]`
    Node(Box<str>),
    /// `$node[expression]`
    AnyNode(Expr),
    Local {
        slot: usize,
        name: Box<str>,
    },
    Expr(Expr),
}

/// A reference with its steps.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) base: Base,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug)]
pub(crate) struct Step {
    /// Whether it is written with `?.`
    pub(crate) optional: bool,
    pub(crate) kind: StepKind,
}

#[derive(Debug)]
pub(crate) enum StepKind {
    Key(Box<str>),
    Index(Expr),
    Call(Box<Call>),
}

/// A call of a method or of a global function.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: Box<str>,
    /// The function for each kind of receiver; for a global function all are the same.
    pub(crate) targets: Targets,
    pub(crate) args: Vec<Item>,
}

/// The functions of one name by kind of receiver, see [`crate::functions::On`].
pub(crate) type Targets = [Option<&'static Function>; crate::functions::KINDS];
