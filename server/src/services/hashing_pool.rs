//! Threads that hash passwords: as many as there are cores, each with memory that it takes once and uses again (R32).

use crate::domain::HashMemory;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use thiserror::Error;
use tokio::sync::oneshot;

/// The work panicked, or the pool ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("password hashing was interrupted")]
pub struct Interrupted;

type Job = Box<dyn FnOnce(&mut HashMemory) + Send>;

/// A fixed number of threads. Jobs that wait for one stand in a queue without a bound; the caller bounds them
/// ([`WaitingRoom`](super::waiting_room::WaitingRoom)). The threads end after the pool is dropped.
pub struct HashingPool {
    jobs: mpsc::Sender<Job>,
}

impl HashingPool {
    /// Starts the threads.
    ///
    /// # Panics
    /// When the system gives no thread.
    pub fn start(threads: NonZeroUsize) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads.get() {
            let queue = queue.clone();
            thread::Builder::new()
                .name("password-hash".to_owned())
                .spawn(move || run_jobs(&queue))
                .expect("a thread for password hashing can be started");
        }
        Self { jobs }
    }

    /// Runs `job` on the next free thread, to its end, also when the caller stops waiting: what `job` holds is dropped only
    /// then.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut HashMemory) -> T + Send + 'static,
    ) -> Result<T, Interrupted> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            let value = job(memory);
            // a caller who went away needs no answer
            let _ = reply.send(value);
        });
        self.jobs.send(job).map_err(|_| Interrupted)?;
        answer.await.map_err(|_| Interrupted)
    }
}

fn run_jobs(queue: &Mutex<mpsc::Receiver<Job>>) {
    let mut memory = HashMemory::default();
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // a panic must cost one request, not a thread; the memory holds no state between jobs
        if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            tracing::error!("a password hash panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn pool(threads: usize) -> HashingPool {
        HashingPool::start(NonZeroUsize::new(threads).unwrap())
    }

    #[tokio::test]
    async fn r32_never_more_at_once_than_threads_and_every_job_ends_whoever_waits() {
        let pool = pool(2);
        let (running, most, ended) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicUsize::new(0)),
        );
        // two jobs that meet, so that two do run at once
        let meet = Arc::new(Barrier::new(2));
        let mut all = Vec::new();
        for _ in 0..20 {
            let (running, most, ended, meet) =
                (running.clone(), most.clone(), ended.clone(), meet.clone());
            let mut call = Box::pin(pool.run(move |_| {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                meet.wait();
                running.fetch_sub(1, Ordering::SeqCst);
                ended.fetch_add(1, Ordering::SeqCst);
            }));
            // handed over by the first poll
            let _ = poll_once(&mut call);
            all.push(call);
        }
        // half of the callers go away
        all.truncate(10);
        pool.run(|_| {}).await.unwrap();
        for call in all {
            call.await.unwrap();
        }
        while ended.load(Ordering::SeqCst) < 20 {
            thread::yield_now();
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    fn poll_once<F: Future + Unpin>(call: &mut F) -> bool {
        let waker = std::task::Waker::noop();
        std::pin::Pin::new(call)
            .poll(&mut std::task::Context::from_waker(waker))
            .is_ready()
    }

    #[tokio::test]
    async fn a_job_that_panics_costs_no_thread() {
        let pool = pool(1);
        let failed = pool.run(|_| -> () { panic!("on purpose") }).await;
        assert_eq!(failed, Err(Interrupted));
        assert_eq!(pool.run(|_| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn r32_a_thread_keeps_its_memory() {
        let pool = pool(1);
        let memory = |memory: &mut HashMemory| memory.blocks(19 * 1024).as_ptr() as usize;
        let first = pool.run(memory).await.unwrap();
        assert_eq!(pool.run(memory).await.unwrap(), first);
    }
}
