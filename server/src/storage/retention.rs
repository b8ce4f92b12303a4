//! Rules by which old data is deleted. Each rule is one portable statement over at most [`AT_ONCE`] rows, so that no sign-in
//! waits behind a long delete. A rule may run twice or in two processes at once without harm.

use super::{StoreResult, Tx};
use crate::domain::{Seconds, Timestamp};

/// Most rows that one statement changes.
pub const AT_ONCE: i64 = 500;

/// A rule: rows that ended more than `after` ago are deleted or wiped.
#[derive(Debug)]
pub struct Rule {
    /// What is deleted, in words for the log.
    pub what: &'static str,
    after: Seconds,
    statement: &'static str,
}

/// All rules. The period of the audit is the operator's: [`Tx::forget_audit`].
pub const RULES: [Rule; 18] = [
    Rule {
        what: "people of whom others told and who never were registered",
        after: Seconds::days(730),
        statement: "DELETE FROM unknown_person WHERE (issuer, sigla_index) IN \
                    (SELECT issuer, sigla_index FROM unknown_person WHERE at < $1 LIMIT $2)",
    },
    Rule {
        what: "requests to get in without the phone",
        after: Seconds::days(90),
        statement: "DELETE FROM entry_request WHERE id IN (SELECT id FROM entry_request \
                    WHERE expires_at < $1 LIMIT $2)",
    },
    Rule {
        what: "ended sessions",
        after: Seconds::days(30),
        statement: "DELETE FROM session WHERE id_hash IN (SELECT id_hash FROM session \
                    WHERE expires_at < $1 OR ended_at < $1 LIMIT $2)",
    },
    Rule {
        what: "browsers not seen for long",
        after: Seconds::days(400),
        statement: "DELETE FROM known_browser WHERE (token_hash, person_id) IN \
                    (SELECT token_hash, person_id FROM known_browser \
                    WHERE last_seen_at < $1 LIMIT $2)",
    },
    Rule {
        what: "receipts",
        after: Seconds::days(1),
        statement: "DELETE FROM receipt WHERE token_hash IN (SELECT token_hash FROM receipt \
                    WHERE expires_at < $1 LIMIT $2)",
    },
    Rule {
        what: "links",
        after: Seconds::days(90),
        statement: "DELETE FROM link WHERE token_hash IN (SELECT token_hash FROM link \
                    WHERE expires_at < $1 LIMIT $2)",
    },
    Rule {
        // a person who stopped half-way left a secret and an email in the database
        what: "secrets and addresses of enrolments that ran out",
        after: Seconds::days(1),
        statement: "UPDATE enrolment SET secret_sealed = NULL, email_sealed = NULL \
                    WHERE id IN (SELECT id FROM enrolment WHERE expires_at < $1 \
                    AND state <> 'activated' \
                    AND (secret_sealed IS NOT NULL OR email_sealed IS NOT NULL) LIMIT $2)",
    },
    Rule {
        what: "enrolments that came to nothing",
        after: Seconds::days(90),
        statement: "DELETE FROM enrolment WHERE id IN (SELECT id FROM enrolment e \
                    WHERE e.expires_at < $1 AND e.state <> 'activated' AND NOT EXISTS \
                    (SELECT 1 FROM link WHERE enrolment_id = e.id) LIMIT $2)",
    },
    Rule {
        what: "mails that were dealt with",
        after: Seconds::days(90),
        statement: "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox \
                    WHERE channel = 'mail' AND state <> 'queued' AND done_at < $1 LIMIT $2)",
    },
    Rule {
        // of a change the newest row of each person and destination stays: the home page shows its outcome
        what: "older changes that were dealt with",
        after: Seconds::days(90),
        statement: "DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o \
                    WHERE o.channel = 'sync' AND o.state <> 'queued' AND o.done_at < $1 AND EXISTS \
                    (SELECT 1 FROM outbox newer WHERE newer.person_id = o.person_id \
                    AND newer.destination = o.destination AND newer.channel = 'sync' \
                    AND newer.revision > o.revision) LIMIT $2)",
    },
    Rule {
        // a message is refused by its age after a fraction of this, so that none is taken for a new one
        what: "answers to peers",
        after: Seconds::days(90),
        statement: "DELETE FROM sync_inbox WHERE (issuer, message_id) IN \
                    (SELECT issuer, message_id FROM sync_inbox WHERE received_at < $1 LIMIT $2)",
    },
    Rule {
        // the same rule for people and for logins that nobody has, which must not be told apart (R13); counts at the limit stay,
        // so that waiting gives no new attempts there (80: `AttemptKind::limit_for_strangers`)
        what: "counters of failed attempts",
        after: Seconds::days(30),
        statement: "DELETE FROM throttle WHERE (subject, attempt_kind, source) IN \
                    (SELECT t.subject, t.attempt_kind, t.source FROM throttle t \
                    WHERE t.newest_at < $1 AND NOT EXISTS (SELECT 1 FROM throttle whole \
                    WHERE whole.subject = t.subject AND whole.attempt_kind = t.attempt_kind \
                    AND whole.source = '' AND (whole.judged >= 80 OR whole.newest_at >= $1)) LIMIT $2)",
    },
    Rule {
        what: "imports that were given up",
        after: Seconds::days(1),
        statement: "DELETE FROM import WHERE id IN (SELECT id FROM import \
                    WHERE decided_at IS NULL AND begun_at < $1 LIMIT $2)",
    },
    Rule {
        what: "contacts of imports that have ended",
        after: Seconds(0),
        statement: "DELETE FROM staged_contact WHERE (import_id, line, email_index) IN \
                    (SELECT import_id, line, email_index FROM staged_contact \
                    WHERE import_id NOT IN (SELECT id FROM import) LIMIT $2)",
    },
    Rule {
        what: "profiles of imports that have ended",
        after: Seconds(0),
        statement: "DELETE FROM staged_profile WHERE (import_id, line, kind) IN \
                    (SELECT import_id, line, kind FROM staged_profile \
                    WHERE import_id NOT IN (SELECT id FROM import) LIMIT $2)",
    },
    Rule {
        what: "people of imports that have ended",
        after: Seconds(0),
        statement: "DELETE FROM staged_person WHERE (import_id, line) IN \
                    (SELECT import_id, line FROM staged_person \
                    WHERE import_id NOT IN (SELECT id FROM import) LIMIT $2)",
    },
    Rule {
        what: "budgets of networks that are full again",
        after: Seconds::hours(1),
        statement: "DELETE FROM network_budget WHERE network IN (SELECT network \
                    FROM network_budget WHERE refilled_at < $1 LIMIT $2)",
    },
    Rule {
        // a code is accepted for two steps of 30 seconds and a hint is given for some minutes around: far below a day
        what: "time steps that no code can have any more",
        after: Seconds::days(1),
        statement: "DELETE FROM revealed_step WHERE (factor_id, step) IN (SELECT factor_id, step \
                    FROM revealed_step WHERE step < $1 / 30 LIMIT $2)",
    },
];

impl Tx {
    /// Deletes audit rows of before `until`, at most [`AT_ONCE`], and returns their number.
    pub async fn forget_audit(&mut self, until: Timestamp) -> StoreResult<i64> {
        let deleted = self
            .execute_counted(
                "DELETE FROM audit WHERE seq IN \
                 (SELECT seq FROM audit WHERE at < $1 ORDER BY seq LIMIT $2)",
                args![until, AT_ONCE],
            )
            .await?;
        Ok(deleted.cast_signed())
    }

    /// Applies a rule once and returns the number of changed rows.
    pub async fn forget(&mut self, rule: &Rule, now: Timestamp) -> StoreResult<i64> {
        let touched = self
            .execute_counted(rule.statement, args![now - rule.after, AT_ONCE])
            .await?;
        // the cast cannot overflow: there are at most AT_ONCE rows
        Ok(touched.cast_signed())
    }
}
