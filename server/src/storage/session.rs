//! Sessions and the browsers that signed in before.

use super::{StoreResult, Tx, tx::known};
use crate::domain::{
    person::PersonId,
    session::{Amr, Purpose, Session, SessionLimits, Stage},
    time::{Seconds, Timestamp},
    token::TokenHash,
};

/// A session to be stored.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Everything the domain knows of it.
    pub session: Session,
    /// Browser in plain words.
    pub browser: String,
    /// Network address.
    pub address: String,
}

type Row = (Vec<u8>, i64, String, String, i64, String, i64, i64);

impl Tx {
    /// Stores a session; the one it replaces (if any) ends in the same transaction (R9).
    pub async fn start_session(
        &mut self,
        new: &NewSession,
        replaces: Option<&[u8]>,
        now: Timestamp,
    ) -> StoreResult<()> {
        if let Some(old) = replaces {
            self.end_session(old, now).await?;
        }
        let session = &new.session;
        sqlx::query(
            "INSERT INTO session (id_hash, person_id, stage, purpose, auth_time, amr, browser, \
             address, created_at, last_seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&session.id_hash)
        .bind(session.person.get())
        .bind(session.stage.code())
        .bind(session.purpose.code())
        .bind(session.auth_time.0)
        .bind(session.amr.code())
        .bind(&new.browser)
        .bind(&new.address)
        .bind(now.0)
        .bind(session.last_seen_at.0)
        .bind(session.expires_at.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// The living session with this id.
    pub async fn live_session(
        &mut self,
        id: &TokenHash,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<Option<Session>> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT s.id_hash, s.person_id, s.stage, s.purpose, s.auth_time, s.amr, \
             s.last_seen_at, s.expires_at FROM session s JOIN person p ON p.id = s.person_id \
             WHERE s.id_hash = $1 AND s.ended_at IS NULL AND p.blocked_at IS NULL",
        )
        .bind(&id.0)
        .fetch_optional(self.conn())
        .await?;
        row.map(
            |(id_hash, person, stage, purpose, auth_time, amr, seen, expires)| {
                Ok(Session {
                    id_hash,
                    person: known(PersonId::new(person).ok(), "person id")?,
                    stage: Stage::from_code(&stage),
                    purpose: Purpose::from_code(&purpose),
                    auth_time: Timestamp(auth_time),
                    amr: Amr::from_code(&amr),
                    last_seen_at: Timestamp(seen),
                    expires_at: Timestamp(expires),
                })
            },
        )
        .transpose()
        .map(|found| found.filter(|session| session.is_alive(now, limits)))
    }

    /// Notes a request, at most once a minute (R11).
    pub async fn touch_session(&mut self, id: &[u8], now: Timestamp) -> StoreResult<()> {
        sqlx::query(
            "UPDATE session SET last_seen_at = $2 WHERE id_hash = $1 AND last_seen_at <= $3",
        )
        .bind(id)
        .bind(now.0)
        .bind(now.0 - 60)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Moves the absolute end of a password-only session.
    pub async fn extend_session(&mut self, id: &[u8], until: Timestamp) -> StoreResult<()> {
        sqlx::query("UPDATE session SET expires_at = $2 WHERE id_hash = $1 AND stage = 'password'")
            .bind(id)
            .bind(until.0)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// An enrolment was begun in a password-only session: it has more time, and once there is a
    /// code to give it goes on to where people work.
    pub async fn enrol_in_session(&mut self, id: &[u8], until: Timestamp) -> StoreResult<()> {
        sqlx::query(
            "UPDATE session SET expires_at = $2, purpose = 'enter' \
             WHERE id_hash = $1 AND stage = 'password'",
        )
        .bind(id)
        .bind(until.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Ends one session.
    pub async fn end_session(&mut self, id: &[u8], now: Timestamp) -> StoreResult<()> {
        sqlx::query("UPDATE session SET ended_at = $2 WHERE id_hash = $1 AND ended_at IS NULL")
            .bind(id)
            .bind(now.0)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Ends all of a person's sessions (R9).
    pub async fn end_sessions_of(&mut self, person: PersonId, now: Timestamp) -> StoreResult<()> {
        sqlx::query("UPDATE session SET ended_at = $2 WHERE person_id = $1 AND ended_at IS NULL")
            .bind(person.get())
            .bind(now.0)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Takes a person's living full sessions that were opened by `amr` back to the password, for
    /// at most `length` more: what they proved is not enough any more (ASVS 7.4.3).
    pub async fn step_down(
        &mut self,
        person: PersonId,
        amr: Amr,
        length: Seconds,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query(
            "UPDATE session SET stage = 'password', amr = 'pwd', \
             expires_at = CASE WHEN expires_at < $3 THEN expires_at ELSE $3 END \
             WHERE person_id = $1 AND stage = 'full' AND amr = $2 AND ended_at IS NULL \
             AND expires_at > $4 AND last_seen_at > $5",
        )
        .bind(person.get())
        .bind(amr.code())
        .bind((now + length).0)
        .bind(now.0)
        .bind((now - limits.idle).0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Remembers that this browser signed this person in. The token is this person's or a new one.
    pub async fn know_browser(
        &mut self,
        token: &TokenHash,
        person: PersonId,
        now: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query(
            "INSERT INTO known_browser (token_hash, person_id, created_at, last_seen_at) \
             VALUES ($1, $2, $3, $3) ON CONFLICT (token_hash) DO UPDATE SET last_seen_at = $3",
        )
        .bind(&token.0)
        .bind(person.get())
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Forgets every browser that signed this person in.
    pub async fn forget_browsers(&mut self, person: PersonId) -> StoreResult<()> {
        sqlx::query("DELETE FROM known_browser WHERE person_id = $1")
            .bind(person.get())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// Whether this browser signed this very person in before.
    pub async fn knows_browser(
        &mut self,
        token: &TokenHash,
        person: PersonId,
    ) -> StoreResult<bool> {
        let found: Option<(i64,)> = sqlx::query_as(
            "SELECT person_id FROM known_browser WHERE token_hash = $1 AND person_id = $2",
        )
        .bind(&token.0)
        .bind(person.get())
        .fetch_optional(self.conn())
        .await?;
        Ok(found.is_some())
    }
}
