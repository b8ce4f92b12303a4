//! Enrolments: every arrow of the state machine is one conditional statement.

use super::{StoreResult, Tx, tx::known};
use crate::domain::{
    enrolment::{Enrolment, EnrolmentState},
    person::PersonId,
    session::{Amr, SessionLimits},
    time::Timestamp,
    token::TokenHash,
    totp::TotpSecret,
    vault::Place,
};

/// The browser and network that began it, for the link page and the notices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Browser in plain words.
    pub browser: String,
    /// Network address.
    pub address: String,
}

/// An enrolment to be begun.
#[derive(Clone, Debug)]
pub struct NewEnrolment {
    /// Row id.
    pub id: String,
    /// Whose.
    pub person: PersonId,
    /// Cookie of the browser that begins it.
    pub browser_hash: Vec<u8>,
    /// Its secret.
    pub secret: TotpSecret,
    /// Whence.
    pub origin: Origin,
    /// When the QR stops waiting.
    pub expires_at: Timestamp,
}

type Row = (
    String,
    i64,
    String,
    Vec<u8>,
    i64,
    Option<Vec<u8>>,
    i64,
    Option<i64>,
    i64,
    Option<i64>,
    Option<i64>,
    i64,
    Option<i64>,
);

const COLUMNS: &str = "SELECT id, person_id, state, browser_hash, last_step, email_sealed, \
    created_at, code_accepted_at, expires_at, link_expires_at, provisional_until, \
    provisional_uses, activated_at FROM enrolment";

fn secret_place(id: &str) -> Place<'_> {
    Place {
        table: "enrolment",
        purpose: "secret",
        row: id,
    }
}

fn email_place(id: &str) -> Place<'_> {
    Place {
        table: "enrolment",
        purpose: "email",
        row: id,
    }
}

impl Tx {
    /// Begins an enrolment, voiding whatever was pending for this person (R14). True when an
    /// older one was voided.
    pub async fn begin_enrolment(
        &mut self,
        new: &NewEnrolment,
        sessions: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let voided = self
            .end_pending(new.person, EnrolmentState::Voided, sessions, now)
            .await?;
        let sealed = self
            .sealer
            .seal(secret_place(&new.id), new.secret.bytes().expose());
        sqlx::query(
            "INSERT INTO enrolment (id, person_id, state, browser_hash, secret_sealed, last_step, \
             browser, address, created_at, expires_at) \
             VALUES ($1, $2, 'scanning', $3, $4, 0, $5, $6, $7, $8)",
        )
        .bind(&new.id)
        .bind(new.person.get())
        .bind(&new.browser_hash)
        .bind(sealed)
        .bind(&new.origin.browser)
        .bind(&new.origin.address)
        .bind(now.0)
        .bind(new.expires_at.0)
        .execute(self.conn())
        .await?;
        Ok(voided)
    }

    /// Ends what is pending for a person, its links, its unsent mails and the provisional entries
    /// made with it.
    pub async fn end_pending(
        &mut self,
        person: PersonId,
        state: EnrolmentState,
        sessions: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<bool> {
        // a confirmation is either over or has not looked yet
        self.lock_person(person).await?;
        let ended: Vec<(String,)> = sqlx::query_as(
            "UPDATE enrolment SET state = $2, ended_at = $3, secret_sealed = NULL, \
             email_sealed = NULL \
             WHERE person_id = $1 AND state IN ('scanning', 'mailed') RETURNING id",
        )
        .bind(person.get())
        .bind(state.code())
        .bind(now.0)
        .fetch_all(self.conn())
        .await?;
        let why = if state == EnrolmentState::Voided {
            super::Voided::NewerQr
        } else {
            super::Voided::Cancelled
        };
        for (id,) in &ended {
            self.void_links(id, why).await?;
            self.drop_unsent_mail(id, now).await?;
        }
        if !ended.is_empty() {
            let amr = Amr::PendingCode;
            self.step_down(person, amr, sessions.enrolling, sessions, now)
                .await?;
        }
        Ok(!ended.is_empty())
    }

    fn one_enrolment(&self, row: Option<Row>) -> StoreResult<Option<Enrolment>> {
        let Some(row) = row else { return Ok(None) };
        let email = match &row.5 {
            Some(sealed) => Some(self.sealer.open_text(email_place(&row.0), sealed)?),
            None => None,
        };
        Ok(Some(Enrolment {
            id: row.0,
            person: known(PersonId::new(row.1).ok(), "person id")?,
            state: EnrolmentState::from_code(&row.2),
            browser_hash: row.3,
            last_step: row.4,
            email,
            created_at: Timestamp(row.6),
            code_accepted_at: row.7.map(Timestamp),
            expires_at: Timestamp(row.8),
            link_expires_at: row.9.map(Timestamp),
            provisional_until: row.10.map(Timestamp),
            provisional_uses: row.11,
            activated_at: row.12.map(Timestamp),
        }))
    }

    /// The newest enrolment begun by the browser with this cookie.
    pub async fn enrolment_of_browser(
        &mut self,
        browser: &TokenHash,
    ) -> StoreResult<Option<Enrolment>> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE browser_hash = $1 ORDER BY created_at DESC, \
             CASE WHEN state IN ('scanning', 'mailed') THEN 0 ELSE 1 END LIMIT 1"
        ));
        let row = sqlx::query_as(sql)
            .bind(&browser.0)
            .fetch_optional(self.conn())
            .await?;
        self.one_enrolment(row)
    }

    /// The enrolment with this id.
    pub async fn enrolment(&mut self, id: &str) -> StoreResult<Enrolment> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id = $1"));
        let row = sqlx::query_as(sql)
            .bind(id)
            .fetch_optional(self.conn())
            .await?;
        known(self.one_enrolment(row)?, "enrolment of a link")
    }

    /// What is pending for a person, expired or not.
    pub async fn pending_enrolment(&mut self, person: PersonId) -> StoreResult<Option<Enrolment>> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE person_id = $1 AND state IN ('scanning', 'mailed')"
        ));
        let row = sqlx::query_as(sql)
            .bind(person.get())
            .fetch_optional(self.conn())
            .await?;
        self.one_enrolment(row)
    }

    /// The secret of a pending enrolment.
    pub async fn pending_secret(&mut self, id: &str) -> StoreResult<TotpSecret> {
        let (sealed,): (Vec<u8>,) = sqlx::query_as(
            "SELECT secret_sealed FROM enrolment WHERE id = $1 AND secret_sealed IS NOT NULL",
        )
        .bind(id)
        .fetch_one(self.conn())
        .await?;
        let opened = self.sealer.open(secret_place(id), &sealed)?;
        known(TotpSecret::from_bytes(opened), "enrolment.secret")
    }

    /// Whence it was begun.
    pub async fn enrolment_origin(&mut self, id: &str) -> StoreResult<Origin> {
        let (browser, address): (String, String) =
            sqlx::query_as("SELECT browser, address FROM enrolment WHERE id = $1")
                .bind(id)
                .fetch_one(self.conn())
                .await?;
        Ok(Origin { browser, address })
    }

    /// scanning → mailed: code and address were accepted. False when it was no longer scanning.
    pub async fn accept_code(
        &mut self,
        id: &str,
        step: i64,
        provisional_until: Option<Timestamp>,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let done = sqlx::query(
            "UPDATE enrolment SET state = 'mailed', last_step = $2, code_accepted_at = $3, \
             provisional_until = $4 WHERE id = $1 AND state = 'scanning' AND expires_at > $3",
        )
        .bind(id)
        .bind(step)
        .bind(now.0)
        .bind(provisional_until.map(|t| t.0))
        .execute(self.conn())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps the address a new link goes to, and how long that link and the enrolment live.
    pub async fn set_enrolment_address(
        &mut self,
        id: &str,
        email: &str,
        link_until: Timestamp,
        pending_until: Timestamp,
    ) -> StoreResult<bool> {
        let sealed = self.sealer.seal(email_place(id), email.as_bytes());
        let done = sqlx::query(
            "UPDATE enrolment SET email_sealed = $2, link_expires_at = $3, expires_at = $4 \
             WHERE id = $1 AND state = 'mailed'",
        )
        .bind(id)
        .bind(sealed)
        .bind(link_until.0)
        .bind(pending_until.0)
        .execute(self.conn())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// mailed → activated: the one statement that decides between two confirmations.
    pub async fn activate_enrolment(&mut self, id: &str, now: Timestamp) -> StoreResult<bool> {
        let done = sqlx::query(
            "UPDATE enrolment SET state = 'activated', activated_at = $2, ended_at = $2 \
             WHERE id = $1 AND state = 'mailed'",
        )
        .bind(id)
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes back an activation (R29): its receipts, and messages about it that are still to go,
    /// go too.
    pub async fn undo_activation(&mut self, id: &str, now: Timestamp) -> StoreResult<()> {
        sqlx::query(
            "UPDATE enrolment SET state = 'cancelled', ended_at = $2 \
             WHERE id = $1 AND state = 'activated'",
        )
        .bind(id)
        .bind(now.0)
        .execute(self.conn())
        .await?;
        for statement in [
            "DELETE FROM receipt WHERE enrolment_id = $1",
            "DELETE FROM sync_outbox WHERE enrolment_id = $1 AND state = 'queued'",
        ] {
            sqlx::query(statement).bind(id).execute(self.conn()).await?;
        }
        Ok(())
    }

    /// Wipes the pending copy of secret and address once the factor holds them.
    pub async fn wipe_enrolment(&mut self, id: &str) -> StoreResult<()> {
        sqlx::query("UPDATE enrolment SET secret_sealed = NULL, email_sealed = NULL WHERE id = $1")
            .bind(id)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Counts a provisional entry and uses up its step, in one statement (R1).
    pub async fn use_provisional_step(
        &mut self,
        id: &str,
        step: i64,
        most: i64,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let done = sqlx::query(
            "UPDATE enrolment SET provisional_uses = provisional_uses + 1, last_step = $2 \
             WHERE id = $1 AND state = 'mailed' AND last_step < $2 AND provisional_uses < $3 \
             AND provisional_until > $4",
        )
        .bind(id)
        .bind(step)
        .bind(most)
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
