//! The worker that hands mails to the mail server (R17).

use super::IDLE;
use crate::{
    domain::mail::MailJob,
    ports::{MailError, Mailer},
    services::{ServiceError, Services},
    storage::{Channel, LeasedRow},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Most mails at once: a slow mail server must not delay the others.
const AT_ONCE: usize = 8;

impl Services {
    pub(super) async fn send_mails(self: Arc<Self>, mailer: Arc<dyn Mailer>) {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let woken = self.outbox_wake.notified();
            // starts as many rounds as there are permits; each runs until no mail is due
            while let Ok(permit) = permits.clone().try_acquire_owned() {
                let (services, mailer) = (self.clone(), mailer.clone());
                let round = tokio::spawn(async move {
                    let _permit = permit;
                    services.send_due_mails(&*mailer).await;
                });
                // a round that found no mail ends at once, and then no further round is needed
                if tokio::time::timeout(Duration::from_millis(20), round)
                    .await
                    .is_ok()
                {
                    break;
                }
            }
            let _ = tokio::time::timeout(IDLE, woken).await;
        }
    }

    async fn send_due_mails(&self, mailer: &dyn Mailer) {
        loop {
            match self.deliver_next_mail(mailer).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be worked");
                    return;
                }
            }
        }
    }

    /// Delivers one due mail; false when none is due. A mail after its `give_up_at` fails without being sent.
    pub async fn deliver_next_mail(&self, mailer: &dyn Mailer) -> Result<bool, ServiceError> {
        let mut rows = self.lease::<MailJob>(Channel::Mail, "", 1).await?;
        let Some(row) = rows.pop() else {
            return Ok(false);
        };
        let is_too_late = row.give_up_at.is_some_and(|until| self.now() >= until);
        let delivered = if is_too_late {
            Err(MailError::Permanent("its time ran out".to_owned()))
        } else {
            mailer.send(&row.payload, &row.id).await
        };
        self.settle_mail(row, delivered).await?;
        Ok(true)
    }

    /// Writes the result of an attempt: final, or to be tried again later.
    async fn settle_mail(
        &self,
        row: LeasedRow<MailJob>,
        delivered: Result<(), MailError>,
    ) -> Result<(), ServiceError> {
        let (id, kind, attempt) = (row.id, row.payload.message.kind(), row.attempts + 1);
        match delivered {
            Ok(()) => {
                tracing::info!(row = %id, kind, "handed over");
                self.store
                    .write_with((id, self.now()), |tx, (id, now)| {
                        Box::pin(tx.finish_row(id, None, *now))
                    })
                    .await?;
            }
            Err(MailError::Permanent(error)) => {
                tracing::error!(row = %id, kind, error, "refused for good");
                self.store
                    .write_with((id, error, self.now()), |tx, (id, error, now)| {
                        Box::pin(tx.fail_row(id, error, *now))
                    })
                    .await?;
            }
            Err(MailError::Transient(error)) => {
                tracing::warn!(row = %id, kind, error, attempt, "will be tried again");
                let next_at = self.retry_at(row.attempts).await?;
                self.store
                    .write_with((id, error, next_at), |tx, (id, error, next_at)| {
                        Box::pin(tx.retry_row(id, error, *next_at))
                    })
                    .await?;
            }
        }
        Ok(())
    }
}
