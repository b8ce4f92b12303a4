//! Registering: one transaction that writes everybody, or names all who are in the way.

use super::{Conflict, Field};
use crate::{
    domain::{person::PersonId, time::Timestamp},
    storage::{RegisteredPerson, StoreResult, Tx},
};
use std::collections::HashSet;

pub(super) struct Registration {
    pub people: Vec<RegisteredPerson>,
    /// The numbers that were asked for; the others were drawn.
    pub given: Vec<Option<PersonId>>,
    pub now: Timestamp,
}

impl Registration {
    pub async fn write(&self, tx: &mut Tx) -> StoreResult<Result<Vec<PersonId>, Vec<Conflict>>> {
        let mut conflicts = Vec::new();
        let mut seen = HashSet::new();
        for (index, new) in self.people.iter().enumerate() {
            for field in self.taken(tx, new, self.given[index], &mut seen).await? {
                conflicts.push(Conflict { index, field });
            }
        }
        if !conflicts.is_empty() {
            return Ok(Err(conflicts));
        }
        for new in &self.people {
            tx.insert_person(new, self.now).await?;
            tx.audit(self.now, Some(new.id), "registration", "operator", "", "")
                .await?;
        }
        Ok(Ok(self.people.iter().map(|new| new.id).collect()))
    }

    /// What of `new` somebody in the database, or an earlier one of the same list, has. A CPF and a
    /// sigla that is one are the same name at sign-in and in a sync (R24).
    async fn taken(
        &self,
        tx: &mut Tx,
        new: &RegisteredPerson,
        given: Option<PersonId>,
        seen: &mut HashSet<String>,
    ) -> StoreResult<Vec<Field>> {
        let person = &new.person;
        let mut taken = Vec::new();
        if let Some(id) = given
            && (!seen.insert(format!("id {id}")) || tx.knows_person(id).await?)
        {
            taken.push(Field::Id);
        }
        let sigla = person.sigla.key();
        let known = tx.find_by_sigla(&sigla).await?.is_some()
            || match person.sigla.cpf() {
                Some(cpf) => tx.find_by_cpf(&cpf).await?.is_some(),
                None => false,
            };
        if !seen.insert(sigla.clone()) || known {
            taken.push(Field::Sigla);
        }
        if let Some(cpf) = &person.cpf {
            let digits = cpf.digits();
            let known =
                tx.find_by_cpf(cpf).await?.is_some() || tx.find_by_sigla(&digits).await?.is_some();
            // one's own sigla may be one's own CPF
            if (digits != sigla && !seen.insert(digits)) || known {
                taken.push(Field::Cpf);
            }
        }
        Ok(taken)
    }
}
