//! How is the same done to many things by all processors, with the results in the order of the things?
//!
//! Things are found, and results are taken, on the calling thread; in between at most a window of them is under way, so
//! memory stays the same however many there are, and one that takes long holds up the others by a window at most.

use std::collections::VecDeque;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many things are under way for each processor: enough that a large document among small ones keeps nobody waiting.
const WINDOW: usize = 32;

/// A scratch buffer that has grown beyond this is given back: one huge document must not be paid for until the end.
const KEPT: usize = 1 << 20;

/// How many processors there are.
pub(in crate::cmd) fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Gives each thing that `find` submits to `work`, on `threads` threads that each keep a scratch buffer, and each result
/// to `take`, in the order in which the things were submitted.
///
/// # Errors
/// What `take` says; nothing more is begun then. `find` hears of it when it submits, and passes it on.
pub(in crate::cmd) fn in_order<T: Send, R: Send, E>(
    threads: usize,
    find: impl FnOnce(&mut dyn FnMut(T) -> Result<(), E>) -> Result<(), E>,
    work: impl Fn(&mut Vec<u8>, T) -> R + Sync,
    take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let most = threads * WINDOW;
    // Neither end ever waits for room: no more than the window is under way.
    let (to_do, things) = sync_channel(most);
    let (done, results) = sync_channel(most);
    let (things, work) = (Mutex::new(things), &work);
    let mut order = Order { take, under_way: VecDeque::with_capacity(most), taken: 0 };
    thread::scope(|scope| {
        let to_do = to_do;
        let mut started = 0;
        find(&mut |thing| {
            while order.under_way.len() == most {
                order.put(next(&results))?;
            }
            if started < threads {
                let (things, done) = (&things, done.clone());
                scope.spawn(move || run(things, &done, work));
                started += 1;
            }
            let number = order.begin();
            to_do.send((number, thing)).unwrap_or_else(|_| unreachable!("the other end lives as long as the scope"));
            while let Ok(result) = results.try_recv() {
                order.put(result)?;
            }
            Ok(())
        })?;
        while !order.under_way.is_empty() {
            order.put(next(&results))?;
        }
        Ok(())
    })
}

fn next<R>(results: &Receiver<R>) -> R {
    results.recv().unwrap_or_else(|_| unreachable!("the calling thread keeps an end that sends"))
}

/// A thing or a result, with its place in the order.
type Numbered<T> = (usize, T);

/// What one thread does until there is nothing more to do.
fn run<T, R>(
    things: &Mutex<Receiver<Numbered<T>>>,
    done: &SyncSender<Numbered<thread::Result<R>>>,
    work: &impl Fn(&mut Vec<u8>, T) -> R,
) {
    let mut scratch = Vec::new();
    let next = || things.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok((number, thing)) = next() {
        scratch.clear();
        scratch.shrink_to(KEPT);
        // A panic is carried to the calling thread, which would wait for this result for ever.
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut scratch, thing)));
        if done.send((number, result)).is_err() {
            return;
        }
    }
}

/// What is under way, from the next one to be taken: a result where it came before its turn.
struct Order<R, K> {
    take: K,
    under_way: VecDeque<Option<R>>,
    taken: usize,
}

impl<R, E, K: FnMut(R) -> Result<(), E>> Order<R, K> {
    /// The number of the next thing.
    fn begin(&mut self) -> usize {
        self.under_way.push_back(None);
        self.taken + self.under_way.len() - 1
    }

    /// Takes all results whose turn it is.
    fn put(&mut self, (number, result): Numbered<thread::Result<R>>) -> Result<(), E> {
        self.under_way[number - self.taken] = Some(result.unwrap_or_else(|panic| resume_unwind(panic)));
        while let Some(Some(_)) = self.under_way.front() {
            let Some(Some(result)) = self.under_way.pop_front() else { break };
            self.taken += 1;
            (self.take)(result)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    fn numbers(count: usize) -> impl FnOnce(&mut dyn FnMut(usize) -> Result<(), String>) -> Result<(), String> {
        move |submit| (0..count).try_for_each(submit)
    }

    #[test]
    fn results_come_in_the_order_of_the_things() {
        let mut taken = Vec::new();
        let work = |_: &mut Vec<u8>, number: usize| {
            // The earlier of two takes longer.
            thread::sleep(Duration::from_micros(if number.is_multiple_of(2) { 500 } else { 0 }));
            number * 10
        };

        let ended = in_order(4, numbers(1000), work, |result| {
            taken.push(result);
            Ok(())
        });

        assert_eq!(ended, Ok(()));
        assert_eq!(taken, (0..1000).map(|number| number * 10).collect::<Vec<_>>());
    }

    #[test]
    fn no_more_than_a_window_is_under_way() {
        let (begun, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let find = |submit: &mut dyn FnMut(usize) -> Result<(), String>| {
            (0..1000).try_for_each(|number| {
                let under_way = begun.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(under_way, Ordering::SeqCst);
                submit(number)
            })
        };

        let ended = in_order(
            2,
            find,
            |_, number| number,
            |_| {
                begun.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            },
        );

        assert_eq!(ended, Ok(()));
        assert!(most.into_inner() <= 2 * WINDOW + 1);
    }

    #[test]
    fn a_result_that_cannot_be_taken_ends_it() {
        let ended = in_order(
            2,
            numbers(100_000),
            |_, number| number,
            |number| match number {
                50 => Err("enough".to_owned()),
                _ => Ok(()),
            },
        );

        assert_eq!(ended, Err("enough".to_owned()));
    }

    #[test]
    #[should_panic(expected = "the work of 7")]
    fn a_panic_is_not_waited_for() {
        let work = |_: &mut Vec<u8>, number: usize| assert!(number != 7, "the work of {number}");

        let _ = in_order(2, numbers(100), work, |()| Ok(()));
    }
}
