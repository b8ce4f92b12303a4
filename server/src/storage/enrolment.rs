//! Enrolments: every change of state is one conditional statement.

use super::row::{RowName, code_of};
use super::sync_change::to_json;
use super::{Reader, StoreResult, Tx};
use crate::domain::{
    ClientInfo, Email, Enrolment, EnrolmentPurpose, EnrolmentState, PersonId, Proof, SealContext,
    SessionLimits, Timestamp, TokenHash, TotpSecret, VoidReason,
};

/// An enrolment that begins.
#[derive(Clone, Debug)]
pub struct NewEnrolment {
    pub id: String,
    pub person: PersonId,
    pub purpose: EnrolmentPurpose,
    /// The proof with which it begins.
    pub proof: Proof,
    /// The name that the factor will have; empty without one.
    pub label: String,
    /// SHA-256 of the cookie of the browser that begins it (R6).
    pub browser_hash: TokenHash,
    pub secret: TotpSecret,
    /// Browser and ip from which it begins.
    pub client: ClientInfo,
    /// When the QR code stops waiting for its first code.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct EnrolmentRow {
    id: String,
    person_id: PersonId,
    state: String,
    purpose: String,
    replaces_factor: Option<String>,
    proof: String,
    label: String,
    browser_hash: TokenHash,
    last_step: i64,
    email_sealed: Option<Vec<u8>>,
    browser: String,
    ip: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    link_expires_at: Option<Timestamp>,
    provisional_until: Option<Timestamp>,
    provisional_uses: i64,
    activated_at: Option<Timestamp>,
}

/// Makes a statement that selects [`EnrolmentRow`]s.
macro_rules! select_enrolment {
    ($condition:literal) => {
        concat!(
            "SELECT id, person_id, state, purpose, replaces_factor, proof, label, browser_hash, \
             last_step, email_sealed, browser, ip, \
             created_at, expires_at, link_expires_at, provisional_until, provisional_uses, \
             activated_at FROM enrolment ",
            $condition
        )
    };
}

fn seal_context<'a>(purpose: &'static str, row: &'a str) -> SealContext<'a> {
    SealContext::new("enrolment", purpose, row)
}

impl Reader {
    fn complete_enrolment(&self, row: EnrolmentRow) -> StoreResult<Enrolment> {
        let name = RowName::new("enrolment", &row.id);
        let email = match &row.email_sealed {
            Some(sealed) => {
                let text = self
                    .sealer
                    .open_text(seal_context("email", &row.id), sealed)?;
                Some(name.value("email_sealed", Email::parse(&text).ok())?)
            }
            None => None,
        };
        Ok(Enrolment {
            state: name.code("state", &row.state)?,
            purpose: name.value(
                "purpose",
                EnrolmentPurpose::from_parts(&row.purpose, row.replaces_factor),
            )?,
            proof: name.value("proof", serde_json::from_str(&row.proof).ok())?,
            label: row.label,
            email,
            client: ClientInfo {
                ip: row.ip.parse().ok(),
                browser: row.browser,
            },
            id: row.id,
            person: row.person_id,
            browser_hash: row.browser_hash,
            last_step: row.last_step,
            created_at: row.created_at,
            expires_at: row.expires_at,
            link_expires_at: row.link_expires_at,
            provisional_until: row.provisional_until,
            provisional_uses: row.provisional_uses,
            activated_at: row.activated_at,
        })
    }

    /// The newest enrolment that the browser with this cookie began, of any person; `None` when it began none.
    pub async fn enrolment_of_browser(
        &mut self,
        browser: &TokenHash,
    ) -> StoreResult<Option<Enrolment>> {
        let row = self
            .fetch_optional(
                select_enrolment!(
                    "WHERE browser_hash = $1 ORDER BY created_at DESC, \
                     CASE WHEN state IN ('scanning', 'mailed') THEN 0 ELSE 1 END LIMIT 1"
                ),
                args![browser],
            )
            .await?;
        row.map(|row| self.complete_enrolment(row)).transpose()
    }

    /// The enrolment with this id; an error when there is none.
    pub async fn enrolment(&mut self, id: &str) -> StoreResult<Enrolment> {
        let row = self
            .fetch_one(select_enrolment!("WHERE id = $1"), args![id])
            .await?;
        self.complete_enrolment(row)
    }

    /// A person's enrolment in state *scanning* or *mailed*. It may have expired.
    pub async fn pending_enrolment(&mut self, person: PersonId) -> StoreResult<Option<Enrolment>> {
        let row = self
            .fetch_optional(
                select_enrolment!("WHERE person_id = $1 AND state IN ('scanning', 'mailed')"),
                args![person],
            )
            .await?;
        row.map(|row| self.complete_enrolment(row)).transpose()
    }

    /// The secret of a pending enrolment; an error when it has none.
    pub async fn pending_secret(&mut self, enrolment: &str) -> StoreResult<TotpSecret> {
        let sealed: Vec<u8> = self
            .fetch_value(
                "SELECT secret_sealed FROM enrolment WHERE id = $1 AND secret_sealed IS NOT NULL",
                args![enrolment],
            )
            .await?;
        let opened = self
            .sealer
            .open(seal_context("secret", enrolment), &sealed)?;
        let name = RowName::new("enrolment", enrolment);
        name.value("secret_sealed", TotpSecret::from_bytes(opened))
    }
}

impl Tx {
    /// Begins an enrolment and voids the pending one of this person (R14). True when there was one.
    pub async fn begin_enrolment(
        &mut self,
        new: &NewEnrolment,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let voided = self
            .end_pending_enrolment(new.person, EnrolmentState::Voided, limits, now)
            .await?;
        let sealed = self
            .sealer
            .seal(seal_context("secret", &new.id), new.secret.bytes().expose());
        // the unique index `enrolment_pending` allows one pending enrolment per person, also where two are begun at once
        self.execute(
            "INSERT INTO enrolment (id, person_id, state, purpose, replaces_factor, label, \
             browser_hash, secret_sealed, last_step, browser, ip, created_at, expires_at, proof) \
             VALUES ($1, $2, 'scanning', $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12)",
            args![
                &*new.id,
                new.person,
                new.purpose.code(),
                new.purpose.replaced_factor(),
                &*new.label,
                &new.browser_hash,
                sealed,
                &*new.client.browser,
                new.client.ip_text(),
                now,
                new.expires_at,
                to_json(&new.proof)?
            ],
        )
        .await?;
        Ok(voided)
    }

    /// Ends the pending enrolment of a person together with its links, its unsent activation mails and the sessions of its
    /// provisional sign-ins. True when there was one. `state` is *voided* or *cancelled*.
    pub async fn end_pending_enrolment(
        &mut self,
        person: PersonId,
        state: EnrolmentState,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<bool> {
        // a confirmation at the same time has either committed or will see the ended enrolment
        self.lock_person(person).await?;
        // only pending states, so that an enrolment that was activated meanwhile stays activated
        let ended: Vec<(String,)> = self
            .fetch_all(
                "UPDATE enrolment SET state = $2, ended_at = $3, secret_sealed = NULL, \
                 email_sealed = NULL \
                 WHERE person_id = $1 AND state IN ('scanning', 'mailed') RETURNING id",
                args![person, code_of(state), now],
            )
            .await?;
        let reason = if state == EnrolmentState::Voided {
            VoidReason::NewerQr
        } else {
            VoidReason::Cancelled
        };
        for (id,) in &ended {
            self.void_links(id, reason).await?;
            self.withdraw_activation_mails(id, now).await?;
        }
        if !ended.is_empty() {
            self.step_down_provisional(person, limits, now).await?;
        }
        Ok(!ended.is_empty())
    }

    /// scanning → mailed, after code and email were accepted. False when it was not scanning any more or has expired, so that
    /// two posts of one form mail one link.
    pub async fn accept_first_code(
        &mut self,
        id: &str,
        step: i64,
        provisional_until: Option<Timestamp>,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.execute_if(
            "UPDATE enrolment SET state = 'mailed', last_step = $2, code_accepted_at = $3, \
             provisional_until = $4 WHERE id = $1 AND state = 'scanning' AND expires_at > $3",
            args![id, step, now, provisional_until],
        )
        .await
    }

    /// Stores the email to which a new link goes, and when that link and the enrolment expire. False when the enrolment no
    /// longer waits for a link.
    pub async fn set_enrolment_email(
        &mut self,
        id: &str,
        email: &Email,
        link_until: Timestamp,
        pending_until: Timestamp,
    ) -> StoreResult<bool> {
        let sealed = self
            .sealer
            .seal(seal_context("email", id), email.as_typed().as_bytes());
        // only in state *mailed*, so that an enrolment that was ended or confirmed meanwhile gets no new link
        self.execute_if(
            "UPDATE enrolment SET email_sealed = $2, link_expires_at = $3, expires_at = $4 \
             WHERE id = $1 AND state = 'mailed'",
            args![id, sealed, link_until, pending_until],
        )
        .await
    }

    /// mailed → activated. It wipes secret and email, which are now in the factor and the person. False when it was not
    /// mailed any more; this decides between two confirmations.
    pub async fn activate_enrolment(&mut self, id: &str, now: Timestamp) -> StoreResult<bool> {
        self.execute_if(
            "UPDATE enrolment SET state = 'activated', activated_at = $2, ended_at = $2, \
             secret_sealed = NULL, email_sealed = NULL WHERE id = $1 AND state = 'mailed'",
            args![id, now],
        )
        .await
    }

    /// activated → cancelled (R29). It deletes the receipts.
    pub async fn take_back_activation(&mut self, id: &str, now: Timestamp) -> StoreResult<()> {
        // only from *activated*: an enrolment that ended in another way keeps its state
        self.execute(
            "UPDATE enrolment SET state = 'cancelled', ended_at = $2 \
             WHERE id = $1 AND state = 'activated'",
            args![id, now],
        )
        .await?;
        self.execute("DELETE FROM receipt WHERE enrolment_id = $1", args![id])
            .await
    }

    /// Counts a provisional sign-in and uses up its time step. False when the step was used or no sign-in is left. It is one
    /// statement, so that parallel posts get neither of them twice (R1).
    pub async fn use_provisional_step(
        &mut self,
        id: &str,
        step: i64,
        most: i64,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.execute_if(
            "UPDATE enrolment SET provisional_uses = provisional_uses + 1, last_step = $2 \
             WHERE id = $1 AND state = 'mailed' AND last_step < $2 AND provisional_uses < $3 \
             AND provisional_until > $4",
            args![id, step, most, now],
        )
        .await
    }
}
