//! Audit rows: plain inserts in the transaction of the act (decision 9).

use super::{Reader, StoreResult, Tx};
use crate::domain::{Actor, AuditEvent, Circumstances, ClientInfo, PersonId, Timestamp};

/// The network of a client's ip; empty without one.
pub fn network_of(client: &ClientInfo) -> String {
    client
        .ip
        .map_or_else(String::new, |_| client.network().to_string())
}

/// A network with the number of accounts at which it failed.
#[derive(Debug, sqlx::FromRow)]
pub struct FailingNetwork {
    pub network: String,
    pub accounts: i64,
}

/// An audit row as it is exported.
#[derive(Debug, sqlx::FromRow)]
pub struct AuditRow {
    pub seq: i64,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor: String,
    pub person_id: Option<PersonId>,
    pub event: String,
    pub outcome: String,
    pub ip: String,
    pub network: String,
    pub detail: String,
}

impl Reader {
    /// Up to `most` audit rows after the number `after`, in their order.
    pub async fn audit_rows(&mut self, after: i64, most: i64) -> StoreResult<Vec<AuditRow>> {
        self.fetch_all(
            "SELECT CAST(seq AS BIGINT) AS seq, at, actor_kind, actor, person_id, event, outcome, ip, \
             network, detail FROM audit WHERE seq > $1 ORDER BY audit.seq LIMIT $2",
            args![after, most],
        )
        .await
    }

    /// The newest `most` events of a person.
    pub async fn history(&mut self, person: PersonId, most: i64) -> StoreResult<Vec<AuditRow>> {
        self.fetch_all(
            "SELECT CAST(seq AS BIGINT) AS seq, at, actor_kind, actor, person_id, event, outcome, ip, \
             network, detail FROM audit WHERE person_id = $1 ORDER BY at DESC, seq DESC LIMIT $2",
            args![person, most],
        )
        .await
    }

    /// The networks from which such an event of this person, or of no known person, was audited after `since`, up to `most`.
    pub async fn networks_audited(
        &mut self,
        event: AuditEvent,
        person: Option<PersonId>,
        most: i64,
        since: Timestamp,
    ) -> StoreResult<Vec<String>> {
        let (event, outcome) = event.parts();
        self.fetch_column(
            "SELECT network FROM audit WHERE (person_id = $1 OR person_id IS NULL AND $1 IS NULL) \
                 AND at > $2 AND event = $3 AND outcome = $4 ORDER BY seq LIMIT $5",
            args![person, since, event, outcome, most],
        )
        .await
    }

    /// How many accounts reached a wait after `since` (R31).
    pub async fn accounts_that_wait(&mut self, since: Timestamp) -> StoreResult<i64> {
        self.fetch_value(
            "SELECT COUNT(DISTINCT person_id) FROM audit WHERE outcome = 'wait' AND at > $1",
            args![since],
        )
        .await
    }

    /// How many passwords were wrong after `since`.
    pub async fn failed_passwords(&mut self, since: Timestamp) -> StoreResult<i64> {
        self.fetch_value(
            "SELECT COUNT(*) FROM audit WHERE outcome = 'mismatch' AND at > $1",
            args![since],
        )
        .await
    }

    /// The `most` networks that failed at the most accounts after `since`, unknown logins included (R31).
    pub async fn failing_networks(
        &mut self,
        most: i64,
        since: Timestamp,
    ) -> StoreResult<Vec<FailingNetwork>> {
        self.fetch_all(
            "SELECT network, COUNT(DISTINCT COALESCE(CAST(person_id AS TEXT), detail)) AS accounts \
             FROM audit WHERE outcome = 'mismatch' AND at > $1 AND network <> '' \
             GROUP BY network ORDER BY 2 DESC, 1 LIMIT $2",
            args![since, most],
        )
        .await
    }
}

impl Tx {
    /// Whether an alarm of this name may be given: none was since `given_before`. One statement decides between replicas.
    pub async fn give_alarm(
        &mut self,
        name: &str,
        given_before: Timestamp,
        now: Timestamp,
    ) -> StoreResult<bool> {
        self.execute_if(
            "INSERT INTO alarm (name, given_at) VALUES ($1, $2) ON CONFLICT (name) \
             DO UPDATE SET given_at = $2 WHERE alarm.given_at <= $3",
            args![name, now, given_before],
        )
        .await
    }

    /// Writes one audit row. `detail` must hold no secret, code, token or full email.
    pub async fn audit(
        &mut self,
        actor: &Actor,
        event: AuditEvent,
        person: Option<PersonId>,
        client: &ClientInfo,
        detail: &str,
        now: Timestamp,
    ) -> StoreResult<()> {
        let (actor_kind, actor) = actor.parts();
        let (event, outcome) = event.parts();
        self.execute(
            "INSERT INTO audit (at, actor_kind, actor, person_id, event, outcome, ip, network, \
             detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            args![
                now,
                actor_kind,
                &*actor,
                person,
                event,
                outcome,
                client.ip_text(),
                network_of(client),
                detail
            ],
        )
        .await
    }

    /// Writes one audit row of what a person did to the own account.
    pub async fn audit_own(
        &mut self,
        person: PersonId,
        event: AuditEvent,
        detail: &str,
        done: &Circumstances,
    ) -> StoreResult<()> {
        let (actor, client) = (Actor::Person(person), &done.client);
        self.audit(&actor, event, Some(person), client, detail, done.at)
            .await
    }
}
