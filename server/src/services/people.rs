//! Use cases of an operator: registering, listing, blocking, approving.

mod registration;

use super::{ServiceError, Services};
use crate::{
    domain::{
        audit::{Actor, AuditEvent},
        client::ClientInfo,
        enrolment::EnrolmentState,
        new_person::NewPerson,
        person::{LoginKeys, Person, PersonId, ProfileKind},
        session::SessionLimits,
        time::{Seconds, Timestamp},
    },
    storage::{StoreResult, Tx},
};
use registration::Registration;

/// How long an operator's approval of a first enrolment is valid (`first_enrolment = approved`).
pub const APPROVAL: Seconds = Seconds::hours(24);
/// How often a registration is tried again when another process took a unique value meanwhile.
const MOST_RETRIES: u32 = 3;

/// A unique value that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Id,
    /// The name at sign-in.
    Sigla,
    Cpf,
}

impl Field {
    /// Name of the column in an import file.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Sigla => "sigla",
            Self::Cpf => "cpf",
        }
    }
}

/// Why a person cannot be registered: another person has the same id, sigla or CPF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Index in the list that was passed in, from 0.
    pub index: usize,
    pub field: Field,
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
    pub factor_active: bool,
    pub blocked: bool,
}

/// The use cases that an operator may call. The handle has no other method, and every change is audited under the operator's
/// name.
pub struct OperatorServices<'a> {
    services: &'a Services,
    actor: Actor,
}

impl Services {
    /// The use cases of the operator with this name.
    pub fn for_operator(&self, name: impl Into<String>) -> OperatorServices<'_> {
        OperatorServices {
            services: self,
            actor: Actor::Operator(name.into()),
        }
    }
}

impl OperatorServices<'_> {
    /// Registers all of `people` or none. The error names every conflict.
    pub async fn register(
        &self,
        people: Vec<NewPerson>,
    ) -> Result<Result<Vec<PersonId>, Vec<Conflict>>, ServiceError> {
        let mut retries = 0;
        loop {
            let registration = Registration {
                actor: self.actor.clone(),
                people: people
                    .iter()
                    .map(|person| (self.id_for(person), person.clone()))
                    .collect(),
                now: self.services.now(),
            };
            match self.services.store.write(registration).await {
                // an id was drawn twice, or another process registered the same person meanwhile: the next attempt finds
                // which
                Err(error) if error.is_unique_violation() && retries < MOST_RETRIES => retries += 1,
                written => return Ok(written?),
            }
        }
    }

    /// The id that `person` brings, else a random one.
    fn id_for(&self, person: &NewPerson) -> PersonId {
        let drawn = || {
            let range = PersonId::MAX.abs_diff(PersonId::MIN) + 1;
            // the bias of 64 bits modulo 50 bits is too small to be noticed
            let offset = u64::from_le_bytes(self.services.entropy.bytes()) % range;
            PersonId::new(PersonId::MIN.saturating_add_unsigned(offset)).ok()
        };
        #[expect(clippy::expect_used, reason = "the sum is between MIN and MAX")]
        person.id.or_else(drawn).expect("a number within bounds")
    }

    /// All people, ordered by id.
    pub async fn list_people(&self) -> Result<Vec<ListedPerson>, ServiceError> {
        let mut db = self.services.store.reader().await?;
        let people = db.people().await?;
        let mut listed = Vec::with_capacity(people.len());
        for person in people {
            let contacts = db.count_contacts(person.id).await?;
            listed.push(ListedPerson::new(person, contacts));
        }
        Ok(listed)
    }

    /// Blocks the account with this login, ends its sessions and cancels its pending enrolment; `None` when the login is
    /// unknown.
    pub async fn block(&self, login: &str) -> Result<Option<PersonId>, ServiceError> {
        self.run_command(login, AdminCommand::Block).await
    }

    /// Unblocks the account and clears its failed attempts; `None` when the login is unknown.
    pub async fn unblock(&self, login: &str) -> Result<Option<PersonId>, ServiceError> {
        self.run_command(login, AdminCommand::Unblock).await
    }

    /// Approves a first enrolment for [`APPROVAL`]; `None` when the login is unknown.
    pub async fn approve(&self, login: &str) -> Result<Option<PersonId>, ServiceError> {
        self.run_command(login, AdminCommand::ApproveEnrolment)
            .await
    }

    async fn run_command(
        &self,
        login: &str,
        command: AdminCommand,
    ) -> Result<Option<PersonId>, ServiceError> {
        let Ok(keys) = LoginKeys::parse(login) else {
            return Ok(None);
        };
        let services = self.services;
        let input = (
            keys,
            self.actor.clone(),
            services.settings.sessions,
            services.now(),
        );
        Ok(services
            .store
            .write_with(input, move |tx, (keys, actor, limits, now)| {
                Box::pin(async move {
                    let Some(person) = tx.find_by_login(keys).await? else {
                        return Ok(None);
                    };
                    let event = command.apply(tx, person.id, limits, *now).await?;
                    let client = ClientInfo::default();
                    tx.audit(actor, event, Some(person.id), &client, "", *now)
                        .await?;
                    Ok(Some(person.id))
                })
            })
            .await?)
    }
}

#[derive(Clone, Copy)]
enum AdminCommand {
    Block,
    Unblock,
    ApproveEnrolment,
}

impl AdminCommand {
    async fn apply(
        self,
        tx: &mut Tx,
        person: PersonId,
        limits: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<AuditEvent> {
        Ok(match self {
            Self::Block => {
                tx.block_account(person, now).await?;
                tx.end_sessions_of(person, now).await?;
                let state = EnrolmentState::Cancelled;
                tx.end_pending_enrolment(person, state, limits, now).await?;
                AuditEvent::BlockedByOperator
            }
            Self::Unblock => {
                tx.unblock_account(person).await?;
                tx.forget_attempts(person).await?;
                AuditEvent::Unblocked
            }
            Self::ApproveEnrolment => {
                tx.approve_enrolment(person, now + APPROVAL).await?;
                AuditEvent::EnrolmentApproved
            }
        })
    }
}

impl ListedPerson {
    fn new(person: Person, contacts: i64) -> Self {
        Self {
            id: person.id,
            factor_active: person.has_active_factor(),
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
