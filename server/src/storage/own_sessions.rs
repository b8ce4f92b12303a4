//! The sessions of one person, as their owner lists and ends them.

use super::session::SessionRow;
use super::{Reader, StoreResult, Tx};
use crate::domain::{PersonId, Session, SessionLimits, Timestamp, TokenHash};

/// A session as its owner sees it in a list.
#[derive(Clone, Debug)]
pub struct ListedSession {
    pub session: Session,
    pub browser: String,
    /// Empty when it is not known.
    pub ip: String,
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ListedSessionRow {
    id_hash: TokenHash,
    browser: String,
    ip: String,
    created_at: Timestamp,
    #[sqlx(flatten)]
    session: SessionRow,
}

impl Reader {
    /// The sessions of a person that are not over, the one seen last first.
    pub async fn live_sessions(
        &mut self,
        person: PersonId,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<Vec<ListedSession>> {
        let rows: Vec<ListedSessionRow> = self
            .fetch_all(
                "SELECT id_hash, browser, ip, created_at, person_id, stage, continue_to, provisional, \
                 recovery, auth_time, last_seen_at, expires_at FROM session \
                 WHERE person_id = $1 AND ended_at IS NULL AND expires_at > $2 \
                 ORDER BY last_seen_at DESC, created_at DESC LIMIT 200",
                args![person, now],
            )
            .await?;
        let mut listed = Vec::with_capacity(rows.len());
        for row in rows {
            let session = row.session.session(&row.id_hash)?;
            if session.is_alive(now, limits) {
                listed.push(ListedSession {
                    session,
                    browser: row.browser,
                    ip: row.ip,
                    created_at: row.created_at,
                });
            }
        }
        Ok(listed)
    }

    /// The id of the factor whose code opened a session; `None` when none did.
    pub async fn factor_of_session(&mut self, id_hash: &TokenHash) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = self
            .fetch_optional(
                "SELECT factor_id FROM session_authentication \
                 WHERE session_hash = $1 AND kind = 'totp' AND factor_id <> ''",
                args![id_hash],
            )
            .await?;
        Ok(row.map(|(id,)| id))
    }
}

impl Tx {
    /// Notes in a session that follows another one which factor had opened that one.
    pub async fn keep_factor_of_session(
        &mut self,
        from: &TokenHash,
        to: &TokenHash,
    ) -> StoreResult<()> {
        // the newer proof may be a code of the same factor
        self.execute(
            "INSERT INTO session_authentication (session_hash, kind, factor_id, at) \
             SELECT $2, kind, factor_id, at FROM session_authentication \
             WHERE session_hash = $1 AND kind = 'totp' AND factor_id <> '' ON CONFLICT DO NOTHING",
            args![from, to],
        )
        .await
    }

    /// Ends one session of a person. False when the person has no such session that is open.
    pub async fn end_session_of(
        &mut self,
        person: PersonId,
        id_hash: &TokenHash,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.execute_if(
            "UPDATE session SET ended_at = $3 \
             WHERE id_hash = $2 AND person_id = $1 AND ended_at IS NULL",
            args![person, id_hash, now],
        )
        .await
    }

    /// Ends all sessions of a person but this one.
    pub async fn end_other_sessions(
        &mut self,
        person: PersonId,
        kept: &TokenHash,
        now: Timestamp,
    ) -> StoreResult<()> {
        // sessions that ended before keep their time
        self.execute(
            "UPDATE session SET ended_at = $3 \
             WHERE person_id = $1 AND id_hash <> $2 AND ended_at IS NULL",
            args![person, kept, now],
        )
        .await
    }
}
