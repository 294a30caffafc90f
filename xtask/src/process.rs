//! How do we run other programs so that none of them outlives us?
//!
//! Each program leads a process group of its own, and the whole group is ended when its guard is dropped: at a normal
//! end, on an early return, on a panic, on Ctrl-C.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::interrupt;
use crate::trouble::Trouble;

/// How long a program may take when nothing else is said: long enough for a cold build on a small machine.
const PATIENCE: Duration = Duration::from_secs(3600);

/// How long a program may take to end after SIGTERM before it is killed.
const GRACE: Duration = Duration::from_secs(10);

/// How often we look whether a program has ended or somebody wants us to stop.
const GLANCE: Duration = Duration::from_millis(20);

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The folder for everything we write; it is in `.gitignore`.
pub(crate) fn work_folder() -> PathBuf {
    repository().join(".work")
}

/// Waits a moment; an error when somebody asked us to stop.
pub(crate) fn pause() -> Result<(), Trouble> {
    thread::sleep(GLANCE);
    if interrupt::requested() { Err(Trouble::Interrupted) } else { Ok(()) }
}

/// A program, its arguments and its surroundings, not yet started.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    words: Vec<String>,
    folder: PathBuf,
    environment: Vec<(String, String)>,
    limit: Duration,
}

/// How a program ended and, when captured, what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit status; none when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn is_good(&self) -> bool {
        self.code == Some(0)
    }

    /// Both streams, one after the other.
    pub(crate) fn output(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl Call {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref().to_string_lossy().into_owned();
        Self { words: vec![program], folder: repository(), environment: Vec::new(), limit: PATIENCE }
    }

    /// The `cargo` that started us.
    pub(crate) fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    pub(crate) fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.words.push(word.as_ref().to_string_lossy().into_owned());
        self
    }

    pub(crate) fn args<S: AsRef<OsStr>>(self, words: impl IntoIterator<Item = S>) -> Self {
        words.into_iter().fold(self, Call::arg)
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.folder = folder.to_path_buf();
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.to_owned(), value.as_ref().to_string_lossy().into_owned()));
        self
    }

    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The command as one would type it, with the environment we add in front.
    pub(crate) fn text(&self) -> String {
        let settings = self.environment.iter().map(|(name, value)| format!("{name}={}", quoted(value)));
        let words = self.words.iter().map(|word| quoted(word));
        settings.chain(words).collect::<Vec<_>>().join(" ")
    }

    /// Runs with the output going straight to the terminal.
    pub(crate) fn show(&self) -> Result<Ended, Trouble> {
        let mut running = self.start(Stdio::inherit(), Stdio::inherit())?;
        let status = running.wait(self.limit)?;
        Ok(Ended { code: status.code(), stdout: String::new(), stderr: String::new() })
    }

    /// Runs and keeps the output.
    pub(crate) fn capture(&self) -> Result<Ended, Trouble> {
        let mut running = self.start(Stdio::piped(), Stdio::piped())?;
        let stdout = gather(running.child.stdout.take());
        let stderr = gather(running.child.stderr.take());
        let status = running.wait(self.limit)?;
        Ok(Ended { code: status.code(), stdout: gathered(stdout), stderr: gathered(stderr) })
    }

    /// Runs, keeps the output, and is in trouble unless the exit status is 0.
    pub(crate) fn must(&self) -> Result<Ended, Trouble> {
        let ended = self.capture()?;
        if ended.is_good() {
            return Ok(ended);
        }
        Err(Trouble::Failed { command: self.text(), output: ended.output() })
    }

    /// Starts a program that stays up: standard output to us, standard error to a file.
    pub(crate) fn stay(&self, log: &Path) -> Result<Running, Trouble> {
        let file = File::create(log).map_err(Trouble::file(log))?;
        let running = self.start(Stdio::piped(), Stdio::from(file))?;
        interrupt::remember(running.child.id());
        Ok(running)
    }

    fn start(&self, stdout: Stdio, stderr: Stdio) -> Result<Running, Trouble> {
        let child = Command::new(&self.words[0])
            .args(&self.words[1..])
            .current_dir(&self.folder)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0)
            .spawn()
            .map_err(|cause| Trouble::CannotStart { command: self.text(), cause })?;
        Ok(Running { child, command: self.text(), ended: None })
    }
}

/// A program that runs; dropping it ends its whole process group.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    command: String,
    ended: Option<ExitStatus>,
}

impl Running {
    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The pipe standard output goes to; it can be taken once.
    pub(crate) fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// The exit status, if the program has ended.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().unwrap_or(None);
        }
        self.ended
    }

    /// Sends SIGTERM to the program and waits for its end.
    pub(crate) fn stop(&mut self, limit: Duration) -> Result<ExitStatus, Trouble> {
        if self.ended().is_none() {
            signal("TERM", &self.child.id().to_string());
        }
        self.ends_within(limit).ok_or_else(|| Trouble::TooSlow { command: self.command.clone(), limit })
    }

    /// Ends the program at once, as a power cut would.
    pub(crate) fn kill(&mut self, limit: Duration) -> Result<(), Trouble> {
        signal("KILL", &self.child.id().to_string());
        let ended = self.ends_within(limit).ok_or_else(|| Trouble::TooSlow { command: self.command.clone(), limit });
        ended.map(drop)
    }

    fn wait(&mut self, limit: Duration) -> Result<ExitStatus, Trouble> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return Ok(status);
            }
            if started.elapsed() > limit {
                return Err(Trouble::TooSlow { command: self.command.clone(), limit });
            }
            pause()?;
        }
    }

    /// Waits without heeding an interruption: it is part of obeying one.
    fn ends_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        let started = Instant::now();
        while self.ended().is_none() && started.elapsed() < limit {
            thread::sleep(GLANCE);
        }
        self.ended()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended().is_some() {
            return;
        }
        let group = format!("-{}", self.child.id());
        signal("TERM", &group);
        if self.ends_within(GRACE).is_none() {
            signal("KILL", &group);
            let _ = self.child.wait();
        }
    }
}

/// A new folder under the system's temporary folder, removed when dropped.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

#[cfg(test)]
impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("epix-xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary folder can be written");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(test)]
impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Reads a text file; the path is part of the error.
pub(crate) fn read_text(path: &Path) -> Result<String, Trouble> {
    fs::read_to_string(path).map_err(Trouble::file(path))
}

/// Writes a text file; the path is part of the error.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<(), Trouble> {
    fs::write(path, text).map_err(Trouble::file(path))
}

/// Makes a folder new and empty.
pub(crate) fn renew_folder(path: &Path) -> Result<(), Trouble> {
    if path.exists() {
        fs::remove_dir_all(path).map_err(Trouble::file(path))?;
    }
    fs::create_dir_all(path).map_err(Trouble::file(path))
}

/// The files in a folder whose names end with `.extension`, sorted; empty when there is no such folder.
pub(crate) fn files_with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Trouble> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Trouble::file(folder))? {
        let path = entry.map_err(Trouble::file(folder))?.path();
        if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Quotes a word for a POSIX shell where it needs it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A text with paths inside the repository, as they are seen from its root.
pub(crate) fn seen_from_root(text: &str) -> String {
    let root = format!("{}/", repository().display());
    text.replace(&root, "")
}

/// By the shell's own `kill`: a bare Debian has no `kill` program.
fn signal(name: &str, target: &str) {
    let _ = Command::new("sh")
        .args(["-c", r#"kill -s "$1" -- "$2" 2>/dev/null"#, "kill", name, target])
        .stdin(Stdio::null())
        .status();
}

fn gather(stream: Option<impl Read + Send + 'static>) -> Option<JoinHandle<String>> {
    let mut stream = stream?;
    Some(thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes); // a broken pipe ends the output, it is not a failure of its own
        String::from_utf8_lossy(&bytes).into_owned()
    }))
}

fn gathered(reader: Option<JoinHandle<String>>) -> String {
    reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_and_exit_status_are_kept() {
        let call = Call::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]);

        let ended = call.capture().unwrap();

        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(3), "out\n", "err\n"));
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let call = Call::new("sleep").arg("60").within(Duration::from_millis(50));

        let answer = call.capture();

        assert!(matches!(answer, Err(Trouble::TooSlow { .. })));
    }

    #[test]
    fn a_dropped_program_takes_its_children_along() {
        let scratch = Scratch::new("group");
        let script = "sleep 60 & echo $! > child; wait";
        let running =
            Call::new("sh").args(["-c", script]).folder(scratch.path()).stay(&scratch.path().join("log")).unwrap();
        let note = scratch.path().join("child");
        while fs::read_to_string(&note).unwrap_or_default().trim().is_empty() {
            thread::sleep(GLANCE);
        }
        let child = read_text(&note).unwrap();

        drop(running);

        // Its parent is gone, so whoever adopts it may take a moment to reap it: a zombie counts as ended. A busy machine may also
        // take a moment until the signal arrives; it would sleep for a minute without one.
        let state = || read_text(Path::new(&format!("/proc/{}/stat", child.trim()))).unwrap_or_default();
        let dropped = Instant::now();
        while !(state().is_empty() || state().contains(") Z")) {
            assert!(dropped.elapsed() < Duration::from_secs(20), "{}", state());
            thread::sleep(GLANCE);
        }
    }

    #[test]
    fn a_stopped_program_tells_its_exit_status() {
        let scratch = Scratch::new("stop");
        let script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done";
        let mut running = Call::new("sh").args(["-c", script]).stay(&scratch.path().join("log")).unwrap();
        let mut first = [0; 5];
        running.take_stdout().unwrap().read_exact(&mut first).unwrap();

        let status = running.stop(Duration::from_secs(5)).unwrap();

        assert_eq!(status.code(), Some(7));
    }

    #[test]
    fn a_path_of_the_repository_is_shown_from_its_root() {
        let path = repository().join("target/debug/epix").display().to_string();

        assert_eq!(seen_from_root(&path), "target/debug/epix");
        assert_eq!(seen_from_root(&format!("@{path}")), "@target/debug/epix");
    }

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let call = Call::new("openssl").args(["req", "-subj", "/CN=it's me"]).env("LANG", "C");

        assert_eq!(call.text(), r"LANG=C openssl req -subj '/CN=it'\''s me'");
    }
}
