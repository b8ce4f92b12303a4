//! Counters of failed attempts. An attempt is counted before it is judged (R4).

use super::{Reader, StoreResult, Tx, row::code_of};
use crate::domain::{person::PersonId, throttle::AttemptKind, time::Timestamp};

/// The account whose attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThrottleSubject {
    /// A person; all spellings of the login count for the same person (R13).
    Person(PersonId),
    /// An unknown login, by its blind index. It is counted and waits like a person's (R13).
    UnknownLogin(Vec<u8>),
}

impl ThrottleSubject {
    fn key(&self) -> String {
        match self {
            Self::Person(id) => id.get().to_string(),
            Self::UnknownLogin(index) => data_encoding::HEXLOWER.encode(index),
        }
    }
}

/// The counter to which an attempt belongs.
#[derive(Clone, Debug)]
pub struct ThrottleKey {
    pub subject: ThrottleSubject,
    pub kind: AttemptKind,
    /// The known browser from which it comes. Such a browser has its own row for waits, and a reserve of the limit; `None`
    /// for all other browsers together.
    pub browser: Option<String>,
}

impl ThrottleKey {
    fn browser_column(&self) -> &str {
        self.browser.as_deref().unwrap_or_default()
    }

    /// Attempts of this browser are judged while fewer than this many were judged in a row, over all browsers.
    fn limit(&self) -> i64 {
        if self.browser.is_some() {
            self.kind.limit()
        } else {
            self.kind.limit_for_strangers()
        }
    }
}

/// Whether an attempt may be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It may be judged. It is counted as a failure, which a success clears.
    Counted {
        /// Failures in a row, this one included.
        failures: i64,
    },
    /// It must not be judged, whether it is right or wrong.
    Locked {
        /// When the wait ends; `None` when only an unlock ends it.
        until: Option<Timestamp>,
    },
}

#[derive(sqlx::FromRow)]
struct ThrottleRow {
    browser: String,
    judged: i64,
    locked_until: Timestamp,
}

impl Reader {
    /// Until when such attempts wait, for the page that tells it. `None`: no wait; `Some(None)`: until an unlock.
    pub async fn throttle_wait(
        &mut self,
        key: &ThrottleKey,
        now: Timestamp,
    ) -> StoreResult<Option<Option<Timestamp>>> {
        let rows: Vec<ThrottleRow> = self
            .fetch_all(
                "SELECT browser, judged, locked_until FROM throttle \
                 WHERE subject = $1 AND attempt_kind = $2 AND browser IN ('', $3)",
                args![key.subject.key(), code_of(key.kind), key.browser_column()],
            )
            .await?;
        if rows
            .iter()
            .any(|row| row.browser.is_empty() && row.judged >= key.limit())
        {
            return Ok(Some(None));
        }
        Ok(rows
            .iter()
            .find(|row| row.browser == key.browser_column() && row.locked_until > now)
            .map(|row| Some(row.locked_until)))
    }
}

impl Tx {
    /// Counts an attempt as failed before it is judged, so that attempts at the same time are all counted.
    pub async fn count_attempt(
        &mut self,
        key: &ThrottleKey,
        now: Timestamp,
    ) -> StoreResult<Attempt> {
        let (subject, kind, browser) = (key.subject.key(), code_of(key.kind), key.browser_column());
        // the conditional statements below need both rows; an attempt at the same time may have made them
        self.execute(
            "INSERT INTO throttle (subject, attempt_kind, browser, failures, judged, locked_until) \
             VALUES ($1, $2, '', 0, 0, 0), ($1, $2, $3, 0, 0, 0) ON CONFLICT DO NOTHING",
            args![&*subject, kind, browser],
        )
        .await?;
        // the limit over all browsers, in one statement: with two, attempts at the same time would both be the last one
        let within_limit = self
            .execute_if(
                "UPDATE throttle SET judged = judged + 1 \
                 WHERE subject = $1 AND attempt_kind = $2 AND browser = '' AND judged < $3",
                args![&*subject, kind, key.limit()],
            )
            .await?;
        if !within_limit {
            return Ok(Attempt::Locked { until: None });
        }
        // the wait of this browser, or of all unknown browsers together, again in one statement
        let counted: Option<(i64,)> = self
            .fetch_optional(
                "UPDATE throttle SET failures = failures + 1, \
                 judged = CASE WHEN browser = '' THEN judged ELSE judged + 1 END \
                 WHERE subject = $1 AND attempt_kind = $2 AND browser = $3 AND locked_until <= $4 \
                 RETURNING failures",
                args![&*subject, kind, browser, now],
            )
            .await?;
        let Some((failures,)) = counted else {
            self.uncount_for_all(key).await?;
            let (until,) = self
                .fetch_one(
                    "SELECT locked_until FROM throttle \
                     WHERE subject = $1 AND attempt_kind = $2 AND browser = $3",
                    args![&*subject, kind, browser],
                )
                .await?;
            return Ok(Attempt::Locked { until: Some(until) });
        };
        if let Some(wait) = key.kind.wait(failures) {
            self.execute(
                "UPDATE throttle SET locked_until = $4 \
                 WHERE subject = $1 AND attempt_kind = $2 AND browser = $3",
                args![&*subject, kind, browser, now + wait],
            )
            .await?;
        }
        Ok(Attempt::Counted { failures })
    }

    /// Clears the counters after a right attempt. A known browser clears only its own: what strangers tried stays counted, so
    /// that the owner's sign-in gives them no new attempts and tells them nothing.
    pub async fn clear_attempts(&mut self, key: &ThrottleKey) -> StoreResult<()> {
        let (subject, kind) = (key.subject.key(), code_of(key.kind));
        let Some(browser) = key.browser.as_deref() else {
            // the count over all browsers begins again; known browsers keep their waits
            self.execute(
                "UPDATE throttle SET judged = 0, \
                 failures = CASE WHEN browser = '' THEN 0 ELSE failures END, \
                 locked_until = CASE WHEN browser = '' THEN 0 ELSE locked_until END \
                 WHERE subject = $1 AND attempt_kind = $2",
                args![subject, kind],
            )
            .await?;
            return Ok(());
        };
        // what this browser had judged is taken off the count over all browsers; without a row of its own there is nothing to
        // take off
        self.execute(
            "UPDATE throttle SET judged = judged - (SELECT own.judged FROM throttle own \
             WHERE own.subject = $1 AND own.attempt_kind = $2 AND own.browser = $3) \
             WHERE subject = $1 AND attempt_kind = $2 AND browser = '' AND EXISTS (SELECT 1 \
             FROM throttle own WHERE own.subject = $1 AND own.attempt_kind = $2 AND own.browser = $3)",
            args![&*subject, kind, browser],
        )
        .await?;
        self.execute(
            "UPDATE throttle SET failures = 0, judged = 0, locked_until = 0 \
             WHERE subject = $1 AND attempt_kind = $2 AND browser = $3",
            args![&*subject, kind, browser],
        )
        .await?;
        Ok(())
    }

    /// Deletes all counters of a person in every browser, as an unlock does.
    pub async fn forget_attempts(&mut self, person: PersonId) -> StoreResult<()> {
        self.execute(
            "DELETE FROM throttle WHERE subject = $1",
            args![ThrottleSubject::Person(person).key()],
        )
        .await?;
        Ok(())
    }

    /// Takes an attempt back that was no failure, such as a right code that was used before, together with the wait that it
    /// caused.
    pub async fn take_back_attempt(&mut self, key: &ThrottleKey) -> StoreResult<()> {
        self.uncount_for_all(key).await?;
        // a success at the same time may have cleared the counter, which must not become negative
        self.execute(
            "UPDATE throttle SET failures = failures - 1, locked_until = 0, \
             judged = CASE WHEN browser = '' THEN judged ELSE judged - 1 END \
             WHERE subject = $1 AND attempt_kind = $2 AND browser = $3 AND failures > 0",
            args![key.subject.key(), code_of(key.kind), key.browser_column()],
        )
        .await?;
        Ok(())
    }

    async fn uncount_for_all(&mut self, key: &ThrottleKey) -> StoreResult<()> {
        // a success at the same time may have cleared the counter, which must not become negative
        self.execute(
            "UPDATE throttle SET judged = judged - 1 \
             WHERE subject = $1 AND attempt_kind = $2 AND browser = '' AND judged > 0",
            args![key.subject.key(), code_of(key.kind)],
        )
        .await?;
        Ok(())
    }
}
