//! How much memory does a piece of work take? Counted by the allocator of this test binary, thread by thread.
//!
//! What libxml2 takes comes from C and is not seen here; `epix-native/tests/memory.rs` counts that.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What a piece of work took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// How often memory was asked for; growing a piece counts too.
    pub(crate) allocations: usize,
    /// The most bytes held at one time, beyond those held before.
    pub(crate) peak: usize,
}

/// Does a piece of work on this thread and counts.
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> (T, Work) {
    HELD.set(0);
    PEAK.set(0);
    ALLOCATIONS.set(0);
    let done = work();
    (done, Work { allocations: ALLOCATIONS.get(), peak: PEAK.get().unsigned_abs() })
}

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn count(taken: usize, given_back: usize) {
    // A thread that ends gives memory back when its counters are gone already: nobody asks for those any more.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + taken.cast_signed() - given_back.cast_signed());
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
    if taken > 0 {
        let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
    }
}

// SAFETY: every call is passed on to the system's allocator unchanged; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps the promises that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // A piece that moves is held twice for a moment.
        count(size, 0);
        count(0, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[test]
fn what_is_taken_and_given_back_is_counted_at_its_most() {
    let ((), work) = counted(|| {
        drop(Vec::<u8>::with_capacity(1_000));
        drop(Vec::<u8>::with_capacity(3_000));
    });

    assert_eq!(work, Work { allocations: 2, peak: 3_000 });
}
