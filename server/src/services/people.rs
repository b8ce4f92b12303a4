//! Use cases of an operator: registering, listing, and acts on one account.

mod account_act;
mod import;

use super::Services;
use super::account_changes::audit_alone;
use super::authenticators::factor_view;
use crate::domain::{
    Actor, AuditEvent, LoginKeys, NewPerson, Person, PersonId, ProfileKind, Timestamp, UniqueField,
};
use crate::storage::{AuditRow, Reader, StoreResult};
use account_act::RequestedAct;
pub use account_act::{APPROVAL, AccountAct, ActRefusal, DoneAct};
use app::view::FactorView;
pub use import::{PeopleImport, STAGED_AT_ONCE};

/// How many people one transaction changes where an act is about many.
const PORTION: i64 = 500;
/// How many events of a person the command line shows.
const SHOWN_EVENTS: i64 = 20;

/// Why a person cannot be registered: another person has the same id, sigla or CPF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The line with which the person was staged, or the index in a list.
    pub line: u64,
    pub field: UniqueField,
}

/// A person as the command line lists them, without CPF and emails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPerson {
    pub id: PersonId,
    pub name: String,
    /// The sigla; only three digits of one that is a CPF.
    pub sigla_masked: String,
    pub profiles: Vec<ProfileKind>,
    /// Number of registered contacts (R29).
    pub contacts: usize,
    /// The state of the second factor as the database has it: `none`, `active` or `revoked`.
    pub factor: &'static str,
    pub blocked: bool,
}

/// One person as the command line shows them, without CPF and emails.
#[derive(Debug)]
pub struct ShownPerson {
    pub person: ListedPerson,
    /// The active authenticators, oldest first.
    pub factors: Vec<FactorView>,
    /// How many recovery codes were not used yet.
    pub recovery_codes: i64,
    /// How many sessions are open.
    pub sessions: usize,
    /// The newest events, the newest first.
    pub events: Vec<AuditRow>,
}

/// The use cases that an operator may call. The handle has no other method, and every change is audited under the operator's
/// name.
pub struct OperatorServices<'a> {
    pub(super) services: &'a Services,
    /// The name under which the operator's acts are audited.
    pub(super) name: String,
}

impl Services {
    /// The use cases of the operator with this name.
    pub fn for_operator(&self, name: impl Into<String>) -> OperatorServices<'_> {
        OperatorServices {
            services: self,
            name: name.into(),
        }
    }
}

impl OperatorServices<'_> {
    pub(super) fn actor(&self) -> Actor {
        Actor::Operator(self.name.clone())
    }

    /// Registers all of `people`, at most [`STAGED_AT_ONCE`], or none; no two may have the same id, sigla or CPF. The error names
    /// every conflict by its index.
    pub async fn register(
        &self,
        people: Vec<NewPerson>,
    ) -> StoreResult<Result<Vec<PersonId>, Vec<Conflict>>> {
        let mut import = self.begin_import().await?;
        let ids = import.stage((0..).zip(people).collect()).await?;
        Ok(import.finish(|_| {}).await?.map(|()| ids))
    }

    /// How many people have no registered contact.
    pub async fn count_without_contact(&self) -> StoreResult<i64> {
        let mut db = self.services.store.reader().await?;
        db.count_without_contact().await
    }

    /// All people, ordered by id.
    pub async fn list_people(&self) -> StoreResult<Vec<ListedPerson>> {
        let mut db = self.services.store.reader().await?;
        let people = db.people().await?;
        let mut listed = Vec::with_capacity(people.len());
        for person in people {
            let contacts = db.count_contacts(person.id).await?;
            listed.push(ListedPerson::new(person, contacts));
        }
        Ok(listed)
    }

    pub(super) async fn find(&self, db: &mut Reader, login: &str) -> StoreResult<Option<Person>> {
        match LoginKeys::parse(login) {
            Ok(keys) => db.find_by_login(&keys).await,
            Err(_) => Ok(None),
        }
    }

    /// The active authenticators of a person, oldest first.
    pub async fn list_factors(
        &self,
        login: &str,
    ) -> StoreResult<Result<Vec<FactorView>, ActRefusal>> {
        let mut db = self.services.store.reader().await?;
        let Some(person) = self.find(&mut db, login).await? else {
            return Ok(Err(ActRefusal::UnknownLogin));
        };
        let factors = db.active_totps(person.id).await?;
        Ok(Ok(factors.into_iter().map(factor_view).collect()))
    }

    /// What the support team needs to know of one person.
    pub async fn show_person(&self, login: &str) -> StoreResult<Result<ShownPerson, ActRefusal>> {
        let services = self.services;
        let mut db = services.store.reader().await?;
        let Some(person) = self.find(&mut db, login).await? else {
            return Ok(Err(ActRefusal::UnknownLogin));
        };
        let (id, now) = (person.id, services.now());
        let sessions = db
            .live_sessions(id, &services.settings.sessions, now)
            .await?;
        let factors = db.active_totps(id).await?;
        let contacts = db.count_contacts(id).await?;
        Ok(Ok(ShownPerson {
            person: ListedPerson::new(person, contacts),
            factors: factors.into_iter().map(factor_view).collect(),
            recovery_codes: db.recovery_codes(id).await?.unused,
            sessions: sessions.len(),
            events: db.history(id, SHOWN_EVENTS).await?,
        }))
    }

    /// Does one act on the account with this login. `reason` stands in the audit, and must hold no secret.
    pub async fn act(
        &self,
        login: &str,
        act: AccountAct,
        reason: &str,
    ) -> StoreResult<Result<DoneAct, ActRefusal>> {
        let Ok(login) = LoginKeys::parse(login) else {
            return Ok(Err(ActRefusal::UnknownLogin));
        };
        let act = RequestedAct {
            login,
            act,
            actor: self.actor(),
            reason: reason.to_owned(),
            settings: self.services.settings.clone(),
            now: self.services.now(),
        };
        self.services.store.write(act).await
    }

    /// Approves enrolments of many people until `until`, or only looks who they are. Returns how many people there are, and the
    /// places in `logins`, from 0, of those that nobody has.
    pub async fn approve_all(
        &self,
        logins: &[String],
        until: Timestamp,
        reason: &str,
        is_dry_run: bool,
    ) -> StoreResult<(usize, Vec<usize>)> {
        let (mut people, mut unknown) = (Vec::new(), Vec::new());
        let mut db = self.services.store.reader().await?;
        for (at, login) in logins.iter().enumerate() {
            match self.find(&mut db, login).await? {
                Some(person) => people.push(person.id),
                None => unknown.push(at),
            }
        }
        drop(db);
        let count = people.len();
        // all or none: a list with a mistake in it is to be mended first
        if unknown.is_empty() && !is_dry_run {
            let now = self.services.now();
            let input = (people, self.actor(), reason.to_owned(), until, now);
            self.services
                .store
                .write_with(input, |tx, (people, actor, reason, until, now)| {
                    Box::pin(async move {
                        for person in people {
                            tx.approve_enrolment(*person, *until).await?;
                            let event = AuditEvent::EnrolmentApproved;
                            audit_alone(tx, actor, event, Some(*person), reason, *now).await?;
                        }
                        Ok(())
                    })
                })
                .await?;
        }
        Ok((count, unknown))
    }

    /// Forgets the failed attempts of everybody who waits or is no longer judged, as after an attack on many accounts. Blocked
    /// accounts stay blocked. Returns how many people there were.
    pub async fn forget_all_locked(&self, reason: &str) -> StoreResult<usize> {
        let services = self.services;
        let (mut after, mut total) = (None, 0);
        loop {
            let input = (after, self.actor(), reason.to_owned(), services.now());
            let forgotten = services
                .store
                .write_with(input, |tx, (after, actor, reason, now)| {
                    Box::pin(async move {
                        let locked = tx.locked_people(*after, PORTION, *now).await?;
                        for person in &locked {
                            tx.forget_attempts(*person).await?;
                            let event = AuditEvent::AttemptsForgotten;
                            audit_alone(tx, actor, event, Some(*person), reason, *now).await?;
                        }
                        Ok(locked)
                    })
                })
                .await?;
            total += forgotten.len();
            match forgotten.last() {
                Some(last) => after = Some(*last),
                None => return Ok(total),
            }
        }
    }
}

impl ListedPerson {
    fn new(person: Person, contacts: i64) -> Self {
        Self {
            id: person.id,
            factor: person.factor_state.into(),
            blocked: person.blocked_at.is_some(),
            sigla_masked: person.sigla.masked(),
            name: person.name,
            profiles: person.profiles,
            contacts: usize::try_from(contacts).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests;
