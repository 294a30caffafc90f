//! Which commands can one paste to go on by hand?

use std::path::Path;

use crate::pki::Holder;
use crate::process::{quoted, repository, seen_from_root, write_text};
use crate::story::connection;
use crate::trouble::Trouble;
use crate::world::World;

/// Prints ready-to-paste commands against the gateway of XA, to be typed in another terminal.
pub(crate) fn print_commands(world: &World) -> Result<(), Trouble> {
    let body = world.folder.join("request.xml");
    write_text(&body, &request(&world.number))?;
    println!(
        "\nBoth gateways stay up until Ctrl-C. In another terminal:\n\n  cd {}",
        quoted(&repository().display().to_string())
    );
    for (comment, words) in commands(world, &body) {
        let line: Vec<String> = words.iter().map(|word| quoted(&seen_from_root(word))).collect();
        println!("\n  # {comment}\n  {}", line.join(" "));
    }
    println!(
        "\n  # is it well, and what did it do\n  curl http://{0}/healthz; curl http://{0}/metrics\n",
        world.xa.admin
    );
    Ok(())
}

fn commands(world: &World, body: &Path) -> Vec<(&'static str, Vec<String>)> {
    let epix = |words: &[&str], who: Holder| -> Vec<String> {
        let program = world.programs.epix.display().to_string();
        let words = words.iter().map(|word| (*word).to_owned());
        [program].into_iter().chain(words).chain(connection(world, &world.xa, who)).collect()
    };
    let owned = |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    let number = world.number.as_str();
    let (cert, key, root) = (
        world.pki.certificate(Holder::Xb).display().to_string(),
        world.pki.key(Holder::Xb).display().to_string(),
        world.pki.certificate(Holder::Root).display().to_string(),
    );
    let data = format!("@{}", body.display());
    let endpoint = world.xa.endpoint();
    let soap = [
        "-H",
        "Content-Type: text/xml;charset=UTF-8",
        "-H",
        r#"SOAPAction: "urn:GetFinalCitesCertificate""#,
        "--data-binary",
        &data,
        &endpoint,
    ];
    vec![
        ("XB fetches the permit as it was issued", epix(&["fetch", number, "--country", "XA"], Holder::Xb)),
        (
            "XB fetches it as final, and keeps the document",
            epix(&["fetch", number, "--country", "XA", "--final", "-o", "permit.xml"], Holder::Xb),
        ),
        (
            "XA's customs confirms more than is permitted and is refused in words",
            epix(&["confirm", number, "--country", "XA", "--quantity", "A=1000000"], Holder::XaCustoms),
        ),
        (
            "the same fetch over raw SOAP",
            [owned(&["curl", "--cert", &cert, "--key", &key, "--cacert", &root]), owned(&soap)].concat(),
        ),
        (
            "the service description",
            owned(&["curl", "--cert", &cert, "--key", &key, "--cacert", &root, &format!("{endpoint}?wsdl")]),
        ),
        (
            "the handshake, with both certificates",
            owned(&[
                "openssl",
                "s_client",
                "-connect",
                &world.xa.exchange,
                "-cert",
                &cert,
                "-key",
                &key,
                "-CAfile",
                &root,
                "-verify_return_error",
            ]),
        ),
    ]
}

/// Exactly what a Savon client of the hub sends: prefix `v1` bound to the second version, no token.
fn request(number: &str) -> String {
    let number = number.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:v1="urn:CitesDataExchange/v2/" xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
  <soapenv:Body>
    <v1:GetFinalCitesCertificateRequest>
      <CertificateNumber>{number}</CertificateNumber>
      <TokenId xsi:nil="true"/>
      <IsoCountryCode>XA</IsoCountryCode>
    </v1:GetFinalCitesCertificateRequest>
  </soapenv:Body>
</soapenv:Envelope>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_cannot_break_the_request() {
        assert!(request("A<&1").contains("<CertificateNumber>A&lt;&amp;1</CertificateNumber>"));
    }
}
