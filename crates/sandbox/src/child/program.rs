//! Compiles a source once and keeps its bytecode, so that a context which runs code needs no compiler.
//!
//! This is what closes `eval` and `Function` in every form: the context that runs the code never had the
//! compiler added to it, so `eval`, `Function`, `(() => {}).constructor`, the constructors of generators and
//! asynchronous functions all fail in the engine itself, whatever name they are reached by.

use rquickjs::context::intrinsic;
use rquickjs::{Context, Runtime};

use super::ffi::{self, Bytecode};
use super::result::{self, Thrown};
use crate::config::Limits;

/// The name of the module, which stack traces carry and [`result::line_in`] looks for.
pub(super) const FILE: &str = "code.js";

/// Lines that [`wrap`] puts in front of the source.
pub(super) const LINES_BEFORE: u32 = 1;

/// How many compiled sources a child keeps; a workflow has few `Code` nodes and a child serves one workspace.
const KEPT: usize = 16;

/// Compiled sources, the one used last at the end.
#[derive(Default)]
pub(super) struct Programs(Vec<(String, Bytecode)>);

impl Programs {
    /// The bytecode of `source`, compiled when this child has not seen it lately.
    pub(super) fn get(&mut self, source: &str, limits: &Limits) -> Result<&Bytecode, Thrown> {
        match self.0.iter().position(|(known, _)| known == source) {
            Some(at) => {
                let found = self.0.remove(at);
                self.0.push(found);
            }
            None => {
                let code = compile(source, limits)?;
                if self.0.len() >= KEPT {
                    self.0.remove(0);
                }
                self.0.push((source.to_owned(), code));
            }
        }
        self.0.last().map(|(_, code)| code).ok_or_else(Thrown::out_of_memory)
    }
}

/// The body becomes an asynchronous function of `input`, in strict mode as every module.
fn wrap(source: &str) -> String {
    format!("export default async function (input) {{\n{source}\n}}\n")
}

/// Compiles in a context that has the compiler and never runs anything.
fn compile(source: &str, limits: &Limits) -> Result<Bytecode, Thrown> {
    if source.contains('\0') {
        return Err(Thrown::new("SyntaxError", "the code contains a NUL character"));
    }
    let runtime = Runtime::new().map_err(|_| Thrown::out_of_memory())?;
    runtime.set_memory_limit(limits.memory_bytes);
    runtime.set_max_stack_size(limits.stack_bytes);
    let context = Context::builder()
        .with::<(intrinsic::Eval, intrinsic::RegExpCompiler)>()
        .build(&runtime)
        .map_err(|_| Thrown::out_of_memory())?;
    context.with(|ctx| {
        ffi::compile(ctx.clone(), FILE, &wrap(source)).map_err(|error| result::thrown(&ctx, error))
    })
}
