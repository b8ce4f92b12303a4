//! The one statement with which a code check begins: it locks the person of a session and reads all that a code is judged by.

use super::factor::TotpRow;
use super::row::RowName;
use super::session::SessionRow;
use super::{Engine, StoreResult, Tx};
use crate::domain::{FactorState, Session, SessionLimits, Timestamp, TokenHash, TotpFactor};

/// A session and what a code is judged by, behind the locks of both.
#[derive(Clone, Debug)]
pub struct LockedSession {
    pub session: Session,
    pub factor_state: FactorState,
    /// When the browser of the request was last noted as one that is known for the person; `None` when it is not known.
    pub browser_seen_at: Option<Timestamp>,
    /// The person's active authenticators, oldest first.
    pub totps: Vec<TotpFactor>,
}

#[derive(sqlx::FromRow)]
struct LockedSessionRow {
    #[sqlx(flatten)]
    session: SessionRow,
    factor_state: String,
    browser_seen_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct SessionWithTotpRow {
    #[sqlx(flatten)]
    locked: LockedSessionRow,
    #[sqlx(flatten)]
    totp: TotpRow,
}

/// Makes the statement of [`Tx::lock_session`] with more columns, more tables, and what an engine needs at its end.
macro_rules! select_locked_session {
    ($columns:literal, $tables:literal, $end:literal) => {
        concat!(
            "SELECT s.person_id, s.stage, s.continue_to, s.provisional, s.recovery, s.auth_time, \
             s.last_seen_at, s.expires_at, p.factor_state, b.last_seen_at AS browser_seen_at",
            $columns,
            " FROM session s JOIN person_security p ON p.person_id = s.person_id",
            $tables,
            " LEFT JOIN known_browser b ON b.person_id = s.person_id AND b.token_hash = $3 \
             WHERE s.id_hash = $1 AND s.ended_at IS NULL AND p.blocked_at IS NULL \
             AND (p.factor_state <> 'revoked' OR p.enrolment_approved_until > $2 \
             OR s.recovery IS NOT NULL)",
            $end
        )
    };
}

/// The same with a row for each active authenticator, and none without.
macro_rules! select_session_with_totps {
    ($lock:literal) => {
        select_locked_session!(
            ", f.id, f.label, f.home_instance, f.created_at, t.secret_sealed, t.last_step, t.drift_step, \
             t.drift_ahead, t.last_used_at",
            " JOIN factor f ON f.person_id = s.person_id AND f.state = 'active' \
             JOIN totp t ON t.factor_id = f.id",
            $lock
        )
    };
}

impl Tx {
    /// The session with this id as [`Reader::live_session`] finds it, with its person locked as by [`Tx::lock_person`]: what is
    /// read here and below stays true until the commit. `browser` is the token in the browser's cookie.
    pub async fn lock_session(
        &mut self,
        id_hash: &TokenHash,
        browser: Option<&TokenHash>,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<Option<LockedSession>> {
        // PostgreSQL reads rows that it had to wait for once more, but only the locked ones; SQLite has one writer
        let sql = match self.engine {
            Engine::Sqlite => select_session_with_totps!(" ORDER BY f.created_at, f.id"),
            Engine::Postgres => {
                select_session_with_totps!(" ORDER BY f.created_at, f.id FOR UPDATE OF p, s, t")
            }
        };
        let arguments = || args![id_hash, now, browser.cloned()];
        let rows: Vec<SessionWithTotpRow> = self.fetch_all(sql, arguments()).await?;
        let mut totps = Vec::with_capacity(rows.len());
        let mut first = None;
        for row in rows {
            totps.push(row.totp.open(&self.sealer)?);
            first.get_or_insert(row.locked);
        }
        if first.is_none() {
            let sql = match self.engine {
                Engine::Sqlite => select_locked_session!("", "", ""),
                Engine::Postgres => select_locked_session!("", "", " FOR UPDATE OF p, s"),
            };
            first = self.fetch_optional(sql, arguments()).await?;
        }
        let Some(row) = first else {
            return Ok(None);
        };
        let session = row.session.session(id_hash)?;
        if !session.is_alive(now, limits) {
            return Ok(None);
        }
        let person = session.person.to_string();
        let name = RowName::new("person_security", &person);
        Ok(Some(LockedSession {
            factor_state: name.code("factor_state", &row.factor_state)?,
            browser_seen_at: row.browser_seen_at,
            session,
            totps,
        }))
    }
}
