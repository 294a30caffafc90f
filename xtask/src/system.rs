//! Which programs and libraries of the system are needed, and how do the missing ones get here?
//!
//! Presence is asked of the thing itself, not of the package manager: a machine may have its Node or its JDK from
//! elsewhere, and Debian's packages of the same name would collide with them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::process::Call;
use crate::trouble::Trouble;

/// What a need is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// To compile the workspace.
    Build,
    /// To play the story and to follow it by hand.
    Demo,
    /// To run everything that must pass.
    Test,
}

/// How the presence of a need is tested.
#[derive(Debug, Clone, Copy)]
enum Presence {
    /// A program on the `PATH`.
    Program(&'static str),
    /// A library that `pkg-config --exists` knows.
    Library(&'static str),
    /// The shared library of clang with its own headers, as the binding generator of `libxml` loads it.
    Libclang,
    /// A Python that can make a virtual environment with pip inside.
    PythonVenv,
    /// A PHP with its SOAP extension.
    PhpSoap,
    /// A file of a fixed place.
    File(&'static str),
}

struct Need {
    group: Group,
    presence: Presence,
    package: &'static str,
    why: &'static str,
}

const fn need(group: Group, presence: Presence, package: &'static str, why: &'static str) -> Need {
    Need { group, presence, package, why }
}

/// Packages of Debian 12. A C compiler has no row: without one this program would not have been linked.
const NEEDS: &[Need] = &[
    need(Group::Build, Presence::Program("pkg-config"), "pkg-config", "finds the C libraries"),
    need(Group::Build, Presence::Library("openssl"), "libssl-dev", "TLS and signatures"),
    need(Group::Build, Presence::Library("libxml-2.0"), "libxml2-dev", "schema checking and canonical XML"),
    need(Group::Build, Presence::Libclang, "libclang-14-dev", "reads the headers of libxml2 during the build"),
    need(Group::Build, Presence::Program("openssl"), "openssl", "makes keys and certificates for tests and demo"),
    need(Group::Demo, Presence::Program("openssl"), "openssl", "makes the demo PKI"),
    need(Group::Demo, Presence::Program("curl"), "curl", "for the commands the demo prints, and for tests"),
    need(
        Group::Test,
        Presence::Program("xmllint"),
        "libxml2-utils",
        "checks the fixtures and mutants of them against the schema",
    ),
    need(Group::Test, Presence::Program("systemd-analyze"), "systemd", "looks at the unit of the gateway"),
    need(
        Group::Test,
        Presence::File("/usr/lib/postgresql/15/bin/postgres"),
        "postgresql-15",
        "the store for many servers",
    ),
    need(Group::Test, Presence::Program("faketime"), "faketime", "moves the clock of a server back"),
    need(Group::Test, Presence::Program("xmlsec1"), "xmlsec1", "signs and verifies permits beside us"),
    need(Group::Test, Presence::PythonVenv, "python3-venv", "the client zeep, the validator xmlschema, schemathesis"),
    need(Group::Test, Presence::Program("chromium"), "chromium", "shows the page of REST"),
    need(Group::Test, Presence::Program("node"), "nodejs", "the client node-soap"),
    need(Group::Test, Presence::Program("npm"), "npm", "installs node-soap"),
    need(Group::Test, Presence::Program("php"), "php-cli", "the client of PHP"),
    need(Group::Test, Presence::PhpSoap, "php-soap", "the SOAP extension of PHP"),
    need(Group::Test, Presence::Program("soapcpp2"), "gsoap", "makes the C++ client from the WSDL"),
    need(Group::Test, Presence::File("/usr/include/stdsoap2.h"), "libgsoap-dev", "the SOAP library of C++"),
    need(Group::Test, Presence::Program("g++"), "g++", "compiles the C++ client"),
    need(
        Group::Test,
        Presence::Program("javac"),
        "openjdk-17-jdk-headless",
        "the client JAX-WS and the validator of Java",
    ),
    need(
        Group::Test,
        Presence::File("/usr/share/java/jaxws-tools.jar"),
        "libjaxws-java",
        "the strict SOAP library of Java",
    ),
    need(Group::Test, Presence::Program("wsimport"), "jaxws", "makes the Java client from the WSDL"),
];

const INSTALL_LIMIT: Duration = Duration::from_secs(1800);

/// Makes sure that everything of these groups is here; silent when nothing is missing.
pub(crate) fn provide(groups: &[Group]) -> Result<(), Trouble> {
    let missing: Vec<&Need> =
        NEEDS.iter().filter(|need| groups.contains(&need.group) && !is_present(need.presence)).collect();
    let packages = package_list(&missing);
    if packages.is_empty() {
        return Ok(());
    }
    println!("These system packages are missing:");
    for package in &packages {
        let reasons: Vec<&str> = missing.iter().filter(|need| need.package == *package).map(|need| need.why).collect();
        println!("  {package:26} {}", reasons.join("; "));
    }
    let update = apt_get().arg("update");
    let install = apt_get().args(["install", "-y", "--no-install-recommends"]).args(&packages);
    println!("They are installed by\n  {}\n  {}", update.text(), install.text());
    if !is_root() {
        return Err(Trouble::Missing("run these two commands as root, then this one again".into()));
    }
    run_installer(&update)?;
    run_installer(&install)?;
    match missing.iter().find(|need| !is_present(need.presence)) {
        None => Ok(()),
        Some(need) => {
            Err(Trouble::Missing(format!("{} is installed, yet {:?} is still missing", need.package, need.presence)))
        }
    }
}

/// Makes sure that the Rust toolchain has its formatter and its lints: the minimal profile of rustup leaves them out.
pub(crate) fn provide_rust_components() -> Result<(), Trouble> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if answers(&Call::cargo().args([subcommand, "--version"])) {
            continue;
        }
        let install = Call::new("rustup").args(["component", "add", component]);
        println!("`cargo {subcommand}` is missing; installing it by\n  {}", install.text());
        if on_path("rustup").is_none() {
            return Err(Trouble::Missing(format!(
                "there is no rustup here: install {component} as your toolchain came"
            )));
        }
        run_installer(&install)?;
    }
    Ok(())
}

/// Where a program stands on the `PATH`.
fn on_path(program: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn is_present(presence: Presence) -> bool {
    match presence {
        Presence::Program(name) => on_path(name).is_some(),
        Presence::Library(name) => answers(&Call::new("pkg-config").args(["--exists", name])),
        Presence::Libclang => has_libclang(),
        Presence::PythonVenv => answers(&Call::new("python3").args(["-c", "import venv, ensurepip"])),
        Presence::PhpSoap => answers(&Call::new("php").args(["-r", "exit(class_exists('SoapClient') ? 0 : 1);"])),
        Presence::File(path) => Path::new(path).exists(),
    }
}

fn answers(call: &Call) -> bool {
    call.capture().is_ok_and(|ended| ended.is_good())
}

/// A folder somebody points at is trusted; one of the system must hold clang's own headers too, which
/// `libclang1-14` alone does not bring.
fn has_libclang() -> bool {
    if let Some(path) = env::var_os("LIBCLANG_PATH") {
        let path = PathBuf::from(path);
        return path.is_file() || has_file(&path, "libclang");
    }
    let Ok(entries) = fs::read_dir("/usr/lib") else { return false };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm-"))
        .map(|entry| entry.path().join("lib"))
        .any(|lib| has_file(&lib, "libclang") && has_clang_headers(&lib))
}

fn has_clang_headers(lib: &Path) -> bool {
    let Ok(entries) = fs::read_dir(lib.join("clang")) else { return false };
    entries.flatten().any(|entry| entry.path().join("include/stddef.h").exists())
}

/// Whether a folder holds a shared object `<name>.so…` or `<name>-<version>.so…`.
fn has_file(folder: &Path, name: &str) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let file = entry.file_name();
        let rest = file.to_str().and_then(|file| file.strip_prefix(name));
        rest.is_some_and(|rest| rest.contains(".so") && rest.starts_with(['.', '-']) && !rest.starts_with("-cpp"))
    })
}

fn package_list(missing: &[&Need]) -> Vec<&'static str> {
    let mut packages: Vec<&'static str> = Vec::new();
    for need in missing {
        if !packages.contains(&need.package) {
            packages.push(need.package);
        }
    }
    packages
}

/// A terminal of its own would stop it: it does not run in the foreground.
fn apt_get() -> Call {
    Call::new("apt-get")
        .args(["-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300"])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .within(INSTALL_LIMIT)
}

fn run_installer(call: &Call) -> Result<(), Trouble> {
    let ended = call.show()?;
    if ended.is_good() {
        return Ok(());
    }
    Err(Trouble::Failed { command: call.text(), output: "its own words are above".into() })
}

fn is_root() -> bool {
    Call::new("id").arg("-u").capture().is_ok_and(|ended| ended.stdout.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Scratch;

    #[test]
    fn a_package_is_named_once_however_many_need_it() {
        let missing: Vec<&Need> = NEEDS.iter().filter(|need| need.package == "openssl").collect();

        assert!(missing.len() > 1);
        assert_eq!(package_list(&missing), ["openssl"]);
    }

    #[test]
    fn every_need_says_why() {
        for need in NEEDS {
            assert!(!need.why.is_empty() && !need.package.contains(' '), "{}", need.package);
        }
    }

    #[test]
    fn a_program_is_looked_for_on_the_path() {
        assert!(is_present(Presence::Program("sh")));
        assert!(!is_present(Presence::Program("no-such-program-here")));
    }

    #[test]
    fn the_cpp_library_of_clang_is_not_libclang() {
        let scratch = Scratch::new("libclang");
        fs::write(scratch.path().join("libclang-cpp.so.14"), "").unwrap();

        assert!(!has_file(scratch.path(), "libclang"));
        fs::write(scratch.path().join("libclang-14.so.1"), "").unwrap();
        assert!(has_file(scratch.path(), "libclang"));
    }
}
