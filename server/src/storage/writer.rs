//! The writer of SQLite: one task that runs queued closures in groups with one commit for each group. A group in which a closure fails
//! is rolled back and run again, each closure in a savepoint.

use super::{StoreError, StoreResult, Tx, UnitOfWork};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

/// Most closures of one group. It bounds how long the first one waits for the last one.
const GROUP: usize = 64;
/// Most closures that wait; with more, callers wait for a place in the queue.
const QUEUE: usize = 1024;

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
}

#[async_trait]
trait Job: Send {
    /// Runs the closure and keeps its result. True when its changes are to be committed.
    async fn run(&mut self, tx: &mut Tx) -> bool;
    /// Sends the result to the caller. `commit` is an error when nothing of the group was committed.
    fn answer(self: Box<Self>, commit: Result<(), String>);
}

struct QueuedUnit<U: UnitOfWork> {
    unit: Arc<U>,
    result: StoreResult<U::Output>,
    reply: oneshot::Sender<StoreResult<U::Output>>,
}

#[async_trait]
impl<U: UnitOfWork> Job for QueuedUnit<U> {
    async fn run(&mut self, tx: &mut Tx) -> bool {
        // a closure that runs again after a panic must not keep the result of the first run
        self.result = Err(StoreError::Closing);
        // a panic in one closure must not end the only writer, and with it every change
        let run = async {
            let output = self.unit.boxed_run(tx).await?;
            // a change that fails is this closure's failure, not one of the next
            tx.send_changes().await?;
            Ok(output)
        };
        if let Ok(result) = AssertUnwindSafe(run).catch_unwind().await {
            self.result = result;
        } else {
            tracing::error!("a change panicked and was rolled back");
        }
        self.result.is_ok()
    }

    fn answer(self: Box<Self>, commit: Result<(), String>) {
        let result = match (self.result, commit) {
            (Ok(_), Err(reason)) => Err(StoreError::Open(format!("commit failed: {reason}"))),
            (result, _) => result,
        };
        // the caller may have been cancelled; its change is committed all the same
        let _ = self.reply.send(result);
    }
}

impl Writer {
    /// Starts the writer on a thread of its own: each statement is a message to the thread of sqlx and back, and a runtime with
    /// other tasks would take longer to wake.
    pub(super) fn start(tx: Tx) -> StoreResult<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let opening = |error| StoreError::Open(format!("the writer cannot be started: {error}"));
        let runtime = Builder::new_current_thread().build().map_err(opening)?;
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || runtime.block_on(work(tx, jobs)))
            .map_err(opening)?;
        Ok(Self { queue })
    }

    pub(super) async fn run<U: UnitOfWork>(&self, unit: Arc<U>) -> StoreResult<U::Output> {
        let (reply, answer) = oneshot::channel();
        let job = QueuedUnit {
            unit,
            result: Err(StoreError::Closing),
            reply,
        };
        self.queue
            .send(Box::new(job))
            .await
            .map_err(|_| StoreError::Closing)?;
        answer.await.map_err(|_| StoreError::Closing)?
    }
}

async fn work(mut tx: Tx, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.recv_many(&mut group, GROUP).await > 0 {
        let outcome = commit_group(&mut tx, &mut group).await;
        if let Err(error) = &outcome {
            tracing::error!(%error, "a group of writes was not committed");
            tx.rollback().await;
        }
        let outcome = outcome.map_err(|error| error.to_string());
        for job in group.drain(..) {
            job.answer(outcome.clone());
        }
    }
}

async fn commit_group(tx: &mut Tx, group: &mut [Box<dyn Job>]) -> StoreResult<()> {
    tx.begin("BEGIN IMMEDIATE").await?;
    // nearly every group has no failure in it, and needs no savepoints
    let mut failed = false;
    for job in &mut *group {
        failed |= !job.run(tx).await;
        if failed {
            break;
        }
    }
    if !failed {
        return tx.commit().await;
    }
    tx.rollback().await;
    run_apart(tx, group).await
}

/// Runs every closure of a group again, each in a savepoint, so that a failure undoes the changes of one closure only.
async fn run_apart(tx: &mut Tx, group: &mut [Box<dyn Job>]) -> StoreResult<()> {
    tx.begin("BEGIN IMMEDIATE").await?;
    for job in group {
        tx.run_plain("SAVEPOINT one").await?;
        if !job.run(tx).await {
            tx.forget_changes();
            tx.run_plain("ROLLBACK TO one").await?;
        }
        tx.run_plain("RELEASE one").await?;
    }
    tx.commit().await
}
