//! What this program looks at by itself: sign-ins to which no code followed (R33).

use super::{
    ServiceError, Services,
    security_alerts::{SecurityAlert, alert_password_without_code},
};
use crate::{
    domain::{
        client::ClientInfo,
        mail::Circumstances,
        person::PersonId,
        time::{Seconds, Timestamp},
    },
    storage::{StoreResult, Tx, UnitOfWork},
};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// Pause between two rounds.
const EVERY: Duration = Duration::from_secs(5);
/// Least time between two mails to one person about sign-ins without a code.
const SIGN_IN_MAIL_PAUSE: Seconds = Seconds::hours(1);
/// Most people told in one round; the others follow in the next.
const AT_ONCE: i64 = 100;

impl Services {
    /// Looks until the process ends. Replicas may all look: statements decide who tells.
    pub fn start_watch(self: &Arc<Self>) {
        let services = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                if let Err(error) = services.tell_of_sign_ins_without_code().await {
                    tracing::warn!(%error, "sign-ins without a code could not be told; tried again soon");
                }
            }
        });
    }

    /// Tells the owners that their password was right and no code followed in time (R33). Returns how many people were told.
    pub async fn tell_of_sign_ins_without_code(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let told_before = now - SIGN_IN_MAIL_PAUSE;
        let people = self
            .store
            .reader()
            .await?
            .people_to_tell_of_sign_ins(told_before, AT_ONCE, now)
            .await?;
        let mut told = 0;
        for person in people {
            // the newest sign-in is known only inside the transaction
            let unknown = Circumstances {
                at: now,
                client: ClientInfo::default(),
            };
            let alert = self.security_alert(unknown);
            let input = SignInsWithoutCode { person, alert, now };
            told += usize::from(self.store.write(input).await?);
        }
        if told > 0 {
            self.outbox_wake.notify_waiters();
        }
        Ok(told)
    }
}

struct SignInsWithoutCode {
    person: PersonId,
    alert: SecurityAlert,
    now: Timestamp,
}

#[async_trait]
impl UnitOfWork for SignInsWithoutCode {
    /// Whether there was something to tell.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> StoreResult<bool> {
        tx.lock_person(self.person).await?;
        let taken = tx.take_sign_ins_without_code(self.person, self.now).await?;
        let Some(newest) = taken.first() else {
            return Ok(false);
        };
        let last = Circumstances {
            at: newest.at,
            client: ClientInfo {
                browser: newest.browser.clone(),
                ip: newest.ip.parse().ok(),
            },
        };
        let person = tx.person(self.person).await?;
        let count = i64::try_from(taken.len()).unwrap_or(i64::MAX);
        alert_password_without_code(tx, &person, &self.alert, last, count).await?;
        Ok(true)
    }
}
