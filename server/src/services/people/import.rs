//! Registration of many people: portion by portion into tables of their own, then all of them in one transaction or nobody.

use super::{Conflict, OperatorServices};
use crate::{
    domain::{audit::Actor, new_person::NewPerson, person::PersonId, time::Timestamp},
    services::{ServiceError, Services},
    storage::{StagedPerson, StoreResult, Tx, UnitOfWork},
};
use async_trait::async_trait;
use std::collections::HashSet;

/// How many people one transaction stores.
pub const STAGED_AT_ONCE: usize = 500;
/// Most conflicts that are named.
const MOST_CONFLICTS: i64 = 1000;

/// People on their way into an instance. Nobody is registered before [`PeopleImport::finish`]; what is left of an import that is
/// never finished is deleted within a day.
pub struct PeopleImport<'a> {
    services: &'a Services,
    actor: Actor,
    id: String,
    /// Numbers that were drawn for people who bring none.
    drawn: HashSet<PersonId>,
}

impl OperatorServices<'_> {
    pub async fn begin_import(&self) -> Result<PeopleImport<'_>, ServiceError> {
        let services = self.services;
        let id = services.store.sealer().row_id();
        let input = (id.clone(), services.now());
        services
            .store
            .write_with(input, |tx, (id, now)| Box::pin(tx.begin_import(id, *now)))
            .await?;
        Ok(PeopleImport {
            services,
            actor: self.actor.clone(),
            id,
            drawn: HashSet::new(),
        })
    }
}

impl PeopleImport<'_> {
    /// Stores at most [`STAGED_AT_ONCE`] people, each with its line, and returns their ids. The lines of one import, and the ids,
    /// siglas and CPFs of its people, differ.
    pub async fn stage(
        &mut self,
        people: Vec<(u64, NewPerson)>,
    ) -> Result<Vec<PersonId>, ServiceError> {
        let mut staged = Vec::with_capacity(people.len());
        let mut db = self.services.store.reader().await?;
        for (line, person) in people {
            let id = match person.id {
                Some(id) => id,
                None => loop {
                    let id = self.services.draw_person_id();
                    if self.drawn.insert(id) && !db.person_exists(id).await? {
                        break id;
                    }
                },
            };
            let line = line.cast_signed();
            staged.push(StagedPerson { line, id, person });
        }
        drop(db);
        let ids = staged.iter().map(|staged| staged.id).collect();
        let input = (self.id.clone(), staged);
        self.services
            .store
            .write_with(input, |tx, (id, staged)| {
                Box::pin(tx.stage_people(id, staged))
            })
            .await?;
        Ok(ids)
    }

    /// Registers everybody, or names the values that are taken and registers nobody. Returns how many people there were.
    pub async fn finish(self) -> Result<Result<u64, Vec<Conflict>>, ServiceError> {
        let registration = Registration {
            import: self.id,
            actor: self.actor,
            now: self.services.now(),
        };
        Ok(self.services.store.write(registration).await?)
    }

    /// Ends the import without registering anybody.
    pub async fn discard(self) -> Result<(), ServiceError> {
        self.services
            .store
            .write_with(self.id, |tx, id| Box::pin(tx.end_import(id)))
            .await?;
        Ok(())
    }
}

impl Services {
    /// A random id of a person.
    fn draw_person_id(&self) -> PersonId {
        let range = PersonId::MAX.abs_diff(PersonId::MIN) + 1;
        // the bias of 64 bits modulo 50 bits is too small to be noticed
        let offset = u64::from_le_bytes(self.entropy.bytes()) % range;
        #[expect(clippy::expect_used, reason = "the sum is between MIN and MAX")]
        PersonId::new(PersonId::MIN.saturating_add_unsigned(offset))
            .expect("a number within bounds")
    }
}

struct Registration {
    import: String,
    actor: Actor,
    now: Timestamp,
}

#[async_trait]
impl UnitOfWork for Registration {
    type Output = Result<u64, Vec<Conflict>>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        // of two registrations at the same time the second sees the first
        tx.lock_registration().await?;
        let conflicts = tx.staged_conflicts(&self.import, MOST_CONFLICTS).await?;
        if !conflicts.is_empty() {
            tx.end_import(&self.import).await?;
            let conflict = |(line, field): (i64, _)| Conflict {
                line: line.cast_unsigned(),
                field,
            };
            return Ok(Err(conflicts.into_iter().map(conflict).collect()));
        }
        let people = tx
            .register_staged(&self.import, &self.actor, self.now)
            .await?;
        Ok(Ok(people))
    }
}
