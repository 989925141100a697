//! Calls: arguments, arrow functions, and which function a name means.

use super::{Parser, Result, primary::short};
use crate::ast::{Base, Call, Expr, Item, Lambda, Path, StepKind, Targets};
use crate::functions::{self, Function};
use crate::lex::{SyntaxError, Tok};

impl Parser<'_> {
    /// Reads the parenthesis behind a method's name.
    pub(super) fn method(&mut self, name: &str) -> Result<StepKind> {
        // The name stands in front of the parenthesis.
        let at = self.tokens[self.at - 1].at;
        let fail = |message| Err(SyntaxError { message, at });
        let mut targets = functions::methods(name);
        if targets.iter().all(Option::is_none) {
            return fail(format!("there is no function `{}`", short(name)));
        }
        let args = self.args(name)?;
        let all: Vec<&'static Function> = targets.iter().flatten().copied().collect();
        for target in &mut targets {
            *target = target.filter(|function| function.accepts(&args).is_ok());
        }
        if targets.iter().all(Option::is_none)
            && let Some(Err(message)) = all.first().map(|function| function.accepts(&args))
        {
            return fail(message);
        }
        Ok(StepKind::Call(Box::new(Call { name: name.into(), targets, args })))
    }

    /// Reads the arguments of a function, with their parentheses.
    pub(super) fn args(&mut self, function: &str) -> Result<Vec<Item>> {
        self.at += 1;
        let mut args = Vec::new();
        while !self.eat(")") {
            let arg = if self.eat("...") {
                Item::Spread(self.expr()?)
            } else if let Some(params) = self.params()? {
                Item::Lambda(self.lambda(params)?)
            } else if let Some(lambda) = self.function_name()? {
                Item::Lambda(lambda)
            } else {
                Item::One(self.expr()?)
            };
            args.push(arg);
            if !self.eat(",") && !self.is(")") {
                return self
                    .fail(format!("a `,` or `)` is missing in the arguments of `{}`", short(function)));
            }
        }
        Ok(args)
    }

    /// Reads the parameters of an arrow function and its arrow, if there is one here.
    fn params(&mut self) -> Result<Option<Vec<String>>> {
        if let (Tok::Name(name), Tok::Mark("=>")) = (self.peek(), self.peek_at(1)) {
            self.at += 2;
            return Ok(Some(vec![name.clone()]));
        }
        if !self.is("(") {
            return Ok(None);
        }
        let (mut ahead, mut params) = (1, Vec::new());
        while let Tok::Name(name) = self.peek_at(ahead) {
            params.push(name.clone());
            ahead += 1;
            if self.peek_at(ahead) != &Tok::Mark(",") {
                break;
            }
            ahead += 1;
        }
        if (self.peek_at(ahead), self.peek_at(ahead + 1)) != (&Tok::Mark(")"), &Tok::Mark("=>")) {
            return Ok(None);
        }
        if params.len() > 3 {
            return self.fail("an arrow function has at most three parameters");
        }
        self.at += ahead + 2;
        Ok(Some(params))
    }

    fn lambda(&mut self, params: Vec<String>) -> Result<Lambda> {
        if params.iter().any(|param| param.starts_with('$') || functions::is_reserved(param)) {
            return self.fail("this name cannot be a parameter of an arrow function");
        }
        if self.is("{") {
            return self.fail(
                "an arrow function is one expression; put an object in parentheses, as in `x => ({a: x})`",
            );
        }
        let base = self.locals.len();
        let count = params.len();
        self.locals.extend(params);
        let body = self.expr();
        self.locals.truncate(base);
        Ok(Lambda { base, params: count, body: body? })
    }

    /// Reads the bare name of a global function as an argument: `map(Number)` means `map(x => Number(x))`.
    fn function_name(&mut self) -> Result<Option<Lambda>> {
        let (Tok::Name(name), Tok::Mark("," | ")")) = (self.peek(), self.peek_at(1)) else { return Ok(None) };
        if functions::global(name).is_none() || self.locals.contains(name) {
            return Ok(None);
        }
        let base = self.locals.len();
        let local = Path { base: Base::Local { slot: base, name: "x".into() }, steps: Vec::new() };
        let call = resolve_global(name, vec![Item::One(Expr::Path(Box::new(local)))])
            .or_else(|message| self.fail(message))?;
        self.at += 1;
        Ok(Some(Lambda { base, params: 1, body: Expr::Call(Box::new(call)) }))
    }
}

/// The call of a global function with these arguments, or what is wrong with them.
pub(super) fn resolve_global(name: &str, args: Vec<Item>) -> std::result::Result<Call, String> {
    let Some(function) = functions::global(name) else {
        return Err(format!("there is no function `{}`", short(name)));
    };
    function.accepts(&args)?;
    let targets: Targets = [Some(function); functions::KINDS];
    Ok(Call { name: name.into(), targets, args })
}
