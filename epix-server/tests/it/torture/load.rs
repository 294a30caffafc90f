//! The load: confirmations and reads by SOAP, imports and changes of state by commands, all at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use epix_core::soap::Call;

use super::{Deed, Done};
use crate::permits::permit;
use crate::world::{Who, World, confirm, key, word};

/// Callers that confirm, and callers that read.
const CONFIRMING: usize = 8;
const READING: usize = 2;
/// Permits that one command imports.
const TOGETHER: usize = 3;

/// What one round does, with permits of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) round: usize,
    /// How many permits are there to be confirmed.
    pub(crate) permits: usize,
}

impl Plan {
    fn number(self, kind: char, index: usize) -> String {
        format!("{kind}{}-{index}", self.round)
    }

    /// Imports the permits of the round while nothing disturbs.
    pub(crate) fn prepare(self, world: &World) -> Vec<Done> {
        let numbers: Vec<String> =
            (0..self.permits).map(|index| self.number('N', index)).chain([self.number('S', 0)]).collect();
        let done = import(world, &numbers);
        assert!(done.iter().all(|done| done.acknowledged), "{done:?}");
        done
    }
}

fn import(world: &World, numbers: &[String]) -> Vec<Done> {
    let mut words = vec!["import".to_owned()];
    for number in numbers {
        let file = world.path(&format!("{number}.xml"));
        std::fs::write(&file, permit(number, &[("A", "10")])).unwrap();
        words.push(file.display().to_string());
    }
    let ended = world.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let acknowledged = ended.status.success();
    numbers.iter().map(|number| Done { number: number.clone(), deed: Deed::Import, acknowledged }).collect()
}

/// A load under way.
pub(crate) struct Load {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<Vec<Done>>>,
}

struct Shared {
    world: World,
    plan: Plan,
    next: AtomicUsize,
    acknowledged: AtomicUsize,
    is_over: AtomicBool,
}

impl Load {
    /// Starts all callers.
    pub(crate) fn start(world: World, plan: Plan) -> Load {
        let (next, acknowledged, is_over) = Default::default();
        let shared = Arc::new(Shared { world, plan, next, acknowledged, is_over });
        let worker = |work: fn(&Shared) -> Vec<Done>| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || work(&shared))
        };
        let mut workers = vec![worker(Shared::import), worker(Shared::change)];
        workers.extend((0..CONFIRMING).map(|_| worker(Shared::confirm)));
        workers.extend((0..READING).map(|_| worker(Shared::read)));
        Load { shared, workers }
    }

    pub(crate) fn world(&self) -> &World {
        &self.shared.world
    }

    /// How much was acknowledged so far, reads apart.
    pub(crate) fn acknowledged(&self) -> usize {
        self.shared.acknowledged.load(Ordering::SeqCst)
    }

    /// Sends everybody home, and gives the world back with what was done.
    pub(crate) fn finish(self) -> (World, Vec<Done>) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        let done = self.workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
        (Arc::into_inner(self.shared).unwrap().world, done)
    }
}

impl Shared {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::SeqCst)
    }

    fn note(&self, done: &[Done]) -> bool {
        let acknowledged = done.iter().filter(|done| done.acknowledged).count();
        self.acknowledged.fetch_add(acknowledged, Ordering::SeqCst);
        acknowledged == done.len()
    }

    fn import(&self) -> Vec<Done> {
        let mut all = Vec::new();
        for index in 0.. {
            if !self.goes_on() {
                break;
            }
            let numbers: Vec<String> =
                (0..TOGETHER).map(|offset| self.plan.number('I', index * TOGETHER + offset)).collect();
            let done = import(&self.world, &numbers);
            let is_good = self.note(&done);
            all.extend(done);
            if !is_good {
                break;
            }
        }
        all
    }

    /// Suspends and resumes one permit in turn, until something is not acknowledged.
    fn change(&self) -> Vec<Done> {
        let number = self.plan.number('S', 0);
        let mut all = Vec::new();
        for index in 0.. {
            if !self.goes_on() {
                break;
            }
            let reason = format!("reason {}-{index}", self.plan.round);
            let (verb, deed) = match index % 2 {
                0 => ("suspend", Deed::Suspend(reason.clone())),
                _ => ("resume", Deed::Resume(reason.clone())),
            };
            let ended = self.world.command(&[verb, &number, "--reason", &reason]);
            let done = Done { number: number.clone(), deed, acknowledged: ended.status.success() };
            let is_good = self.note(std::slice::from_ref(&done));
            all.push(done);
            if !is_good {
                break;
            }
        }
        all
    }

    fn confirm(&self) -> Vec<Done> {
        let runtime = runtime();
        let mut all = Vec::new();
        while self.goes_on() {
            let index = self.next.fetch_add(1, Ordering::SeqCst);
            if index >= self.plan.permits {
                break;
            }
            let (number, amount) = (self.plan.number('N', index), format!("{}.5", index % 7));
            let answer = runtime.block_on(self.world.call(Who::Customs, confirm(&number, &format!("A={amount}"))));
            let acknowledged = answer.is_ok_and(|answered| word(&answered.answer) == "confirmed");
            let done = Done { number, deed: Deed::Confirm(amount), acknowledged };
            let is_good = self.note(std::slice::from_ref(&done));
            all.push(done);
            if !is_good {
                break;
            }
        }
        all
    }

    fn read(&self) -> Vec<Done> {
        let runtime = runtime();
        let mut all = Vec::new();
        for index in 0.. {
            let number = self.plan.number('N', index % self.plan.permits);
            let answer = runtime.block_on(self.world.call(Who::Xb, Call::GetNonFinal(key(&number))));
            let acknowledged = answer.is_ok_and(|answered| word(&answered.answer) == "permit");
            all.push(Done { number, deed: Deed::Read, acknowledged });
            if !acknowledged || !self.goes_on() {
                break;
            }
        }
        all
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
