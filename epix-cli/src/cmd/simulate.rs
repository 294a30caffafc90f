//! Where is the simulated partner, and when does it end?

use std::sync::Arc;

use epix_client::simulate::{Credentials, Settings, Simulator};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::unbounded_channel;

use super::{complain, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::json::{self, SimulatedLine};
use crate::output::{Console, plain};
use crate::plan::Simulate;

/// Is a partner until somebody asks it to end.
pub(crate) fn run(plan: Simulate, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Trouble::Runtime)?;
    runtime.block_on(async {
        // Listened to before anybody is told that the partner is there.
        let mut terminate = signal(SignalKind::terminate()).map_err(Trouble::Runtime)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Trouble::Runtime)?;
        let Simulate { country, importer, script, credentials, listen, control, format } = plan;
        // The console belongs to this thread; the partner answers on others.
        let (tell, mut told) = unbounded_channel();
        let told_by = Arc::new(move |sentence: &str| drop(tell.send(sentence.to_owned())));
        let settings =
            Settings { country, importer, script, credentials: credentials.clone(), listen, control, told: told_by };
        let partner = Simulator::start(settings).map_err(Trouble::Simulate)?;
        match format {
            Format::Json => json::line(console, &SimulatedLine::of(&partner))?,
            Format::Human => say(console, &sentences(&partner, &credentials, country.as_str()))?,
        }
        console.out.flush().map_err(Trouble::Output)?;
        loop {
            tokio::select! {
                Some(sentence) = told.recv() => complain(console, &format!("epix: {}\n", plain(&sentence))),
                _ = terminate.recv() => return Ok(Exit::Good),
                _ = interrupt.recv() => return Ok(Exit::Good),
            }
        }
    })
}

fn sentences(partner: &Simulator, credentials: &Credentials, country: &str) -> String {
    let endpoint = partner.endpoint();
    let mut text = format!("{endpoint} answers for {country}\nhttp://{} takes orders\n", partner.control);
    if let Credentials::Made(folder) = credentials {
        let file = |name: &str| plain(&folder.join(name).display().to_string());
        let (cert, key, ca) = (file("caller.pem"), file("caller.key"), file("ca.pem"));
        text.push_str(&format!("try: epix state --to {endpoint} --cert {cert} --key {key} --ca {ca}\n"));
    }
    text
}
