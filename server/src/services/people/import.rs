//! Registration of many people: portion by portion into tables of their own, then all of them or nobody.

use super::{Conflict, OperatorServices};
use crate::domain::{Actor, NewPerson, PersonId};
use crate::services::Services;
use crate::storage::{StagedPerson, StoreResult};
use std::collections::HashSet;

/// How many people one transaction stores.
pub const STAGED_AT_ONCE: usize = 500;
/// Most conflicts that are named.
const MOST_CONFLICTS: i64 = 1000;

/// People on their way into an instance. Nobody is registered before [`PeopleImport::finish`]; what is left of an import that is
/// never finished is deleted within a day.
pub struct PeopleImport<'a> {
    services: &'a Services,
    id: String,
    /// Numbers that were drawn for people who bring none.
    drawn: HashSet<PersonId>,
}

impl OperatorServices<'_> {
    pub async fn begin_import(&self) -> StoreResult<PeopleImport<'_>> {
        let services = self.services;
        let id = services.store.sealer().row_id();
        let input = (id.clone(), self.name.clone(), services.now());
        services
            .store
            .write_with(input, |tx, (id, actor, now)| {
                Box::pin(tx.begin_import(id, actor, *now))
            })
            .await?;
        Ok(PeopleImport {
            services,
            id,
            drawn: HashSet::new(),
        })
    }
}

impl PeopleImport<'_> {
    #[cfg(test)]
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Stores at most [`STAGED_AT_ONCE`] people, each with its line, and returns their ids. The lines of one import, and the ids,
    /// siglas and CPFs of its people, differ.
    pub async fn stage(&mut self, people: Vec<(u64, NewPerson)>) -> StoreResult<Vec<PersonId>> {
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

    /// Registers everybody, or names the values that are taken and registers nobody. `moved` is told how many people are
    /// registered so far.
    pub async fn finish(
        self,
        moved: impl Fn(u64) + Send,
    ) -> StoreResult<Result<(), Vec<Conflict>>> {
        let services = self.services;
        loop {
            services.complete_imports(|_| {}).await?;
            let mut db = services.store.reader().await?;
            let (decided, unfinished) = db.decided_imports().await?;
            if unfinished.is_some() {
                continue;
            }
            let conflicts = db.staged_conflicts(&self.id, MOST_CONFLICTS).await?;
            drop(db);
            if !conflicts.is_empty() {
                self.discard().await?;
                let conflict = |(line, field): (i64, _)| Conflict {
                    line: line.cast_unsigned(),
                    field,
                };
                return Ok(Err(conflicts.into_iter().map(conflict).collect()));
            }
            let input = (self.id.clone(), decided, services.now());
            let won = services.store.write_with(input, |tx, (id, decided, now)| {
                Box::pin(tx.decide_import(id, *decided, *now))
            });
            if won.await? {
                services.complete_imports(moved).await?;
                return Ok(Ok(()));
            }
        }
    }

    /// Ends the import without registering anybody.
    pub async fn discard(self) -> StoreResult<()> {
        self.services
            .store
            .write_with(self.id, |tx, id| Box::pin(tx.end_import(id)))
            .await
    }
}

impl Services {
    /// Carries through every import that is decided, also one that another process has left half-way. `moved` is told how many
    /// people are registered so far.
    pub async fn complete_imports(&self, moved: impl Fn(u64) + Send) -> StoreResult<()> {
        let mut total = 0;
        loop {
            let (_, unfinished) = self.store.reader().await?.decided_imports().await?;
            let Some(import) = unfinished else {
                return Ok(());
            };
            let actor = Actor::Operator(import.actor.clone());
            let input = (import, actor, self.now());
            let moving = self.store.write_with(input, |tx, (import, actor, now)| {
                Box::pin(tx.move_staged(import, actor, *now))
            });
            total += moving.await?;
            self.store.checkpoint().await?;
            moved(total);
        }
    }

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
