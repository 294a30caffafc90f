//! A desk with a key in front of REST: what curl sends, and what comes back.

use std::process::Command;

use serde_json::Value;

use crate::world::{Who, World};

/// An answer as curl saw it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header, in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name));
        self.head.lines().find(named).and_then(|line| line.split_once(':')).map(|(_, value)| value.trim())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.status, self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Status and the word of the problem.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// A world with REST, without TLS, and a key that may everything.
pub(crate) struct Desk {
    pub(crate) world: World,
    pub(crate) key: String,
}

impl Desk {
    pub(crate) fn with(permits: &[String]) -> Desk {
        Desk::over(permits, "tls = false", |_| ())
    }

    /// The same over TLS.
    pub(crate) fn over_tls(permits: &[String]) -> Desk {
        Desk::over(permits, "tls = true", |_| ())
    }

    /// Without TLS, on a world that is prepared before its server starts.
    pub(crate) fn prepared(prepare: impl FnOnce(&World)) -> Desk {
        Desk::over(&[], "tls = false", prepare)
    }

    /// Over TLS, on a world that is prepared before its server starts.
    pub(crate) fn prepared_over_tls(prepare: impl FnOnce(&World)) -> Desk {
        Desk::over(&[], "tls = true", prepare)
    }

    fn over(permits: &[String], tls: &str, prepare: impl FnOnce(&World)) -> Desk {
        let mut world = World::stopped(permits);
        let file = world.path("epix-server.toml");
        let config = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{config}\n[rest]\nlisten = \"127.0.0.1:0\"\n{tls}\n")).unwrap();
        let scopes = "permits:read,permits:write,confirm,exchange,parties,audit";
        let key = world.succeeds(&["keys", "add", "the registry", "--scope", scopes]).trim().to_owned();
        prepare(&world);
        world.start();
        Desk { world, key }
    }

    /// Calls with the key.
    pub(crate) fn call(&self, path: &str, arguments: &[&str]) -> Answer {
        let key = format!("Authorization: Bearer {}", self.key);
        self.raw(&format!("http://{}/rest/v1{path}", self.world.rest()), &[&["-H", &key], arguments].concat())
    }

    /// Posts a body with the key.
    pub(crate) fn post(&self, path: &str, body: &str, headers: &[&str]) -> Answer {
        let file = self.world.path("body");
        std::fs::write(&file, body).unwrap();
        let data = format!("@{}", file.display());
        let mut arguments = vec!["--data-binary", data.as_str(), "-H", "Content-Type: application/octet-stream"];
        headers.iter().for_each(|header| arguments.extend(["-H", header]));
        self.call(path, &arguments)
    }

    /// Calls over TLS with somebody's certificate, or none.
    pub(crate) fn call_as(&self, who: Option<Who>, path: &str, arguments: &[&str]) -> Answer {
        let root = self.world.path("tls/clients-ca.pem").display().to_string();
        let mut all = vec!["--cacert".to_owned(), root];
        if let Some(who) = who {
            let (certificate, key) = (self.world.certificate(who), self.world.key(who));
            all.extend(["--cert".into(), certificate.display().to_string(), "--key".into(), key.display().to_string()]);
        }
        let all: Vec<&str> = all.iter().map(String::as_str).chain(arguments.iter().copied()).collect();
        self.raw(&format!("https://{}/rest/v1{path}", self.world.rest()), &all)
    }

    pub(crate) fn raw(&self, url: &str, arguments: &[&str]) -> Answer {
        let head = tempfile::NamedTempFile::new().unwrap();
        let output = Command::new("curl")
            .args(["-sS", "-g", "--max-time", "60", "-D", &head.path().display().to_string(), url])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let head = std::fs::read_to_string(head.path()).unwrap();
        let last = head.trim_end().rsplit("\r\n\r\n").next().unwrap_or_default().to_owned();
        let status = last.split_whitespace().nth(1).unwrap().parse().unwrap();
        Answer { status, head: last, body: output.stdout }
    }
}
