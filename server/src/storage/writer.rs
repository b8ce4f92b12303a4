//! The writer of SQLite: one task that runs queued closures in groups with one commit for each group.

use super::{StoreError, StoreResult, Tx, UnitOfWork};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use std::{panic::AssertUnwindSafe, sync::Arc};
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
        // a panic in one closure must not end the only writer, and with it every change
        if let Ok(result) = AssertUnwindSafe(self.unit.run(tx)).catch_unwind().await {
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
    pub(super) fn start(tx: Tx) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(work(tx, jobs));
        Self { queue }
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
        let outcome = run_group(&mut tx, &mut group).await;
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

async fn run_group(tx: &mut Tx, group: &mut [Box<dyn Job>]) -> StoreResult<()> {
    tx.begin("BEGIN IMMEDIATE").await?;
    for job in group {
        tx.run_plain("SAVEPOINT one").await?;
        if !job.run(tx).await {
            tx.run_plain("ROLLBACK TO one").await?;
        }
        tx.run_plain("RELEASE one").await?;
    }
    tx.commit().await
}
