//! `epix-server audit`: is the record of who did what still whole?

use clap::{Args, Subcommand};

use super::{CommandError, Office, Outcome};
use crate::store::{AuditError, verify_audit};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Follow every chain from its first line to its head.
    Verify,
}

pub(super) async fn run(office: &Office, arguments: &Arguments) -> Result<Outcome, CommandError> {
    match arguments.verb {
        Verb::Verify => verify(office).await,
    }
}

async fn verify(office: &Office) -> Result<Outcome, CommandError> {
    match verify_audit(&*office.store).await {
        Ok(heads) => {
            for head in heads {
                let (authority, shard, sequence) = (&head.authority, head.shard, head.sequence);
                println!("{authority}, shard {shard}: {sequence} lines, whole; head {}", head.hash);
            }
            Ok(Outcome::Done)
        }
        Err(AuditError::Broken(broken)) => {
            println!("{broken}");
            Ok(Outcome::Refused)
        }
        Err(AuditError::Store(error)) => Err(error.into()),
    }
}
