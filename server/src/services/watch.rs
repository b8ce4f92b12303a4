//! What this program looks at by itself: sign-ins to which no code followed (R33), and failures that are an attack on many
//! accounts (R31).

use super::security_alerts::{SecurityAlert, alert_password_without_code};
use super::{ServiceError, Services};
use crate::domain::{Actor, AuditEvent, Circumstances, ClientInfo, PersonId, Seconds};
use crate::storage::{StoreResult, Tx};
use std::sync::Arc;
use std::time::Duration;

/// Pause between two rounds.
const EVERY: Duration = Duration::from_secs(5);
/// Least time between two mails to one person about sign-ins without a code.
const SIGN_IN_MAIL_PAUSE: Seconds = Seconds::hours(1);
/// Failures of this time are counted together, and an alarm is not repeated within it.
const ALARM_WINDOW: Seconds = Seconds::hours(1);
/// How many networks are few.
const FEW_NETWORKS: i64 = 3;
/// Most people told in one round; the others follow in the next.
const AT_ONCE: i64 = 100;

impl Services {
    /// Looks until the process ends. Replicas may all look: statements decide who tells.
    pub fn start_watch(self: &Arc<Self>) {
        self.start_asking_for_late_people();
        let services = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                if let Err(error) = services.tell_of_sign_ins_without_code().await {
                    tracing::warn!(%error, "sign-ins without a code could not be told; tried again soon");
                }
                if let Err(error) = services.mail_recovery_links().await {
                    tracing::warn!(%error, "links for lost phones could not be mailed; tried again soon");
                }
                if let Err(error) = services.look_for_attacks().await {
                    tracing::warn!(%error, "failures could not be counted; tried again soon");
                }
            }
        });
    }

    /// Tells the owners that their password was right and no code followed in time (R33). Returns how many people were told.
    pub async fn tell_of_sign_ins_without_code(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let told_before = now - SIGN_IN_MAIL_PAUSE;
        let mut db = self.store.reader().await?;
        let people = db.people_to_tell_of_sign_ins(told_before, AT_ONCE, now);
        let people = people.await?;
        drop(db);
        let mut told = 0;
        for person in people {
            // the newest sign-in is known only inside the transaction
            let unknown = Circumstances {
                at: now,
                client: ClientInfo::default(),
            };
            let input = (person, self.security_alert(unknown));
            let is_told = self.store.write_with(input, |tx, (person, alert)| {
                Box::pin(tell_owner(tx, *person, alert))
            });
            told += usize::from(is_told.await?);
        }
        Ok(told)
    }

    /// Gives an alarm when the failures of many accounts reached a wait within an hour, and one when few networks failed at
    /// many accounts (R31).
    pub async fn look_for_attacks(&self) -> Result<(), ServiceError> {
        let alarms = self.settings.alarms;
        let since = self.now() - ALARM_WINDOW;
        let mut db = self.store.reader().await?;
        let waiting = db.accounts_that_wait(since).await?;
        let networks = db.failing_networks(FEW_NETWORKS, since).await?;
        let failures = db.failed_passwords(since).await?;
        drop(db);
        let failing: i64 = networks.iter().map(|failing| failing.accounts).sum();
        let told: Vec<_> = networks
            .iter()
            .map(|failing| format!("{} ({})", failing.network, failing.accounts))
            .collect();
        let told = told.join(", ");
        for (name, count, most, text) in [
            (
                "waiting accounts",
                waiting,
                alarms.waiting_accounts,
                format!("failures of {waiting} accounts reached a wait within an hour"),
            ),
            (
                "failing accounts",
                failing,
                alarms.failing_accounts,
                format!("passwords failed at {failing} accounts within an hour, from {told}"),
            ),
            (
                "failures",
                failures,
                alarms.failures,
                format!("{failures} passwords were wrong within an hour, over all networks"),
            ),
        ] {
            if count > most {
                // what grows tenfold within the hour has another name, and is told again
                let digits = count.checked_ilog10().unwrap_or_default() + 1;
                let name = format!("{name}, {digits} digits");
                self.alarm(&name, text, ClientInfo::default()).await?;
            }
        }
        Ok(())
    }

    /// Logs and audits an alarm, at most once an hour for each name, over all replicas. `text` must hold nothing that a
    /// stranger could have chosen.
    pub(super) async fn alarm(
        &self,
        name: &str,
        text: String,
        client: ClientInfo,
    ) -> Result<(), ServiceError> {
        let input = (name.to_owned(), text.clone(), client, self.now());
        let is_given = self
            .store
            .write_with(input, |tx, (name, text, client, now)| {
                Box::pin(async move {
                    let (actor, event) = (Actor::System, AuditEvent::Alarm);
                    let is_given = tx.give_alarm(name, *now - ALARM_WINDOW, *now).await?;
                    if is_given {
                        tx.audit(&actor, event, None, client, text, *now).await?;
                    }
                    Ok(is_given)
                })
            })
            .await?;
        if is_given {
            tracing::error!("ALARM: {text}");
        }
        Ok(())
    }
}

/// Mails the owner of an account the newest sign-in that no code followed, and how many there were. False when there is none.
async fn tell_owner(tx: &mut Tx, person: PersonId, alert: &SecurityAlert) -> StoreResult<bool> {
    tx.lock_person(person).await?;
    let taken = tx.take_sign_ins_without_code(person, alert.now()).await?;
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
    let person = tx.person(person).await?;
    let count = i64::try_from(taken.len()).unwrap_or(i64::MAX);
    alert_password_without_code(tx, &person, alert, last, count).await?;
    Ok(true)
}
