//! How fast do we sign and verify, beside xmlsec with its defaults and beside the bare operations of OpenSSL?

use std::path::Path;

use crate::process::{Call, repository};
use crate::trouble::Trouble;

const REPEAT: &str = "1000";

/// Measures in this order: ours, xmlsec1 repeating inside of one process, `openssl speed`.
pub(super) fn run(folder: &Path, permit: &Path) -> Result<bool, Trouble> {
    println!("\nsignatures");
    let bench = Call::cargo().args(["bench", "--quiet", "--package", "epix-core", "--bench", "sign", "--", "--permit"]);
    if !bench.arg(permit).arg("--write").arg(folder).show()?.is_good() {
        return Ok(false);
    }
    let keys = repository().join("fixtures/signatures/keys");
    println!("xmlsec1, {REPEAT} times in one process, with the chain of certificates");
    for name in ["xa-rsa", "xa-p256"] {
        let signed = folder.join(format!("{name}.xml"));
        let verify =
            Call::new("xmlsec1").args(["--verify", "--repeat", REPEAT, "--trusted-pem"]).arg(keys.join("ca.pem"));
        tell("verify", name, &verify.arg(&signed))?;
        let pair = format!("{0}/{name}.key,{0}/{name}.pem", keys.display());
        let sign = Call::new("xmlsec1").args(["--sign", "--repeat", REPEAT, "--privkey-pem"]).arg(pair);
        tell("sign", name, &sign.arg("--output").arg(folder.join("again.xml")).arg(&signed))?;
    }
    for (operation, words) in [("rsa2048", "rsa 2048"), ("ecdsap256", "ecdsa")] {
        let ended = Call::new("openssl").args(["speed", "-seconds", "2", operation]).capture()?;
        let line = ended.stdout.lines().rfind(|line| line.contains(words));
        println!("openssl speed: {}", line.unwrap_or("it says nothing").trim());
    }
    Ok(true)
}

/// xmlsec1 ends with `Executed 1000 tests in 1234 msec`.
fn tell(what: &str, name: &str, call: &Call) -> Result<(), Trouble> {
    let ended = call.capture()?;
    let output = ended.output();
    let line = output.lines().find(|line| line.contains("tests in")).unwrap_or("it says no time");
    println!("{what:<7} {name:<8} {line}");
    Ok(())
}
