//! The worker that hands mails to the mail server (R17).

use super::IDLE;
use crate::domain::MailJob;
use crate::ports::{MailError, Mailer};
use crate::services::{ServiceError, Services};
use crate::storage::{Channel, LeasedRow};
use std::sync::Arc;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Most mails at once: a slow mail server must not delay the others.
const AT_ONCE: usize = 8;

impl Services {
    pub(super) async fn send_mails(self: Arc<Self>, mailer: Arc<dyn Mailer>) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let woken = self.store.outbox_wake().notified();
            let Ok(free) = free_places(&places).await else {
                return;
            };
            if !self.send_due_mails(free, &mailer).await {
                let _ = tokio::time::timeout(IDLE, woken).await;
            }
        }
    }

    /// Begins to send as many due mails as there are free places; false when none is due.
    async fn send_due_mails(
        self: &Arc<Self>,
        mut free: OwnedSemaphorePermit,
        mailer: &Arc<dyn Mailer>,
    ) -> bool {
        let most = i64::try_from(free.num_permits()).unwrap_or(1);
        let rows = match self.lease::<MailJob>(Channel::Mail, "", most).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be worked");
                return false;
            }
        };
        let is_any = !rows.is_empty();
        for row in rows {
            let (services, mailer, place) = (self.clone(), mailer.clone(), free.split(1));
            tokio::spawn(async move {
                let _place = place;
                if let Err(error) = services.send_mail(row, &*mailer).await {
                    tracing::error!(%error, "what became of a mail cannot be written");
                }
            });
        }
        is_any
    }

    /// Delivers one due mail; false when none is due.
    pub async fn deliver_next_mail(&self, mailer: &dyn Mailer) -> Result<bool, ServiceError> {
        let mut rows = self.lease::<MailJob>(Channel::Mail, "", 1).await?;
        let Some(row) = rows.pop() else {
            return Ok(false);
        };
        self.send_mail(row, mailer).await?;
        Ok(true)
    }

    /// Hands over a leased mail. After its `give_up_at` it fails without being sent.
    async fn send_mail(
        &self,
        row: LeasedRow<MailJob>,
        mailer: &dyn Mailer,
    ) -> Result<(), ServiceError> {
        let is_too_late = row.give_up_at.is_some_and(|until| self.now() >= until);
        let delivered = if is_too_late {
            Err(MailError::Permanent("its time ran out".to_owned()))
        } else {
            mailer.send(&row.payload, &row.id).await
        };
        self.settle_mail(row, delivered).await
    }

    /// Writes the result of an attempt: final, or to be tried again later.
    async fn settle_mail(
        &self,
        row: LeasedRow<MailJob>,
        delivered: Result<(), MailError>,
    ) -> Result<(), ServiceError> {
        let (id, kind, attempt) = (row.id, row.payload.message.kind(), row.attempts + 1);
        let at = match &delivered {
            Ok(()) => {
                tracing::info!(row = %id, kind, "handed over");
                self.now()
            }
            Err(MailError::Permanent(error)) => {
                tracing::error!(row = %id, kind, error, "refused for good");
                self.now()
            }
            Err(MailError::Transient(error)) => {
                tracing::warn!(row = %id, kind, error, attempt, "will be tried again");
                self.retry_at(row.attempts).await?
            }
        };
        self.store
            .write_with((id, delivered, at), |tx, (id, delivered, at)| {
                Box::pin(async move {
                    match delivered {
                        Ok(()) => tx.finish_row(id, None, *at).await.map(drop),
                        Err(MailError::Permanent(error)) => tx.fail_row(id, error, *at).await,
                        Err(MailError::Transient(error)) => tx.retry_row(id, error, *at).await,
                    }
                })
            })
            .await?;
        Ok(())
    }
}

/// Waits for a free place, and takes all that are free then: mails that are due together are leased by one statement.
async fn free_places(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, AcquireError> {
    let mut free = places.clone().acquire_owned().await?;
    let others = u32::try_from(places.available_permits()).unwrap_or(0);
    if let Ok(others) = places.clone().try_acquire_many_owned(others) {
        free.merge(others);
    }
    Ok(free)
}
