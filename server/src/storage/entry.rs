//! Requests to get in without the phone, and their approvals.

use super::row::{RowName, code_of};
use super::{Reader, StoreResult, Tx};
use crate::domain::{
    Authority, ClientInfo, EntryNumber, EntryRequest, EntryState, PersonId, RecoveryWay, Timestamp,
    TokenHash,
};
use app::model::IdentityCheck;

#[derive(sqlx::FromRow)]
struct EntryRow {
    id: String,
    person_id: PersonId,
    way: String,
    number: Option<String>,
    session_hash: TokenHash,
    stolen: i64,
    state: String,
    browser: String,
    ip: String,
    created_at: Timestamp,
    ready_at: Timestamp,
    expires_at: Timestamp,
}

impl EntryRow {
    fn request(self) -> StoreResult<EntryRequest> {
        let name = RowName::new("entry_request", &self.id);
        Ok(EntryRequest {
            way: name.code("way", &self.way)?,
            number: self
                .number
                .map(|number| name.value("number", EntryNumber::parse(&number)))
                .transpose()?,
            state: name.code("state", &self.state)?,
            person: self.person_id,
            session: self.session_hash,
            is_stolen: self.stolen != 0,
            client: ClientInfo {
                ip: self.ip.parse().ok(),
                browser: self.browser,
            },
            created_at: self.created_at,
            ready_at: self.ready_at,
            expires_at: self.expires_at,
            id: self.id,
        })
    }
}

/// Makes a statement that selects [`EntryRow`]s.
macro_rules! select_entry {
    ($condition:literal) => {
        concat!(
            "SELECT id, person_id, way, number, session_hash, stolen, state, browser, ip, \
             created_at, ready_at, expires_at FROM entry_request ",
            $condition
        )
    };
}

/// What is known of a person's one-time codes lately.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct CodeFacts {
    pub wrong_codes: i64,
    /// Time steps by which the phone's clock is ahead, negative when behind; `None` when no code has shown it.
    pub clock_steps: Option<i64>,
    /// Until when no code of somebody is judged.
    pub locked_until: Option<Timestamp>,
}

/// An approval, with who gave it.
#[derive(Clone, Debug)]
pub struct EntryApproval {
    /// A person's id, or the name of an operator.
    pub approver: String,
    pub authority: Authority,
}

impl Reader {
    /// The request by number that a session has made and that still waits.
    pub async fn entry_of_session(
        &mut self,
        session: &TokenHash,
        now: Timestamp,
    ) -> StoreResult<Option<EntryRequest>> {
        let row: Option<EntryRow> = self
            .fetch_optional(
                select_entry!(
                    "WHERE session_hash = $1 AND way = 'support' AND state = 'waiting' \
                     AND expires_at > $2 ORDER BY created_at DESC LIMIT 1"
                ),
                args![session, now],
            )
            .await?;
        row.map(EntryRow::request).transpose()
    }

    /// The request with this number that still waits.
    pub async fn entry_by_number(
        &mut self,
        number: &EntryNumber,
        now: Timestamp,
    ) -> StoreResult<Option<EntryRequest>> {
        let row: Option<EntryRow> = self
            .fetch_optional(
                select_entry!("WHERE number = $1 AND state = 'waiting' AND expires_at > $2"),
                args![number.as_str(), now],
            )
            .await?;
        row.map(EntryRow::request).transpose()
    }

    /// Up to `most` requests by number that still wait, the oldest first.
    pub async fn waiting_entries(
        &mut self,
        most: i64,
        now: Timestamp,
    ) -> StoreResult<Vec<EntryRequest>> {
        let rows: Vec<EntryRow> = self
            .fetch_all(
                select_entry!(
                    "WHERE way = 'support' AND state = 'waiting' AND expires_at > $1 \
                     ORDER BY created_at LIMIT $2"
                ),
                args![now, most],
            )
            .await?;
        rows.into_iter().map(EntryRow::request).collect()
    }

    /// The request of a person for a mailed link that is not over. It is over once a code was accepted after it: who has the phone
    /// needs no such way, and a thief of the mailbox has not.
    pub async fn mailbox_request(
        &mut self,
        person: PersonId,
        now: Timestamp,
    ) -> StoreResult<Option<EntryRequest>> {
        let row: Option<EntryRow> = self
            .fetch_optional(
                select_entry!(
                    "WHERE person_id = $1 AND way = 'mailbox' AND state IN ('waiting', 'mailed') \
                     AND expires_at > $2 AND NOT EXISTS (SELECT 1 FROM totp t \
                     JOIN factor f ON f.id = t.factor_id WHERE f.person_id = entry_request.person_id \
                     AND f.state = 'active' AND t.last_used_at >= entry_request.created_at)"
                ),
                args![person, now],
            )
            .await?;
        row.map(EntryRow::request).transpose()
    }

    /// Up to `most` requests whose link is to be mailed now.
    pub async fn ready_mailbox_requests(
        &mut self,
        most: i64,
        now: Timestamp,
    ) -> StoreResult<Vec<EntryRequest>> {
        let rows: Vec<EntryRow> = self
            .fetch_all(
                select_entry!(
                    "WHERE way = 'mailbox' AND state = 'waiting' AND ready_at <= $1 AND expires_at > $1 \
                     ORDER BY ready_at LIMIT $2"
                ),
                args![now, most],
            )
            .await?;
        rows.into_iter().map(EntryRow::request).collect()
    }

    /// When the password of a session was given.
    pub async fn password_time(&mut self, session: &TokenHash) -> StoreResult<Option<Timestamp>> {
        let row: Option<(Timestamp,)> = self
            .fetch_optional(
                "SELECT at FROM session_authentication \
                 WHERE session_hash = $1 AND kind = 'password'",
                args![session],
            )
            .await?;
        Ok(row.map(|(at,)| at))
    }

    /// What is known of a person's one-time codes since `since`.
    pub async fn code_facts(
        &mut self,
        person: PersonId,
        since: Timestamp,
        now: Timestamp,
    ) -> StoreResult<CodeFacts> {
        self.fetch_one(
            "SELECT (SELECT COUNT(*) FROM audit a WHERE a.person_id = $1 AND a.at > $2 \
             AND a.event = 'code' AND a.outcome = 'wrong') AS wrong_codes, \
             (SELECT MAX(t.drift_ahead) FROM totp t JOIN factor f ON f.id = t.factor_id \
             WHERE f.person_id = $1 AND f.state = 'active' AND t.drift_step IS NOT NULL) \
             AS clock_steps, \
             (SELECT MAX(w.locked_until) FROM throttle w WHERE w.subject = $4 \
             AND w.attempt_kind = 'code' AND w.locked_until > $3) AS locked_until",
            args![person, since, now, person.to_string()],
        )
        .await
    }

    /// Who has approved a request.
    pub async fn entry_approvals(&mut self, request: &str) -> StoreResult<Vec<EntryApproval>> {
        let rows: Vec<(String, String)> = self
            .fetch_all(
                "SELECT approver, authority FROM entry_approval WHERE request_id = $1 ORDER BY at",
                args![request],
            )
            .await?;
        let name = RowName::new("entry_approval", request);
        rows.into_iter()
            .map(|(approver, authority)| {
                Ok(EntryApproval {
                    approver,
                    authority: name.code("authority", &authority)?,
                })
            })
            .collect()
    }

    /// How many approvals somebody has given since `since`.
    pub async fn count_approvals(&mut self, approver: &str, since: Timestamp) -> StoreResult<i64> {
        self.fetch_value(
            "SELECT COUNT(*) FROM entry_approval WHERE approver = $1 AND at > $2",
            args![approver, since],
        )
        .await
    }
}

impl Tx {
    /// Stores a request. One by number takes the place of those that the same session made before; a second one for a mailed link
    /// breaks a unique key.
    pub async fn insert_entry_request(
        &mut self,
        new: &EntryRequest,
        now: Timestamp,
    ) -> StoreResult<()> {
        // what is over must not keep its number, or stand in the way of another request of the person
        self.execute(
            "UPDATE entry_request SET state = 'ended' WHERE state IN ('waiting', 'mailed') \
             AND (expires_at <= $4 AND (number = $1 OR person_id = $3) \
             OR session_hash = $2 AND way = 'support' OR person_id = $3 AND way = 'mailbox' \
             AND EXISTS (SELECT 1 FROM totp t JOIN factor f ON f.id = t.factor_id \
             WHERE f.person_id = $3 AND f.state = 'active' \
             AND t.last_used_at >= entry_request.created_at))",
            args![
                new.number.as_ref().map(EntryNumber::as_str),
                &new.session,
                new.person,
                now
            ],
        )
        .await?;
        self.execute(
            "INSERT INTO entry_request (id, person_id, way, number, session_hash, stolen, state, \
             browser, ip, created_at, ready_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            args![
                &*new.id,
                new.person,
                code_of(new.way),
                new.number.as_ref().map(EntryNumber::as_str),
                &new.session,
                i64::from(new.is_stolen),
                code_of(new.state),
                &*new.client.browser,
                new.client.ip_text(),
                new.created_at,
                new.ready_at,
                new.expires_at
            ],
        )
        .await
    }

    /// waiting → `state`. False when it waits no longer: one statement decides between two who do it at the same time.
    pub async fn move_entry_request(
        &mut self,
        id: &str,
        state: EntryState,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.execute_if(
            "UPDATE entry_request SET state = $2 \
             WHERE id = $1 AND state = 'waiting' AND expires_at > $3",
            args![id, code_of(state), now],
        )
        .await
    }

    /// Ends every request of a person: whatever changes the ways into an account ends what was asked for before.
    pub async fn end_entry_requests(&mut self, person: PersonId) -> StoreResult<()> {
        self.execute(
            "UPDATE entry_request SET state = 'ended' \
             WHERE person_id = $1 AND state IN ('waiting', 'mailed')",
            args![person],
        )
        .await
    }

    /// Stores an approval. False when the same approver has given one before.
    pub async fn insert_approval(
        &mut self,
        request: &str,
        approval: &EntryApproval,
        check: IdentityCheck,
        reason: &str,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.execute_if(
            "INSERT INTO entry_approval (request_id, approver, authority, identity_check, reason, at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            args![
                request,
                &*approval.approver,
                code_of(approval.authority),
                check.code(),
                reason,
                now
            ],
        )
        .await
    }

    /// Lets a password-only session enrol until `until`, although a factor is active or revoked. False when the session is over.
    pub async fn grant_recovery(
        &mut self,
        session: &TokenHash,
        way: RecoveryWay,
        until: Timestamp,
        now: Timestamp,
    ) -> StoreResult<bool> {
        // the code that did not come is explained, so nothing is told of it (R33)
        self.execute_if(
            "UPDATE session SET recovery = $2, expires_at = $3, code_due_at = NULL \
             WHERE id_hash = $1 AND stage = 'password' AND ended_at IS NULL AND expires_at > $4",
            args![session, code_of(way), until, now],
        )
        .await
    }
}
