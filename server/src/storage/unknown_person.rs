//! People of whom another instance has told and whom nobody here is yet (R24). What stands here are keyed blind indexes.

use super::{Reader, StoreResult, Tx};
use crate::domain::{Cpf, InstanceName, PersonId, Sigla, Timestamp};

/// Somebody who was registered after another instance had told of the person.
#[derive(sqlx::FromRow)]
pub struct LatePerson {
    /// The instance that told.
    pub issuer: String,
    /// By which the row is found again.
    pub sigla_index: Vec<u8>,
    pub person_id: PersonId,
}

impl Reader {
    /// Up to `most` people who are registered now, found by CPF or, where one side knows none, by sigla.
    pub async fn late_people(&mut self, most: i64) -> StoreResult<Vec<LatePerson>> {
        self.fetch_all(
            "SELECT u.issuer, u.sigla_index, p.id AS person_id FROM unknown_person u \
             JOIN person p ON p.cpf_index = u.cpf_index \
             UNION SELECT u.issuer, u.sigla_index, p.id FROM unknown_person u \
             JOIN person p ON p.sigla_index = u.sigla_index \
             AND (u.cpf_index IS NULL OR p.cpf_index IS NULL) LIMIT $1",
            args![most],
        )
        .await
    }
}

impl Tx {
    /// Stores whom an instance has told of in vain.
    pub async fn note_unknown_person(
        &mut self,
        issuer: &InstanceName,
        sigla: &Sigla,
        cpf: Option<&Cpf>,
        now: Timestamp,
    ) -> StoreResult<()> {
        let sigla_index = self.sealer.index("sigla", &sigla.key());
        let cpf_index = cpf.map(|cpf| self.sealer.index("cpf", &cpf.digits()));
        self.execute(
            "INSERT INTO unknown_person (issuer, sigla_index, cpf_index, at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, sigla_index) DO UPDATE \
             SET cpf_index = excluded.cpf_index, at = excluded.at",
            args![issuer.as_str(), sigla_index, cpf_index, now],
        )
        .await
    }

    /// Forgets such a row. False when another process did: one statement decides which of them asks.
    pub async fn forget_unknown_person(&mut self, late: &LatePerson) -> StoreResult<bool> {
        self.execute_if(
            "DELETE FROM unknown_person WHERE issuer = $1 AND sigla_index = $2",
            args![&*late.issuer, &late.sigla_index],
        )
        .await
    }

    /// Whether an authenticator of a person that works here was told to this peer in vain.
    pub async fn is_unknown_at(
        &mut self,
        person: PersonId,
        peer: &InstanceName,
    ) -> StoreResult<bool> {
        self.has_row(
            "SELECT o.id FROM outbox o JOIN factor f ON f.id = o.factor_id \
                 WHERE o.person_id = $1 AND o.channel = 'sync' AND o.destination = $2 \
                 AND o.outcome = 'no_record' AND f.state = 'active' LIMIT 1",
            args![person, peer.as_str()],
        )
        .await
    }
}
