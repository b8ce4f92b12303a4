//! The mail outbox (R17): written in the transaction that changes the state, leased with a
//! deadline, payload sealed and wiped once final.

use super::{StoreError, StoreResult, Tx};
use crate::domain::{
    address::MailAddress,
    mail::MailJob,
    person::PersonId,
    time::{Seconds, Timestamp},
    vault::Place,
};

/// What is noted with a payload that does not open or parse, and when it is looked at again.
pub(super) const UNREADABLE: &str = "unreadable";
pub(super) const UNREADABLE_FOR: Seconds = Seconds::minutes(10);

/// A mail to be sent.
#[derive(Clone)]
pub struct NewMail {
    /// Whom it concerns.
    pub person: PersonId,
    /// The enrolment it belongs to, if any: ended with it, and its state is shown there.
    pub enrolment: Option<String>,
    /// The mail.
    pub job: MailJob,
    /// After this it is of no use.
    pub give_up_at: Timestamp,
}

/// A mail that is due, leased to this worker.
pub struct DueMail {
    /// Row id; also the stable part of its Message-ID.
    pub id: String,
    /// The mail.
    pub job: MailJob,
    /// Attempts before this one.
    pub attempts: i64,
    /// After this it is of no use.
    pub give_up_at: Timestamp,
}

/// What happened to the newest activation mail of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// Not handed over yet.
    Queued,
    /// Refused for now; will be tried again.
    Retrying,
    /// The mail server took it.
    Accepted {
        /// When.
        at: Timestamp,
    },
    /// The mail server refused it for good, or time ran out.
    Failed,
}

fn place(id: &str) -> Place<'_> {
    Place {
        table: "mail_outbox",
        purpose: "payload",
        row: id,
    }
}

impl Tx {
    /// The index of a mailbox, however its address is written.
    fn mailbox(&self, address: &str) -> Vec<u8> {
        let key = MailAddress::parse(address).map_or_else(|_| address.to_owned(), |it| it.key());
        self.sealer.index("address", &key)
    }

    /// Writes a mail to the outbox.
    pub async fn enqueue_mail(&mut self, mail: &NewMail, now: Timestamp) -> StoreResult<()> {
        let id = self.sealer.row_id();
        let payload = serde_json::to_vec(&mail.job).map_err(|_| StoreError::Corrupt("mail"))?;
        let sealed = self.sealer.seal(place(&id), &payload);
        let to = self.mailbox(&mail.job.to);
        sqlx::query(
            "INSERT INTO mail_outbox (id, kind, person_id, enrolment_id, to_index, \
             payload_sealed, state, next_at, give_up_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $7)",
        )
        .bind(&id)
        .bind(mail.job.message.kind())
        .bind(mail.person.get())
        .bind(mail.enrolment.as_deref())
        .bind(to)
        .bind(sealed)
        .bind(now.0)
        .bind(mail.give_up_at.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// When mails of this kind went to this address since `since`, newest first (the cap on
    /// resending).
    pub async fn mails_to(
        &mut self,
        kind: &str,
        address: &str,
        since: Timestamp,
    ) -> StoreResult<Vec<Timestamp>> {
        let to = self.mailbox(address);
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT created_at FROM mail_outbox WHERE to_index = $1 AND kind = $2 \
             AND created_at > $3 ORDER BY created_at DESC",
        )
        .bind(to)
        .bind(kind)
        .bind(since.0)
        .fetch_all(self.conn())
        .await?;
        Ok(rows.into_iter().map(|(at,)| Timestamp(at)).collect())
    }

    /// When mails of this kind were written for this person since `since`, newest first.
    pub async fn mails_about(
        &mut self,
        kind: &str,
        person: PersonId,
        since: Timestamp,
    ) -> StoreResult<Vec<Timestamp>> {
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT created_at FROM mail_outbox WHERE person_id = $1 AND kind = $2 \
             AND created_at > $3 ORDER BY created_at DESC",
        )
        .bind(person.get())
        .bind(kind)
        .bind(since.0)
        .fetch_all(self.conn())
        .await?;
        Ok(rows.into_iter().map(|(at,)| Timestamp(at)).collect())
    }

    /// Leases the next due mail until `now + lease`; a killed worker's lease runs out.
    pub async fn lease_mail(
        &mut self,
        lease: Seconds,
        now: Timestamp,
    ) -> StoreResult<Option<DueMail>> {
        loop {
            let row: Option<(String, Option<Vec<u8>>, i64, i64)> = sqlx::query_as(
                "UPDATE mail_outbox SET lease_until = $2, attempts = attempts + 1 WHERE id = \
                 (SELECT id FROM mail_outbox WHERE state = 'queued' AND next_at <= $1 \
                  AND lease_until <= $1 ORDER BY next_at, id LIMIT 1) \
                 AND state = 'queued' AND lease_until <= $1 \
                 RETURNING id, payload_sealed, attempts, give_up_at",
            )
            .bind(now.0)
            .bind((now + lease).0)
            .fetch_optional(self.conn())
            .await?;
            let Some((id, sealed, attempts, give_up_at)) = row else {
                return Ok(None);
            };
            match self.open_mail(&id, sealed) {
                Ok(job) => {
                    return Ok(Some(DueMail {
                        id,
                        job,
                        attempts: attempts - 1,
                        give_up_at: Timestamp(give_up_at),
                    }));
                }
                // one that cannot be read (damaged, or a newer release's) holds up no other
                Err(error) => {
                    tracing::error!(mail = %id, %error, "a mail cannot be read");
                    if now.0 < give_up_at {
                        self.retry_mail(&id, UNREADABLE, now + UNREADABLE_FOR)
                            .await?;
                    } else {
                        self.finish_mail(&id, false, Some(UNREADABLE), now).await?;
                    }
                }
            }
        }
    }

    fn open_mail(&self, id: &str, sealed: Option<Vec<u8>>) -> StoreResult<MailJob> {
        let sealed = sealed.ok_or(StoreError::Corrupt("mail_outbox.payload"))?;
        let payload = self.sealer.open(place(id), &sealed)?;
        serde_json::from_slice(payload.expose())
            .map_err(|_| StoreError::Corrupt("mail_outbox.payload"))
    }

    /// Final: accepted, or failed for good. The payload is wiped.
    pub async fn finish_mail(
        &mut self,
        id: &str,
        accepted: bool,
        fault: Option<&str>,
        now: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query(
            "UPDATE mail_outbox SET state = $2, last_fault = $3, done_at = $4, \
             payload_sealed = NULL WHERE id = $1 AND state = 'queued'",
        )
        .bind(id)
        .bind(if accepted { "accepted" } else { "failed" })
        .bind(fault)
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// To be tried again at `next_at`.
    pub async fn retry_mail(
        &mut self,
        id: &str,
        fault: &str,
        next_at: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query(
            "UPDATE mail_outbox SET next_at = $2, lease_until = 0, last_fault = $3 \
             WHERE id = $1 AND state = 'queued'",
        )
        .bind(id)
        .bind(next_at.0)
        .bind(fault)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Unsent activation mails of an ended enrolment are not sent any more.
    pub(super) async fn drop_unsent_mail(
        &mut self,
        enrolment: &str,
        now: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query(
            "UPDATE mail_outbox SET state = 'dropped', payload_sealed = NULL, done_at = $2 \
             WHERE enrolment_id = $1 AND kind = 'activation_link' AND state = 'queued'",
        )
        .bind(enrolment)
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// The true state of the newest activation mail of an enrolment.
    pub async fn activation_mail(&mut self, enrolment: &str) -> StoreResult<Option<MailState>> {
        let row: Option<(String, i64, Option<String>, Option<i64>)> = sqlx::query_as(
            "SELECT state, attempts, last_fault, done_at FROM mail_outbox \
             WHERE enrolment_id = $1 AND kind = 'activation_link' \
             ORDER BY created_at DESC, id DESC LIMIT 1",
        )
        .bind(enrolment)
        .fetch_optional(self.conn())
        .await?;
        Ok(
            row.map(|(state, _, fault, done)| match (state.as_str(), done) {
                ("accepted", Some(at)) => MailState::Accepted { at: Timestamp(at) },
                ("queued", _) if fault.is_some() => MailState::Retrying,
                ("queued", _) => MailState::Queued,
                _ => MailState::Failed,
            }),
        )
    }
}
