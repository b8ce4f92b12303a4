//! The outbox, one mechanism for mails and for changes to other instances (R17, R24). A row is written in the transaction of
//! its cause and leased by a worker with a deadline. It becomes final once; then its sealed payload is wiped.

use super::row::{RowName, code_of};
use super::{Engine, Reader, StoreResult, Tx};
use crate::domain::{Email, MailJob, PersonId, SealContext, Seconds, Timestamp};
use app::model::{MailProgress, SyncOutcome};
use serde::Serialize;
use serde::de::DeserializeOwned;
use strum::{EnumString, IntoStaticStr};
use zeroize::Zeroizing;

/// The error of a row whose payload does not open or parse.
const UNREADABLE: &str = "unreadable";
/// Pause before such a row is read again, because a newer release may have written it.
const UNREADABLE_PAUSE: Seconds = Seconds::minutes(10);

/// The way by which a row is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    Mail,
    Sync,
}

/// How far the delivery of a row has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum OutboxState {
    Queued,
    Done,
    Failed,
    Withdrawn,
}

#[derive(Clone)]
pub struct NewMail {
    /// The person whom it is about.
    pub person: PersonId,
    /// The enrolment to which it belongs: an activation mail is withdrawn with it, and its page shows the state of the mail.
    pub enrolment: Option<String>,
    pub job: MailJob,
    /// After this the mail is useless and is not sent.
    pub give_up_at: Timestamp,
}

/// A due row that is leased to this worker.
#[derive(Debug)]
pub struct LeasedRow<P> {
    /// Id of the row, the same in all attempts: part of a mail's Message-ID, the `jti` of a message.
    pub id: String,
    /// Whom it is about.
    pub person: PersonId,
    /// The factor whose secret is in it.
    pub factor: Option<String>,
    /// The peer to which it goes; empty for a mail.
    pub destination: String,
    pub payload: P,
    /// Attempts before this one.
    pub attempts: i64,
    /// After this the payload is useless; `None` for changes, which are tried for ever.
    pub give_up_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
pub(super) struct LeaseRow {
    pub(super) id: String,
    person_id: PersonId,
    pub(super) factor_id: Option<String>,
    payload_sealed: Option<Vec<u8>>,
    attempts: i64,
    give_up_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct MailStateRow {
    id: String,
    state: String,
    last_error: Option<String>,
    done_at: Option<Timestamp>,
}

pub(super) struct NewRow<'a, P> {
    pub(super) channel: Channel,
    pub(super) destination: &'a str,
    pub(super) person: PersonId,
    pub(super) revision: i64,
    pub(super) kind: &'static str,
    pub(super) enrolment: Option<&'a str>,
    pub(super) factor: Option<&'a str>,
    pub(super) email_index: Option<Vec<u8>>,
    pub(super) payload: &'a P,
    pub(super) give_up_at: Option<Timestamp>,
}

fn payload_context(id: &str) -> SealContext<'_> {
    SealContext::new("outbox", "payload", id)
}

/// Leases the first due rows for one destination. A row waits until all rows with a smaller revision for the same person and
/// destination are final, so that changes arrive in order and one POST has at most one of each person. The condition is repeated
/// outside the choice, because two workers may choose the same rows.
macro_rules! lease_statement {
    ($locking:literal) => {
        concat!(
            // materialized: PostgreSQL would else choose again for each row, and more than the limit
            "WITH due AS MATERIALIZED \
             (SELECT o.id FROM outbox o WHERE o.channel = $1 AND o.destination = $2 \
              AND o.state = 'queued' AND o.next_at <= $3 AND o.lease_until <= $3 \
              AND NOT EXISTS (SELECT 1 FROM outbox e \
              WHERE e.destination = o.destination AND e.person_id = o.person_id \
              AND e.channel = o.channel AND e.state = 'queued' AND e.revision < o.revision) \
              ORDER BY o.next_at, o.id LIMIT $5 ",
            $locking,
            ") UPDATE outbox SET lease_until = $4, attempts = attempts + 1 \
             WHERE id IN (SELECT id FROM due) AND state = 'queued' AND lease_until <= $3 \
             RETURNING id, person_id, factor_id, payload_sealed, attempts, give_up_at"
        )
    };
}

impl Reader {
    /// When and about whom mails of this kind were queued for this email since `since`, newest first.
    pub async fn mails_to(
        &mut self,
        kind: &str,
        email: &Email,
        since: Timestamp,
    ) -> StoreResult<Vec<(Timestamp, PersonId)>> {
        let index = self.sealer.index("email", &email.key());
        self.fetch_all(
            "SELECT created_at, person_id FROM outbox WHERE email_index = $1 AND kind = $2 \
             AND created_at > $3 ORDER BY created_at DESC",
            args![index, kind, since],
        )
        .await
    }

    /// When mails of this kind were queued about this person since `since`, newest first.
    pub async fn mails_about(
        &mut self,
        kind: &str,
        person: PersonId,
        since: Timestamp,
    ) -> StoreResult<Vec<Timestamp>> {
        self.fetch_column(
            "SELECT created_at FROM outbox WHERE person_id = $1 AND kind = $2 \
                 AND created_at > $3 ORDER BY created_at DESC",
            args![person, kind, since],
        )
        .await
    }

    /// The true state of the newest activation mail of an enrolment.
    pub async fn activation_mail(&mut self, enrolment: &str) -> StoreResult<MailProgress> {
        let row: Option<MailStateRow> = self
            .fetch_optional(
                "SELECT id, state, last_error, done_at FROM outbox \
                 WHERE enrolment_id = $1 AND kind = 'activation_link' \
                 ORDER BY created_at DESC, id DESC LIMIT 1",
                args![enrolment],
            )
            .await?;
        let Some(row) = row else {
            return Ok(MailProgress::Failed);
        };
        let name = RowName::new("outbox", &row.id);
        Ok(match (name.code("state", &row.state)?, row.done_at) {
            (OutboxState::Queued, _) if row.last_error.is_some() => MailProgress::Retrying,
            (OutboxState::Queued, _) => MailProgress::Queued,
            (OutboxState::Done, Some(at)) => MailProgress::Accepted(at.0),
            _ => MailProgress::Failed,
        })
    }
}

impl Tx {
    pub async fn enqueue_mail(&mut self, mail: &NewMail, now: Timestamp) -> StoreResult<()> {
        let email_index = self.sealer.index("email", &mail.job.to.key());
        let row = NewRow {
            channel: Channel::Mail,
            destination: "",
            person: mail.person,
            revision: 0,
            kind: mail.job.message.kind(),
            enrolment: mail.enrolment.as_deref(),
            factor: None,
            email_index: Some(email_index),
            payload: &mail.job,
            give_up_at: Some(mail.give_up_at),
        };
        self.enqueue(row, now).await
    }

    pub(super) async fn enqueue<P: Serialize + Sync>(
        &mut self,
        row: NewRow<'_, P>,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.note_queued();
        let id = self.sealer.row_id();
        // with this capacity the buffer never moves, so no copy of a secret is left in memory
        let mut payload = Zeroizing::new(Vec::with_capacity(4096));
        serde_json::to_writer(&mut *payload, row.payload)
            .map_err(|error| super::handle::encode_error(error.into()))?;
        let sealed = self.sealer.seal(payload_context(&id), &payload);
        self.execute(
            "INSERT INTO outbox (id, channel, destination, person_id, revision, kind, enrolment_id, \
             email_index, payload_sealed, state, next_at, give_up_at, created_at, factor_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10, $11, $10, $12)",
            args![
                &*id,
                code_of(row.channel),
                row.destination,
                row.person,
                row.revision,
                row.kind,
                row.enrolment,
                row.email_index,
                sealed,
                now,
                row.give_up_at,
                row.factor
            ],
        )
        .await
    }

    /// Leases up to `most` due rows for one destination until `now + lease`; the lease of a killed worker ends by itself. On
    /// PostgreSQL workers skip each other's rows instead of waiting for them.
    pub async fn lease_rows<P: DeserializeOwned>(
        &mut self,
        channel: Channel,
        destination: &str,
        most: i64,
        lease: Seconds,
        now: Timestamp,
    ) -> StoreResult<Vec<LeasedRow<P>>> {
        let statement = match self.engine {
            Engine::Sqlite => lease_statement!(""),
            Engine::Postgres => lease_statement!("FOR UPDATE OF o SKIP LOCKED"),
        };
        let mut leased = Vec::new();
        // again where no row could be read, because others may be due behind them
        while leased.is_empty() {
            let rows: Vec<LeaseRow> = self
                .fetch_all(
                    statement,
                    args![code_of(channel), destination, now, now + lease, most],
                )
                .await?;
            if rows.is_empty() {
                break;
            }
            self.open_rows(rows, destination, &mut leased, now).await?;
        }
        Ok(leased)
    }

    /// Opens leased rows; one that cannot be read is put off.
    async fn open_rows<P: DeserializeOwned>(
        &mut self,
        rows: Vec<LeaseRow>,
        destination: &str,
        leased: &mut Vec<LeasedRow<P>>,
        now: Timestamp,
    ) -> StoreResult<()> {
        for row in rows {
            match self.open_payload(&row) {
                Ok(payload) => leased.push(LeasedRow {
                    id: row.id,
                    person: row.person_id,
                    factor: row.factor_id,
                    destination: destination.to_owned(),
                    payload,
                    attempts: row.attempts - 1,
                    give_up_at: row.give_up_at,
                }),
                // a row that cannot be read, because it is damaged or of a newer release, must not hold up the others
                Err(error) => {
                    tracing::error!(row = %row.id, %error, "a row of the outbox cannot be read");
                    if row.give_up_at.is_some_and(|until| now >= until) {
                        self.fail_row(&row.id, UNREADABLE, now).await?;
                    } else {
                        self.retry_row(&row.id, UNREADABLE, now + UNREADABLE_PAUSE)
                            .await?;
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn open_payload<P: DeserializeOwned>(&self, row: &LeaseRow) -> StoreResult<P> {
        let name = RowName::new("outbox", &row.id);
        let sealed = name.value("payload_sealed", row.payload_sealed.as_deref())?;
        let payload = self.sealer.open(payload_context(&row.id), sealed)?;
        name.value(
            "payload_sealed",
            serde_json::from_slice(payload.expose()).ok(),
        )
    }

    pub(super) async fn delete_row(&mut self, id: &str) -> StoreResult<()> {
        self.execute("DELETE FROM outbox WHERE id = $1", args![id])
            .await
    }

    /// Final: the row was delivered. `outcome` is the answer of a peer; `None` for a mail. False when the row was final before.
    pub async fn finish_row(
        &mut self,
        id: &str,
        outcome: Option<SyncOutcome>,
        now: Timestamp,
    ) -> StoreResult<bool> {
        // a row that was withdrawn or finished by another worker after the lease stays as it is
        self.execute_if(
            "UPDATE outbox SET state = 'done', outcome = $2, last_error = NULL, done_at = $3, \
             payload_sealed = NULL WHERE id = $1 AND state = 'queued'",
            args![id, outcome.map(SyncOutcome::code), now],
        )
        .await
    }

    /// Final: refused for good, or too late.
    pub async fn fail_row(&mut self, id: &str, error: &str, now: Timestamp) -> StoreResult<()> {
        // a row that was withdrawn or finished by another worker after the lease stays as it is
        self.execute(
            "UPDATE outbox SET state = 'failed', last_error = $2, done_at = $3, \
             payload_sealed = NULL WHERE id = $1 AND state = 'queued'",
            args![id, error, now],
        )
        .await
    }

    /// Gives the row back to be tried again at `next_at`.
    pub async fn retry_row(
        &mut self,
        id: &str,
        error: &str,
        next_at: Timestamp,
    ) -> StoreResult<()> {
        // a row that was withdrawn or finished by another worker after the lease must not be sent again
        self.execute(
            "UPDATE outbox SET next_at = $2, lease_until = 0, last_error = $3 \
             WHERE id = $1 AND state = 'queued'",
            args![id, next_at, error],
        )
        .await
    }

    /// Withdraws the unsent activation mails of an ended enrolment.
    pub(super) async fn withdraw_activation_mails(
        &mut self,
        enrolment: &str,
        now: Timestamp,
    ) -> StoreResult<()> {
        // a mail that was sent stays *done*, since its page tells the true state
        self.execute(
            "UPDATE outbox SET state = 'withdrawn', payload_sealed = NULL, done_at = $2 \
             WHERE enrolment_id = $1 AND kind = 'activation_link' AND state = 'queued'",
            args![enrolment, now],
        )
        .await
    }
}
