//! Does a service do what the exchange asks of it? Graded cases against any endpoint, ours or a stranger's.
//!
//! ```text
//! conformance/exchange/cases.toml ─> cases ─> run: ask and judge step by step ─> what was sent, what came, the verdict
//! ```
//! A case asks for inputs (a permit number, a token, …) by name; a case whose inputs are not given is skipped and says so. Nothing
//! is asked but what the cases say, and only the cases of grade E6 and E7 change anything at the service.

mod ask;
mod case;
mod judge;
mod run;

pub use case::{CASES, Case, CasesError, Input, cases};
pub use run::{Callers, CaseResult, Inputs, Outcome, StepResult, run};
