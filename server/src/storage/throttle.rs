//! Counters of failed attempts. An attempt is counted before it is judged (R4).

use super::row::{RowName, code_of};
use super::{Reader, StoreResult, Tx};
use crate::domain::{
    AttemptKind, ClientNetwork, NetworkBudget, PersonId, Seconds, Timestamp, TokenHash,
};
use std::net::IpAddr;

/// The account whose attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThrottleSubject {
    /// A person; all spellings of the login count for the same person (R13).
    Person(PersonId),
    /// An unknown login, by its blind index. It is counted and waits like a person's (R13).
    UnknownLogin(Vec<u8>),
}

impl ThrottleSubject {
    /// The account in a log or an audit: the id of a person, the first digits of the index of an unknown login.
    pub fn short_name(&self) -> String {
        match self {
            Self::Person(id) => id.to_string(),
            Self::UnknownLogin(index) => {
                data_encoding::HEXLOWER.encode(index.get(..4).unwrap_or_default())
            }
        }
    }

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
    pub source: AttemptSource,
}

/// Where an attempt comes from. Each source of a person has its own waits, so that nobody waits for what others did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptSource {
    /// A browser that is known for the person, by the hash of its token. It has a reserve of the limit.
    KnownBrowser(TokenHash),
    /// All other browsers of a network.
    Network(ClientNetwork),
}

impl AttemptSource {
    /// `known` is the token of a browser that is known for the person; `ip` the address of any other.
    pub fn of(known: Option<TokenHash>, ip: Option<IpAddr>) -> Self {
        known.map_or_else(|| Self::Network(ClientNetwork::of(ip)), Self::KnownBrowser)
    }
}

impl ThrottleKey {
    pub const fn is_known_browser(&self) -> bool {
        matches!(self.source, AttemptSource::KnownBrowser(_))
    }

    /// The network whose budget the attempt takes from; `None` for a known browser, and where the network is not known,
    /// because then it may be everybody's.
    pub const fn budget_network(&self) -> Option<ClientNetwork> {
        match self.source {
            AttemptSource::KnownBrowser(_) | AttemptSource::Network(ClientNetwork::Unknown) => None,
            AttemptSource::Network(network) => Some(network),
        }
    }

    fn source_column(&self) -> String {
        match &self.source {
            AttemptSource::KnownBrowser(token) => data_encoding::HEXLOWER.encode(&token.0),
            AttemptSource::Network(network) => network.to_string(),
        }
    }

    /// Attempts of this source are judged while fewer than this many were judged in a row, over all sources.
    const fn limit(&self) -> i64 {
        if self.is_known_browser() {
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

/// A time in which attempts are not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// When it ends; `None` when only an unlock ends it.
    pub until: Option<Timestamp>,
}

/// What earlier attempts mean for one that comes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierAttempts {
    /// Why it must not be judged; `None` when it may.
    pub wait: Option<Wait>,
    /// Whether a success clears something.
    pub are_counted: bool,
}

#[derive(sqlx::FromRow)]
struct ThrottleRow {
    source: String,
    failures: i64,
    judged: i64,
    locked_until: Timestamp,
}

impl Reader {
    /// What was counted before an attempt of this key. Behind the person's lock it stays true until the commit.
    pub async fn earlier_attempts(
        &mut self,
        key: &ThrottleKey,
        now: Timestamp,
    ) -> StoreResult<EarlierAttempts> {
        let source = key.source_column();
        let rows: Vec<ThrottleRow> = self
            .fetch_all(
                "SELECT source, failures, judged, locked_until FROM throttle \
                 WHERE subject = $1 AND attempt_kind = $2 AND source IN ('', $3)",
                args![key.subject.key(), code_of(key.kind), &*source],
            )
            .await?;
        let limit_reached = rows
            .iter()
            .any(|row| row.source.is_empty() && row.judged >= key.limit());
        let wait = rows
            .iter()
            .find(|row| row.source == source && row.locked_until > now)
            // set while the clock was ahead
            .filter(|row| row.locked_until <= now + AttemptKind::LONGEST_WAIT)
            .map(|row| Wait {
                until: Some(row.locked_until),
            });
        Ok(EarlierAttempts {
            wait: if limit_reached {
                Some(Wait { until: None })
            } else {
                wait
            },
            are_counted: rows
                .iter()
                .any(|row| row.failures > 0 || row.judged > 0 || row.locked_until.0 > 0),
        })
    }

    /// Whether another attempt of this network would have to wait at `now`, without taking one.
    pub async fn is_budget_spent(
        &mut self,
        network: ClientNetwork,
        budget: NetworkBudget,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.has_row(
            "SELECT refilled_at FROM network_budget \
                 WHERE network = $1 AND refilled_at BETWEEN $2 + 1 AND $3",
            args![
                network.to_string(),
                budget.latest_refill(now),
                budget.latest_refill(now + AttemptKind::LONGEST_WAIT)
            ],
        )
        .await
    }

    /// Up to `most` people, with a higher id than `after` if it is given, whose attempts wait, or are no longer judged.
    pub async fn locked_people(
        &mut self,
        after: Option<PersonId>,
        most: i64,
        now: Timestamp,
    ) -> StoreResult<Vec<PersonId>> {
        // a person's id has 15 digits, the index of an unknown login 64
        let rows: Vec<(String,)> = self
            .fetch_all(
                "SELECT DISTINCT subject FROM throttle WHERE LENGTH(subject) = 15 AND subject > $1 \
                 AND (locked_until > $2 OR source = '' AND judged >= $3) ORDER BY subject LIMIT $4",
                args![
                    after.map_or_else(String::new, |id| id.to_string()),
                    now,
                    AttemptKind::Password.limit_for_strangers(),
                    most
                ],
            )
            .await?;
        let name = RowName::new("throttle", "");
        rows.iter()
            .map(|(subject,)| name.value("subject", subject.parse().ok()))
            .collect()
    }
}

impl Tx {
    /// Counts an attempt as failed. One that is judged outside the transaction is counted before, so that attempts at the same
    /// time are all counted; one that is judged behind the person's lock is counted when it has failed.
    pub async fn count_attempt(
        &mut self,
        key: &ThrottleKey,
        now: Timestamp,
    ) -> StoreResult<Attempt> {
        let (subject, kind, source) = (key.subject.key(), code_of(key.kind), key.source_column());
        // the conditional statements below need both rows; an attempt at the same time may have made them
        self.execute(
            "INSERT INTO throttle (subject, attempt_kind, source, failures, judged, locked_until, newest_at) \
             VALUES ($1, $2, '', 0, 0, 0, $4), ($1, $2, $3, 0, 0, 0, $4) ON CONFLICT DO NOTHING",
            args![&*subject, kind, &*source, now],
        )
        .await?;
        // the limit over all sources, in one statement: with two, attempts at the same time would both be the last one
        let within_limit = self
            .execute_if(
                "UPDATE throttle SET judged = judged + 1, newest_at = $4 \
                 WHERE subject = $1 AND attempt_kind = $2 AND source = '' AND judged < $3",
                args![&*subject, kind, key.limit(), now],
            )
            .await?;
        if !within_limit {
            return Ok(Attempt::Locked { until: None });
        }
        // the wait of this source, again in one statement; a wait that is longer than any was set while the clock was ahead
        let counted: Option<(i64,)> = self
            .fetch_optional(
                "UPDATE throttle SET failures = failures + 1, judged = judged + 1, newest_at = $4 \
                 WHERE subject = $1 AND attempt_kind = $2 AND source = $3 \
                 AND (locked_until <= $4 OR locked_until > $5) RETURNING failures",
                args![
                    &*subject,
                    kind,
                    &*source,
                    now,
                    now + AttemptKind::LONGEST_WAIT
                ],
            )
            .await?;
        let Some((failures,)) = counted else {
            self.uncount_for_all(key).await?;
            let (until,) = self
                .fetch_one(
                    "SELECT locked_until FROM throttle \
                     WHERE subject = $1 AND attempt_kind = $2 AND source = $3",
                    args![&*subject, kind, &*source],
                )
                .await?;
            return Ok(Attempt::Locked { until: Some(until) });
        };
        if let Some(wait) = key.kind.wait(failures) {
            self.execute(
                "UPDATE throttle SET locked_until = $4 \
                 WHERE subject = $1 AND attempt_kind = $2 AND source = $3",
                args![&*subject, kind, &*source, now + wait],
            )
            .await?;
        }
        Ok(Attempt::Counted { failures })
    }

    /// Clears the counters after a right attempt. A known browser clears only its own: what strangers tried stays counted, so
    /// that the owner's sign-in gives them no new attempts and tells them nothing. The waits of other sources stay.
    pub async fn clear_attempts(&mut self, key: &ThrottleKey) -> StoreResult<()> {
        let (subject, kind, source) = (key.subject.key(), code_of(key.kind), key.source_column());
        if !key.is_known_browser() {
            // the count over all sources begins again
            self.execute(
                "UPDATE throttle SET judged = 0, \
                 failures = CASE WHEN source = $3 THEN 0 ELSE failures END, \
                 locked_until = CASE WHEN source = $3 THEN 0 ELSE locked_until END \
                 WHERE subject = $1 AND attempt_kind = $2",
                args![subject, kind, source],
            )
            .await?;
            return Ok(());
        }
        // what this browser had judged is taken off the count over all sources; without a row of its own there is nothing to
        // take off
        self.execute(
            "UPDATE throttle SET judged = judged - (SELECT own.judged FROM throttle own \
             WHERE own.subject = $1 AND own.attempt_kind = $2 AND own.source = $3) \
             WHERE subject = $1 AND attempt_kind = $2 AND source = '' AND EXISTS (SELECT 1 \
             FROM throttle own WHERE own.subject = $1 AND own.attempt_kind = $2 AND own.source = $3)",
            args![&*subject, kind, &*source],
        )
        .await?;
        self.execute(
            "UPDATE throttle SET failures = 0, judged = 0, locked_until = 0 \
             WHERE subject = $1 AND attempt_kind = $2 AND source = $3",
            args![&*subject, kind, &*source],
        )
        .await
    }

    /// Leaves `spare` attempts to known browsers of a person where fewer are left of a limit, for each kind (R31). Strangers get
    /// none.
    pub async fn spare_attempts(&mut self, person: PersonId, spare: i64) -> StoreResult<()> {
        for kind in AttemptKind::ALL {
            // only downwards: a count that leaves more than that stays
            self.execute(
                "UPDATE throttle SET judged = $3 \
                 WHERE subject = $1 AND attempt_kind = $2 AND source = '' AND judged > $3",
                args![
                    ThrottleSubject::Person(person).key(),
                    code_of(kind),
                    kind.limit() - spare
                ],
            )
            .await?;
        }
        Ok(())
    }

    /// Takes one failure from the budget of a network, before the attempt is judged. Returns when it may be judged: now, or
    /// within `longest_delay`. `None` when the budget is spent for longer than that. This one statement decides between attempts
    /// at the same time.
    pub async fn take_from_budget(
        &mut self,
        network: ClientNetwork,
        budget: NetworkBudget,
        longest_delay: Seconds,
        now: Timestamp,
    ) -> StoreResult<Option<Timestamp>> {
        let taken: Option<(Timestamp,)> = self
            .fetch_optional(
                "INSERT INTO network_budget (network, refilled_at) VALUES ($1, $2 + $3) \
                 ON CONFLICT (network) DO UPDATE SET refilled_at = $3 + \
                 CASE WHEN network_budget.refilled_at BETWEEN $2 AND $5 \
                 THEN network_budget.refilled_at ELSE $2 END \
                 WHERE network_budget.refilled_at NOT BETWEEN $4 + 1 AND $5 RETURNING refilled_at",
                args![
                    network.to_string(),
                    now,
                    budget.refill.0,
                    budget.latest_refill(now + longest_delay),
                    // beyond this it was set while the clock was ahead
                    budget.latest_refill(now + AttemptKind::LONGEST_WAIT)
                ],
            )
            .await?;
        Ok(taken.map(|(refilled_at,)| budget.judged_at(refilled_at).max(now)))
    }

    /// Gives back what a right password took.
    pub async fn give_back_to_budget(
        &mut self,
        network: ClientNetwork,
        budget: NetworkBudget,
    ) -> StoreResult<()> {
        self.execute(
            "UPDATE network_budget SET refilled_at = refilled_at - $2 WHERE network = $1",
            args![network.to_string(), budget.refill.0],
        )
        .await
    }

    /// Deletes all counters of a person from every source, as an unlock does.
    pub async fn forget_attempts(&mut self, person: PersonId) -> StoreResult<()> {
        self.execute(
            "DELETE FROM throttle WHERE subject = $1",
            args![ThrottleSubject::Person(person).key()],
        )
        .await
    }

    async fn uncount_for_all(&mut self, key: &ThrottleKey) -> StoreResult<()> {
        // a success at the same time may have cleared the counter, which must not become negative
        self.execute(
            "UPDATE throttle SET judged = judged - 1 \
             WHERE subject = $1 AND attempt_kind = $2 AND source = '' AND judged > 0",
            args![key.subject.key(), code_of(key.kind)],
        )
        .await
    }
}
