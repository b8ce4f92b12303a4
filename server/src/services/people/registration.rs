//! Registering: one transaction that writes everybody, or names all who are in the way.

use super::{Conflict, Field};
use crate::{
    domain::{
        audit::{Actor, AuditEvent},
        client::ClientInfo,
        new_person::NewPerson,
        person::PersonId,
        time::Timestamp,
    },
    storage::{Reader, StoreResult, Tx, UnitOfWork},
};
use async_trait::async_trait;
use std::collections::HashSet;

pub(super) struct Registration {
    pub actor: Actor,
    /// Everybody with the id that was asked for or drawn.
    pub people: Vec<(PersonId, NewPerson)>,
    pub now: Timestamp,
}

#[async_trait]
impl UnitOfWork for Registration {
    type Output = Result<Vec<PersonId>, Vec<Conflict>>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        let mut conflicts = Vec::new();
        let mut seen = HashSet::new();
        for (index, (_, person)) in self.people.iter().enumerate() {
            for field in taken_fields(tx, person, &mut seen).await? {
                conflicts.push(Conflict { index, field });
            }
        }
        if !conflicts.is_empty() {
            return Ok(Err(conflicts));
        }
        let client = ClientInfo::default();
        for (id, person) in &self.people {
            tx.insert_person(*id, person, self.now).await?;
            let event = AuditEvent::Registered;
            tx.audit(&self.actor, event, Some(*id), &client, "", self.now)
                .await?;
        }
        Ok(Ok(self.people.iter().map(|(id, _)| *id).collect()))
    }
}

/// What of a person somebody in the database, or an earlier one of the same list, has. A CPF and a sigla that is one are the same
/// name at sign-in and in a sync (R24).
async fn taken_fields(
    db: &mut Reader,
    person: &NewPerson,
    seen: &mut HashSet<String>,
) -> StoreResult<Vec<Field>> {
    let mut taken = Vec::new();
    if let Some(id) = person.id
        && (!seen.insert(format!("id {id}")) || db.person_exists(id).await?)
    {
        taken.push(Field::Id);
    }
    let sigla = person.sigla.key();
    let known = db.find_by_sigla(&sigla).await?.is_some()
        || match person.sigla.cpf() {
            Some(cpf) => db.find_by_cpf(&cpf).await?.is_some(),
            None => false,
        };
    if !seen.insert(sigla.clone()) || known {
        taken.push(Field::Sigla);
    }
    if let Some(cpf) = &person.cpf {
        let digits = cpf.digits();
        let known =
            db.find_by_cpf(cpf).await?.is_some() || db.find_by_sigla(&digits).await?.is_some();
        // one's own sigla may be one's own CPF
        if (digits != sigla && !seen.insert(digits)) || known {
            taken.push(Field::Cpf);
        }
    }
    Ok(taken)
}
