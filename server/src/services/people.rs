//! What an operator does with people: registering, listing, blocking, approving.

mod registration;

use super::{Outcome, Services};
use crate::{
    domain::{
        enrolment::EnrolmentState,
        new_person::NewPerson,
        person::{LoginKeys, PersonId, ProfileKind, Sigla},
        session::SessionLimits,
        time::{Seconds, Timestamp},
    },
    storage::{PersonRow, RegisteredPerson, StoreResult, Tx},
};
use registration::Registration;

/// How long an approval of a first enrolment holds (`first_enrolment = approved`).
pub const APPROVAL: Seconds = Seconds::hours(24);

/// Which value of a person is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The number.
    Id,
    /// The name at sign-in.
    Sigla,
    /// The CPF.
    Cpf,
}

impl Field {
    /// Name of the column in an import.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Sigla => "sigla",
            Self::Cpf => "cpf",
        }
    }
}

/// A person who cannot be registered: somebody else has the same number, sigla or CPF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Which of the people handed in, from 0.
    pub index: usize,
    /// What is taken.
    pub field: Field,
}

/// A person as the command line lists them: no CPF, no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPerson {
    /// Number.
    pub id: PersonId,
    /// Full name.
    pub name: String,
    /// Sigla; its first three digits only where it is a CPF.
    pub sigla_masked: String,
    /// Profiles.
    pub profiles: Vec<ProfileKind>,
    /// Registered contact addresses (R29).
    pub contacts: usize,
    /// Whether a second factor is active.
    pub factor_active: bool,
    /// Whether blocked.
    pub blocked: bool,
}

impl Services {
    /// Registers people, all or none; every conflict is named.
    pub async fn register(
        &self,
        people: Vec<NewPerson>,
    ) -> Outcome<Result<Vec<PersonId>, Vec<Conflict>>> {
        let mut tries = 0;
        loop {
            let input = Registration {
                given: people.iter().map(|person| person.id).collect(),
                people: people.iter().map(|person| self.numbered(person)).collect(),
                now: self.now(),
            };
            let written = self
                .store
                .write(input, |tx, i| Box::pin(async move { i.write(tx).await }))
                .await;
            match written {
                // a number drawn twice, or another process registered the same person meanwhile:
                // the next try finds who
                Err(error) if error.is_unique_violation() && tries < 3 => tries += 1,
                written => return Ok(written?),
            }
        }
    }

    fn numbered(&self, person: &NewPerson) -> RegisteredPerson {
        let drawn = || {
            let range = PersonId::MAX.abs_diff(PersonId::MIN) + 1;
            // the remainder of 64 bits over 50 favours nobody that could be noticed
            let offset = u64::from_le_bytes(self.entropy.bytes()) % range;
            PersonId::new(PersonId::MIN.saturating_add_unsigned(offset)).ok()
        };
        #[expect(clippy::expect_used, reason = "the sum is between MIN and MAX")]
        let id = person.id.or_else(drawn).expect("a number within bounds");
        RegisteredPerson {
            id,
            person: person.clone(),
        }
    }

    /// Everybody, by number.
    pub async fn list_people(&self) -> Outcome<Vec<ListedPerson>> {
        let list = self
            .store
            .read((), |tx, _| {
                Box::pin(async move {
                    let people = tx.people().await?;
                    let mut listed = Vec::with_capacity(people.len());
                    for person in people {
                        let contacts = tx.count_contacts(person.id).await?;
                        listed.push(ListedPerson::new(person, contacts));
                    }
                    Ok(listed)
                })
            })
            .await?;
        Ok(list)
    }

    /// Blocks whoever signs in by `login` and ends what they had begun; `None` when nobody does.
    pub async fn block(&self, login: &str) -> Outcome<Option<PersonId>> {
        self.act(login, Act::Block).await
    }

    /// Unblocks, and forgets the failed attempts that led to waits.
    pub async fn unblock(&self, login: &str) -> Outcome<Option<PersonId>> {
        self.act(login, Act::Unblock).await
    }

    /// Allows a first enrolment for [`APPROVAL`].
    pub async fn approve(&self, login: &str) -> Outcome<Option<PersonId>> {
        self.act(login, Act::Approve).await
    }

    async fn act(&self, login: &str, act: Act) -> Outcome<Option<PersonId>> {
        let Ok(keys) = LoginKeys::parse(login) else {
            return Ok(None);
        };
        let found = self
            .store
            .write((keys, act, self.settings.sessions, self.now()), |tx, i| {
                Box::pin(async move {
                    let (keys, act, sessions, now) = &*i;
                    let Some(person) = tx.find_by_login(keys).await? else {
                        return Ok(None);
                    };
                    act.write(tx, person.id, sessions, *now).await?;
                    Ok(Some(person.id))
                })
            })
            .await?;
        Ok(found)
    }
}

#[derive(Clone, Copy)]
enum Act {
    Block,
    Unblock,
    Approve,
}

impl Act {
    async fn write(
        self,
        tx: &mut Tx,
        person: PersonId,
        sessions: &SessionLimits,
        now: Timestamp,
    ) -> StoreResult<()> {
        let action = match self {
            Self::Block => {
                tx.set_blocked(person, Some(now)).await?;
                tx.end_sessions_of(person, now).await?;
                tx.end_pending(person, EnrolmentState::Cancelled, sessions, now)
                    .await?;
                "block"
            }
            Self::Unblock => {
                tx.set_blocked(person, None).await?;
                tx.forget_attempts(person).await?;
                "unblock"
            }
            Self::Approve => {
                tx.approve_enrolment(person, now + APPROVAL).await?;
                "approval"
            }
        };
        tx.audit(now, Some(person), action, "operator", "", "")
            .await
    }
}

impl ListedPerson {
    fn new(person: PersonRow, contacts: i64) -> Self {
        let sigla_masked =
            Sigla::parse(&person.sigla).map_or_else(|_| String::new(), |s| s.masked());
        Self {
            id: person.id,
            name: person.name,
            sigla_masked,
            profiles: person.profiles,
            contacts: usize::try_from(contacts).unwrap_or_default(),
            factor_active: person.factor_active,
            blocked: person.blocked_at.is_some(),
        }
    }
}

#[cfg(test)]
mod tests;
