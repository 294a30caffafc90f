//! How is a running partner told to behave otherwise? Orders only: what it did is seen through its service, never here.
//!
//! ```text
//! PUT    /script   plays another script from its beginning
//! POST   /rules    puts the rules of a script before those that hold
//! DELETE /rules    behaves well from now on
//! POST   /reset    begins anew with the script of the start
//! ```
//! Every order is answered with 204 and nothing inside, or with 400 and why it cannot be followed.

use std::path::Path;

use super::http::{HttpRequest, HttpResponse};
use super::play::Play;
use super::script::{Script, ScriptError};

/// Follows an order.
pub(super) fn follow(order: &HttpRequest, play: &Play) -> HttpResponse {
    let done = match (order.method.as_str(), order.path.as_str()) {
        ("PUT", "/script") => script_of(order).and_then(|script| play.replace(script)),
        ("POST", "/rules") => script_of(order).map(|script| play.add(script.rules)),
        ("DELETE", "/rules") => {
            play.behave();
            Ok(())
        }
        ("POST", "/reset") => play.reset(),
        (_, "/script" | "/rules" | "/reset") => {
            return said(405, "orders only: what the partner did is seen through its service");
        }
        _ => return said(404, "there are PUT /script, POST /rules, DELETE /rules and POST /reset"),
    };
    match done {
        Ok(()) => HttpResponse { status: 204, content_type: "text/plain".to_owned(), body: Vec::new() },
        Err(error) => said(400, &causes(&error)),
    }
}

/// Files that a script names by this road are given with their whole path.
fn script_of(order: &HttpRequest) -> Result<Script, ScriptError> {
    Script::parse(&String::from_utf8_lossy(&order.body), Path::new("/"))
}

fn causes(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn said(status: u16, sentence: &str) -> HttpResponse {
    let body = format!("{sentence}\n").into_bytes();
    HttpResponse { status, content_type: "text/plain; charset=utf-8".to_owned(), body }
}
