//! Sessions, the authenticators used in them, and known browsers.

use super::row::{RowName, code_of};
use super::{Reader, StoreResult, Tx};
use crate::domain::{
    AuthenticationKind, Circumstances, PersonId, Seconds, Session, SessionLimits, Timestamp,
    TokenHash,
};
use app::model::SignInPurpose;

/// A right password without a code in time (R33).
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SignInWithoutCode {
    pub at: Timestamp,
    pub browser: String,
    /// Empty when it is not known.
    pub ip: String,
}

#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    person_id: PersonId,
    stage: String,
    continue_to: String,
    provisional: i64,
    recovery: Option<String>,
    auth_time: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
}

impl Reader {
    /// The session with this id; `None` when it has ended or expired, or its account is blocked or lost its factor.
    pub async fn live_session(
        &mut self,
        id_hash: &TokenHash,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<Option<Session>> {
        let row: Option<SessionRow> = self
            .fetch_optional(
                "SELECT s.person_id, s.stage, s.continue_to, s.provisional, s.recovery, s.auth_time, \
                 s.last_seen_at, s.expires_at \
                 FROM session s JOIN person_security p ON p.person_id = s.person_id \
                 WHERE s.id_hash = $1 AND s.ended_at IS NULL AND p.blocked_at IS NULL \
                 AND (p.factor_state <> 'revoked' OR p.enrolment_approved_until > $2 \
                 OR s.recovery IS NOT NULL)",
                args![id_hash, now],
            )
            .await?;
        let session = row.map(|row| row.session(id_hash)).transpose()?;
        Ok(session.filter(|session| session.is_alive(now, limits)))
    }

    /// Up to `most` people who have a sign-in without a code to be told, and were told of none since `told_before` (R33).
    pub async fn people_to_tell_of_sign_ins(
        &mut self,
        told_before: Timestamp,
        most: i64,
        now: Timestamp,
    ) -> StoreResult<Vec<PersonId>> {
        self.fetch_column(
            "SELECT DISTINCT s.person_id FROM session s WHERE s.code_due_at <= $1 \
                 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.person_id = s.person_id \
                 AND o.kind = 'password_without_code' AND o.created_at > $2) LIMIT $3",
            args![now, told_before, most],
        )
        .await
    }

    /// Whether this browser signed this person in before.
    pub async fn is_known_browser(
        &mut self,
        token: &TokenHash,
        person: PersonId,
    ) -> StoreResult<bool> {
        self.has_row(
            "SELECT person_id FROM known_browser WHERE token_hash = $1 AND person_id = $2",
            args![token, person],
        )
        .await
    }
}

impl SessionRow {
    pub(super) fn session(self, id_hash: &TokenHash) -> StoreResult<Session> {
        let person = self.person_id.to_string();
        let name = RowName::new("session", &person);
        Ok(Session {
            id_hash: id_hash.clone(),
            person: self.person_id,
            stage: name.code("stage", &self.stage)?,
            continue_to: name.value("continue_to", SignInPurpose::from_code(&self.continue_to))?,
            provisional: self.provisional != 0,
            recovery: self
                .recovery
                .map(|code| name.code("recovery", &code))
                .transpose()?,
            auth_time: self.auth_time,
            last_seen_at: self.last_seen_at,
            expires_at: self.expires_at,
        })
    }
}

impl Tx {
    /// Opens a session after the password that was given at `opened`. The session in `replaces` ends in the same transaction (R9). At `code_due_at` the
    /// owner is told if no code followed (R33); `None` where none is asked for.
    pub async fn open_session(
        &mut self,
        new: &Session,
        replaces: Option<&TokenHash>,
        code_due_at: Option<Timestamp>,
        opened: &Circumstances,
    ) -> StoreResult<()> {
        if let Some(old) = replaces {
            self.end_session(old, opened.at).await?;
        }
        self.insert_session(new, opened).await?;
        if let Some(due) = code_due_at {
            // beginning again in the same browser does not move the time: it would never be told
            self.execute(
                "UPDATE session SET code_due_at = COALESCE((SELECT MIN(old.code_due_at) \
                 FROM session old WHERE old.id_hash = $2 AND old.person_id = $3), $4) \
                 WHERE id_hash = $1",
                args![&new.id_hash, replaces.cloned(), new.person, due],
            )
            .await?;
            if let Some(old) = replaces {
                self.clear_code_due(old, new.person).await?;
            }
        }
        self.execute(
            "INSERT INTO session_authentication (session_hash, kind, factor_id, at) \
             VALUES ($1, $2, '', $3)",
            args![
                &new.id_hash,
                code_of(AuthenticationKind::Password),
                opened.at
            ],
        )
        .await
    }

    /// Opens a full session after a code, with the proof that was given and, where it came from an active factor, the id of that
    /// factor. The session of before ends, and its password counts for the new session too.
    pub async fn elevate_session(
        &mut self,
        new: &Session,
        from: &Session,
        proof: AuthenticationKind,
        factor: Option<&str>,
        opened: &Circumstances,
    ) -> StoreResult<()> {
        // the code has come, so nothing is to be told of the password any more (R33)
        self.execute(
            "UPDATE session SET ended_at = $2, code_due_at = NULL \
             WHERE id_hash = $1 AND ended_at IS NULL",
            args![&from.id_hash, opened.at],
        )
        .await?;
        self.insert_session(new, opened).await?;
        self.execute(
            "INSERT INTO session_authentication (session_hash, kind, factor_id, at) \
             VALUES ($1, $2, '', $3), ($1, $4, $5, $6)",
            args![
                &new.id_hash,
                code_of(AuthenticationKind::Password),
                from.auth_time,
                code_of(proof),
                factor.unwrap_or_default(),
                opened.at
            ],
        )
        .await
    }

    async fn clear_code_due(&mut self, id_hash: &TokenHash, person: PersonId) -> StoreResult<()> {
        // of this person only: on a shared computer the cookie may be of somebody else's session
        self.execute(
            "UPDATE session SET code_due_at = NULL WHERE id_hash = $1 AND person_id = $2",
            args![id_hash, person],
        )
        .await
    }

    /// Forgets the sign-ins of a person that no code followed yet: what they would tell was dealt with.
    pub async fn forget_sign_ins_without_code(&mut self, person: PersonId) -> StoreResult<()> {
        self.execute(
            "UPDATE session SET code_due_at = NULL WHERE person_id = $1",
            args![person],
        )
        .await
    }

    /// Takes the sign-ins of a person that waited for a code until `now` and got none, so that each is told once (R33). The
    /// newest first.
    pub async fn take_sign_ins_without_code(
        &mut self,
        person: PersonId,
        now: Timestamp,
    ) -> StoreResult<Vec<SignInWithoutCode>> {
        // one statement decides between two processes that look at the same time
        let mut taken: Vec<SignInWithoutCode> = self
            .fetch_all(
                "UPDATE session SET code_due_at = NULL \
                 WHERE person_id = $1 AND code_due_at <= $2 RETURNING auth_time AS at, browser, ip",
                args![person, now],
            )
            .await?;
        taken.sort_by_key(|sign_in| std::cmp::Reverse(sign_in.at));
        Ok(taken)
    }

    async fn insert_session(
        &mut self,
        session: &Session,
        opened: &Circumstances,
    ) -> StoreResult<()> {
        self.execute(
            "INSERT INTO session (id_hash, person_id, stage, continue_to, provisional, recovery, \
             auth_time, browser, ip, created_at, last_seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            args![
                &session.id_hash,
                session.person,
                code_of(session.stage),
                session.continue_to.code(),
                i64::from(session.provisional),
                session.recovery.map(code_of),
                session.auth_time,
                &*opened.client.browser,
                opened.client.ip_text(),
                opened.at,
                session.last_seen_at,
                session.expires_at
            ],
        )
        .await
    }

    /// Stores the time of a request, at most once a minute (R11).
    pub async fn touch_session(&mut self, id_hash: &TokenHash, now: Timestamp) -> StoreResult<()> {
        // the condition decides between requests at the same time: one of them writes
        self.execute(
            "UPDATE session SET last_seen_at = $2 WHERE id_hash = $1 AND last_seen_at <= $3",
            args![id_hash, now, now - Seconds::minutes(1)],
        )
        .await
    }

    /// Moves the absolute end of a password-only session.
    pub async fn extend_session(
        &mut self,
        id_hash: &TokenHash,
        until: Timestamp,
    ) -> StoreResult<()> {
        // the absolute end of a full session must not move
        self.execute(
            "UPDATE session SET expires_at = $2 WHERE id_hash = $1 AND stage = 'password'",
            args![id_hash, until],
        )
        .await
    }

    /// Prolongs a password-only session in which an enrolment was begun. After the code it leads to the home page, whichever
    /// button was pressed at sign-in.
    pub async fn enrol_in_session(
        &mut self,
        id_hash: &TokenHash,
        until: Timestamp,
    ) -> StoreResult<()> {
        // the absolute end of a full session must not move
        self.execute(
            "UPDATE session SET expires_at = $2, continue_to = $3 \
             WHERE id_hash = $1 AND stage = 'password'",
            args![id_hash, until, SignInPurpose::Enter.code()],
        )
        .await
    }

    pub async fn end_session(&mut self, id_hash: &TokenHash, now: Timestamp) -> StoreResult<()> {
        // the first end stays recorded when the session is ended again
        self.execute(
            "UPDATE session SET ended_at = $2 WHERE id_hash = $1 AND ended_at IS NULL",
            args![id_hash, now],
        )
        .await
    }

    /// Ends all sessions of a person (R9).
    pub async fn end_sessions_of(&mut self, person: PersonId, now: Timestamp) -> StoreResult<()> {
        // sessions that ended before keep their time
        self.execute(
            "UPDATE session SET ended_at = $2 WHERE person_id = $1 AND ended_at IS NULL",
            args![person, now],
        )
        .await
    }

    /// Takes the right to enrol without a code from every session of a person: it is used up by an activation.
    pub async fn end_recovery(&mut self, person: PersonId) -> StoreResult<()> {
        self.execute(
            "UPDATE session SET recovery = NULL WHERE person_id = $1 AND recovery IS NOT NULL",
            args![person],
        )
        .await
    }

    /// After a factor became active, full sessions that only the password opened go back to the stage *password*, for as long
    /// as a code may take: a password alone is not enough any more (ASVS 7.4.3).
    pub async fn step_down_password_only(
        &mut self,
        person: PersonId,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<()> {
        // a session that has expired or was idle too long must not become valid again in the stage *password*, which has no
        // idle limit
        self.execute(
            "UPDATE session SET stage = 'password', \
             expires_at = CASE WHEN expires_at < $2 THEN expires_at ELSE $2 END \
             WHERE person_id = $1 AND stage = 'full' AND ended_at IS NULL \
             AND expires_at > $3 AND last_seen_at > $4 AND NOT EXISTS \
             (SELECT 1 FROM session_authentication a WHERE a.session_hash = session.id_hash \
             AND a.kind <> 'password')",
            args![person, now + limits.password, now, now - limits.idle],
        )
        .await
    }

    /// After another instance replaced a factor or set the password, every full session goes back to the stage *password*, for as long as
    /// a code may take: what is open here was opened by what no longer holds.
    pub async fn step_down_all(
        &mut self,
        person: PersonId,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<()> {
        // as in `step_down_password_only`, what is over must not become valid again
        self.execute(
            "UPDATE session SET stage = 'password', provisional = 0, \
             expires_at = CASE WHEN expires_at < $2 THEN expires_at ELSE $2 END \
             WHERE person_id = $1 AND stage = 'full' AND ended_at IS NULL \
             AND expires_at > $3 AND last_seen_at > $4",
            args![person, now + limits.password, now, now - limits.idle],
        )
        .await
    }

    /// After a pending authenticator ended without activation, full sessions of its provisional sign-ins go back to the stage
    /// *password*, for as long as an enrolment may take.
    pub async fn step_down_provisional(
        &mut self,
        person: PersonId,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.execute(
            "DELETE FROM session_authentication WHERE kind = 'totp' AND session_hash IN \
             (SELECT id_hash FROM session WHERE person_id = $1 AND provisional = 1 \
             AND stage = 'full' AND ended_at IS NULL)",
            args![person],
        )
        .await?;
        // a session that has expired or was idle too long must not become valid again in the stage *password*, which has no
        // idle limit
        self.execute(
            "UPDATE session SET stage = 'password', provisional = 0, \
             expires_at = CASE WHEN expires_at < $2 THEN expires_at ELSE $2 END \
             WHERE person_id = $1 AND stage = 'full' AND provisional = 1 AND ended_at IS NULL \
             AND expires_at > $3 AND last_seen_at > $4",
            args![person, now + limits.enrolling, now, now - limits.idle],
        )
        .await
    }

    /// Makes this browser a known browser of this person. `token` must be the person's own or a new one, never a token that
    /// another person put into the browser.
    pub async fn remember_browser(
        &mut self,
        token: &TokenHash,
        person: PersonId,
        now: Timestamp,
    ) -> StoreResult<()> {
        // two sign-ins of one browser have one row
        self.execute(
            "INSERT INTO known_browser (token_hash, person_id, created_at, last_seen_at) \
             VALUES ($1, $2, $3, $3) \
             ON CONFLICT (token_hash, person_id) DO UPDATE SET last_seen_at = $3",
            args![token, person, now],
        )
        .await
    }

    /// Makes every known browser of this person unknown.
    pub async fn forget_browsers(&mut self, person: PersonId) -> StoreResult<()> {
        self.execute(
            "DELETE FROM known_browser WHERE person_id = $1",
            args![person],
        )
        .await
    }
}
