//! Failures, counted in the database before the attempt is judged (R4).

use super::{StoreResult, Tx};
use crate::domain::{person::PersonId, throttle::Guess, time::Timestamp};

/// Whose attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A person, whatever spelling was typed (R13).
    Person(PersonId),
    /// A login that nobody has, by its blind index: it answers and waits alike.
    Nobody(Vec<u8>),
}

impl Subject {
    fn key(&self) -> String {
        match self {
            Self::Person(id) => id.get().to_string(),
            Self::Nobody(index) => data_encoding::HEXLOWER.encode(index),
        }
    }
}

/// Whether an attempt may be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was counted as the `failures`-th failure in a row; a success clears it.
    Counted {
        /// Failures in a row, this one included.
        failures: i64,
    },
    /// Not to be judged, right or wrong, until then; `None`: until an unlock.
    Locked {
        /// When the wait ends.
        until: Option<Timestamp>,
    },
}

impl Tx {
    /// Counts an attempt as failed before it is judged. `browser` is the scope of a browser that
    /// signed in before, which has its own row for waits and its own reserve of the limit.
    pub async fn count_attempt(
        &mut self,
        subject: &Subject,
        guess: Guess,
        browser: Option<&str>,
        now: Timestamp,
    ) -> StoreResult<Attempt> {
        let (key, scope) = (subject.key(), browser.unwrap_or(""));
        for row in [scope, ""] {
            sqlx::query(
                "INSERT INTO throttle (subject, guess, scope, failures, judged, locked_until) \
                 VALUES ($1, $2, $3, 0, 0, 0) ON CONFLICT DO NOTHING",
            )
            .bind(&key)
            .bind(guess.code())
            .bind(row)
            .execute(self.conn())
            .await?;
        }
        // the limit over all browsers
        let limit = if browser.is_some() {
            guess.limit()
        } else {
            guess.limit_for_strangers()
        };
        let within: Option<(i64,)> = sqlx::query_as(
            "UPDATE throttle SET judged = judged + 1 \
             WHERE subject = $1 AND guess = $2 AND scope = '' AND judged < $3 RETURNING judged",
        )
        .bind(&key)
        .bind(guess.code())
        .bind(limit)
        .fetch_optional(self.conn())
        .await?;
        if within.is_none() {
            return Ok(Attempt::Locked { until: None });
        }
        // the wait of this browser, or of all strangers together
        let counted: Option<(i64,)> = sqlx::query_as(
            "UPDATE throttle SET failures = failures + 1, \
             judged = CASE WHEN scope = '' THEN judged ELSE judged + 1 END \
             WHERE subject = $1 AND guess = $2 AND scope = $3 AND locked_until <= $4 \
             RETURNING failures",
        )
        .bind(&key)
        .bind(guess.code())
        .bind(scope)
        .bind(now.0)
        .fetch_optional(self.conn())
        .await?;
        let Some((failures,)) = counted else {
            self.uncount(&key, guess, None).await?;
            let (until,): (i64,) = sqlx::query_as(
                "SELECT locked_until FROM throttle WHERE subject = $1 AND guess = $2 AND scope = $3",
            )
            .bind(&key)
            .bind(guess.code())
            .bind(scope)
            .fetch_one(self.conn())
            .await?;
            return Ok(Attempt::Locked {
                until: Some(Timestamp(until)),
            });
        };
        if let Some(wait) = guess.wait(failures) {
            sqlx::query(
                "UPDATE throttle SET locked_until = $4 \
                 WHERE subject = $1 AND guess = $2 AND scope = $3",
            )
            .bind(&key)
            .bind(guess.code())
            .bind(scope)
            .bind((now + wait).0)
            .execute(self.conn())
            .await?;
        }
        Ok(Attempt::Counted { failures })
    }

    /// The attempt was right: what this browser had counted in a row is cleared. A known browser
    /// clears its own only: what strangers tried stays counted, and the owner's signing in gives
    /// them no fresh allowance and tells them nothing.
    pub async fn clear_attempts(
        &mut self,
        subject: &Subject,
        guess: Guess,
        browser: Option<&str>,
    ) -> StoreResult<()> {
        let key = subject.key();
        let Some(browser) = browser else {
            // the whole count begins anew; the waits of known browsers are theirs
            sqlx::query(
                "UPDATE throttle SET judged = 0, \
                 failures = CASE WHEN scope = '' THEN 0 ELSE failures END, \
                 locked_until = CASE WHEN scope = '' THEN 0 ELSE locked_until END \
                 WHERE subject = $1 AND guess = $2",
            )
            .bind(&key)
            .bind(guess.code())
            .execute(self.conn())
            .await?;
            return Ok(());
        };
        for statement in [
            "UPDATE throttle SET judged = judged - (SELECT own.judged FROM throttle own \
             WHERE own.subject = $1 AND own.guess = $2 AND own.scope = $3) \
             WHERE subject = $1 AND guess = $2 AND scope = '' AND EXISTS (SELECT 1 \
             FROM throttle own WHERE own.subject = $1 AND own.guess = $2 AND own.scope = $3)",
            "UPDATE throttle SET failures = 0, judged = 0, locked_until = 0 \
             WHERE subject = $1 AND guess = $2 AND scope = $3",
        ] {
            sqlx::query(statement)
                .bind(&key)
                .bind(guess.code())
                .bind(browser)
                .execute(self.conn())
                .await?;
        }
        Ok(())
    }

    /// An unlock: forgets all that was counted for a person, in every browser.
    pub async fn forget_attempts(&mut self, person: PersonId) -> StoreResult<()> {
        sqlx::query("DELETE FROM throttle WHERE subject = $1")
            .bind(Subject::Person(person).key())
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// The attempt was no failure after all (a right code used before): takes it back, together
    /// with the wait it caused.
    pub async fn take_back_attempt(
        &mut self,
        subject: &Subject,
        guess: Guess,
        browser: Option<&str>,
    ) -> StoreResult<()> {
        self.uncount(&subject.key(), guess, Some(browser.unwrap_or("")))
            .await
    }

    async fn uncount(&mut self, key: &str, guess: Guess, scope: Option<&str>) -> StoreResult<()> {
        sqlx::query(
            "UPDATE throttle SET judged = judged - 1 \
             WHERE subject = $1 AND guess = $2 AND scope = '' AND judged > 0",
        )
        .bind(key)
        .bind(guess.code())
        .execute(self.conn())
        .await?;
        if let Some(scope) = scope {
            sqlx::query(
                "UPDATE throttle SET failures = failures - 1, locked_until = 0, \
                 judged = CASE WHEN scope = '' THEN judged ELSE judged - 1 END \
                 WHERE subject = $1 AND guess = $2 AND scope = $3 AND failures > 0",
            )
            .bind(key)
            .bind(guess.code())
            .bind(scope)
            .execute(self.conn())
            .await?;
        }
        Ok(())
    }

    /// Until when this subject waits, for the page that says so; `Some(None)`: until an unlock.
    pub async fn wait_of(
        &mut self,
        subject: &Subject,
        guess: Guess,
        browser: Option<&str>,
        now: Timestamp,
    ) -> StoreResult<Option<Option<Timestamp>>> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT scope, judged, locked_until FROM throttle \
             WHERE subject = $1 AND guess = $2 AND scope IN ('', $3)",
        )
        .bind(subject.key())
        .bind(guess.code())
        .bind(browser.unwrap_or(""))
        .fetch_all(self.conn())
        .await?;
        let limit = if browser.is_some() {
            guess.limit()
        } else {
            guess.limit_for_strangers()
        };
        if rows
            .iter()
            .any(|(scope, judged, _)| scope.is_empty() && *judged >= limit)
        {
            return Ok(Some(None));
        }
        Ok(rows
            .iter()
            .find(|(scope, _, until)| scope == browser.unwrap_or("") && *until > now.0)
            .map(|(_, _, until)| Some(Timestamp(*until))))
    }
}
