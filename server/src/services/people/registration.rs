//! Registration in one transaction: it writes all people, or names every conflict and writes nobody.

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
    /// People with the id that they brought or that was drawn.
    pub people: Vec<(PersonId, NewPerson)>,
    pub now: Timestamp,
}

#[async_trait]
impl UnitOfWork for Registration {
    type Output = Result<Vec<PersonId>, Vec<Conflict>>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        let mut conflicts = Vec::new();
        let mut seen = HashSet::new();
        // names every conflict; against another process the unique keys of the table decide
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

/// The values of `person` that a person in the database or an earlier one of the list already has. A CPF and a sigla with the
/// same digits are one login, at sign-in and in a sync, so both are compared with both (R24).
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
        // a person's own sigla may be the own CPF
        if (digits != sigla && !seen.insert(digits)) || known {
            taken.push(Field::Cpf);
        }
    }
    Ok(taken)
}
