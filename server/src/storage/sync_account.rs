//! What is known here of a person's account and of the changes of it at every instance (R24).

use super::row::RowName;
use super::{Reader, StoreResult};
use crate::domain::sync::{MOST_ENDED, MOST_STANDING};
use crate::domain::{
    AccountHere, Cpf, EndedAs, EndedFactor, FactorName, InstanceName, InstanceRevisions,
    KnownFactor, Person, PersonId, Proof, RecoveryWay, Revision, Seconds, Session, Sigla,
    Timestamp, TokenHash,
};
use std::collections::BTreeMap;

#[derive(sqlx::FromRow)]
struct KnownFactorRow {
    id: String,
    home_instance: String,
    home_id: String,
    proof: String,
    added_counter: i64,
    replaced_all: i64,
    seen: String,
    ended_as: Option<String>,
    ended_counter: Option<i64>,
    ended_instance: Option<String>,
}

impl KnownFactorRow {
    fn known(self) -> StoreResult<KnownFactor> {
        let name = RowName::new("factor", &self.id);
        let proof: Proof = name.value("proof", serde_json::from_str(&self.proof).ok())?;
        let end = match (self.ended_as, self.ended_counter, self.ended_instance) {
            (Some(ended_as), Some(counter), Some(instance)) => Some((
                name.code::<EndedAs>("ended_as", &ended_as)?,
                Revision {
                    counter,
                    instance: name.value("ended_instance", InstanceName::parse(&instance).ok())?,
                },
            )),
            _ => None,
        };
        Ok(KnownFactor {
            name: FactorName {
                home: name.value(
                    "home_instance",
                    InstanceName::parse(&self.home_instance).ok(),
                )?,
                id: self.home_id,
            },
            added: self.added_counter,
            proven_by: match proof {
                Proof::OneTimeCode(factor) => Some(factor),
                _ => None,
            },
            replaced_all: self.replaced_all == 1,
            seen: name.value("seen", serde_json::from_str(&self.seen).ok())?,
            end,
            id: self.id,
        })
    }
}

#[derive(sqlx::FromRow)]
struct NewestRow {
    revision_counter: i64,
    closed_by: Option<String>,
    password_counter: i64,
    password_instance: String,
    email_counter: i64,
    email_instance: String,
}

#[derive(sqlx::FromRow)]
struct RevisionRow {
    instance: String,
    seen: i64,
    revoked_all: i64,
    replaced_all: i64,
    blocked: i64,
}

/// Somebody here who has the CPF or the sigla that another instance told.
#[derive(Debug)]
pub struct NamedPerson {
    pub id: PersonId,
    /// Whether it is the CPF.
    pub is_by_cpf: bool,
    /// Whether the CPF of this person is known here.
    pub has_cpf: bool,
}

impl Reader {
    /// The people here with this CPF or this sigla: two when they belong to two.
    pub async fn people_named(
        &mut self,
        cpf: Option<&Cpf>,
        sigla: &Sigla,
    ) -> StoreResult<Vec<NamedPerson>> {
        let cpf_index = cpf.map(|cpf| self.sealer.index("cpf", &cpf.digits()));
        let sigla_index = self.sigla_index(&sigla.key());
        let rows: Vec<(PersonId, Option<Vec<u8>>)> = self
            .fetch_all(
                "SELECT id, cpf_index FROM person WHERE cpf_index = $1 OR sigla_index = $2",
                args![&cpf_index, sigla_index],
            )
            .await?;
        let named = |(id, index): (PersonId, Option<Vec<u8>>)| NamedPerson {
            id,
            is_by_cpf: cpf_index.is_some() && index == cpf_index,
            has_cpf: index.is_some(),
        };
        Ok(rows.into_iter().map(named).collect())
    }

    /// Up to `most` people of whom any change is known here, in the order of their numbers, after one of them.
    pub async fn people_with_changes(
        &mut self,
        after: Option<PersonId>,
        most: i64,
    ) -> StoreResult<Vec<PersonId>> {
        self.fetch_column(
            "SELECT person_id FROM person_security WHERE revision_counter > 0 \
                 AND person_id > $1 ORDER BY person_id LIMIT $2",
            args![after.map_or(0, PersonId::get), most],
        )
        .await
    }

    /// The greatest counter of any change of this person that is known here.
    pub async fn revision_counter(&mut self, person: PersonId) -> StoreResult<i64> {
        self.fetch_value(
            "SELECT revision_counter FROM person_security WHERE person_id = $1",
            args![person],
        )
        .await
    }

    /// The name of this instance.
    pub fn own_instance(&self) -> &InstanceName {
        &self.names.own
    }

    /// Every factor of a person, those that have ended too, oldest first.
    pub async fn known_factors(&mut self, person: PersonId) -> StoreResult<Vec<KnownFactor>> {
        let rows: Vec<KnownFactorRow> = self
            .fetch_all(
                "SELECT id, home_instance, home_id, proof, added_counter, replaced_all, seen, ended_as, \
                 ended_counter, ended_instance FROM factor WHERE person_id = $1 \
                 ORDER BY created_at, id",
                args![person],
            )
            .await?;
        rows.into_iter().map(KnownFactorRow::known).collect()
    }

    /// The name of a factor at every instance; an error when there is no such factor.
    pub async fn factor_name(&mut self, factor: &str) -> StoreResult<FactorName> {
        let (home, id): (String, String) = self
            .fetch_one(
                "SELECT home_instance, home_id FROM factor WHERE id = $1",
                args![factor],
            )
            .await?;
        let name = RowName::new("factor", factor);
        Ok(FactorName {
            home: name.value("home_instance", InstanceName::parse(&home).ok())?,
            id,
        })
    }

    /// The person's factors that have ended, for a change that ends factors: the newest, and at most [`MOST_ENDED`].
    pub async fn ended_factors(&mut self, person: PersonId) -> StoreResult<Vec<EndedFactor>> {
        // those that were active here come first: of others only the end was told
        let mut ended: Vec<_> = self
            .known_factors(person)
            .await?
            .into_iter()
            .filter_map(|factor| {
                let is_accepted = factor.is_accepted();
                let (ended_as, at) = factor.end?;
                Some((is_accepted, at, factor.name, ended_as))
            })
            .collect();
        ended.sort_by(|one, other| (other.0, &other.1, &other.2).cmp(&(one.0, &one.1, &one.2)));
        ended.truncate(MOST_ENDED);
        Ok(ended
            .into_iter()
            .map(|(_, _, factor, ended_as)| EndedFactor { factor, ended_as })
            .collect())
    }

    /// The factors that a person has enrolled here or that were accepted here, the newest: whose they are, the person's recovery codes and
    /// personal email here are.
    pub async fn standing_factors(&mut self, person: PersonId) -> StoreResult<Vec<FactorName>> {
        let known = self.known_factors(person).await?;
        let accepted = known.into_iter().rev().filter(KnownFactor::is_accepted);
        Ok(accepted
            .take(MOST_STANDING)
            .map(|factor| factor.name)
            .collect())
    }

    /// Whether a factor of this person with this name is revoked here.
    pub async fn is_revoked_factor(
        &mut self,
        person: PersonId,
        name: &FactorName,
    ) -> StoreResult<bool> {
        let known = self.known_factors(person).await?;
        Ok(known.iter().any(|factor| {
            factor.name == *name && matches!(factor.end, Some((EndedAs::Revoked, _)))
        }))
    }

    /// What is known here of a person's changes, for each instance that has made any.
    pub async fn instance_revisions(
        &mut self,
        person: PersonId,
    ) -> StoreResult<BTreeMap<InstanceName, InstanceRevisions>> {
        let rows: Vec<RevisionRow> = self
            .fetch_all(
                "SELECT instance, seen, revoked_all, replaced_all, blocked FROM person_revision \
                 WHERE person_id = $1",
                args![person],
            )
            .await?;
        let owner = person.to_string();
        let name = RowName::new("person_revision", &owner);
        rows.into_iter()
            .map(|row| {
                let instance = name.value("instance", InstanceName::parse(&row.instance).ok())?;
                let known = InstanceRevisions {
                    seen: row.seen,
                    revoked_all: row.revoked_all,
                    replaced_all: row.replaced_all,
                    blocked: row.blocked,
                };
                Ok((instance, known))
            })
            .collect()
    }

    /// The newest change of a person at each other instance that was answered here.
    pub async fn seen_of_others(
        &mut self,
        person: PersonId,
    ) -> StoreResult<BTreeMap<InstanceName, i64>> {
        let known = self.instance_revisions(person).await?;
        let own = &self.names.own;
        Ok(known
            .into_iter()
            .filter(|(instance, known)| instance != own && known.seen > 0)
            .map(|(instance, known)| (instance, known.seen))
            .collect())
    }

    /// What the rule of convergence needs to know of an account; the caller has the person's lock and has read the person.
    pub async fn account_here(
        &mut self,
        person: &Person,
        now: Timestamp,
    ) -> StoreResult<AccountHere> {
        let row: NewestRow = self
            .fetch_one(
                "SELECT revision_counter, closed_by, password_counter, password_instance, email_counter, \
                 email_instance FROM person_security WHERE person_id = $1",
                args![person.id],
            )
            .await?;
        let owner = person.id.to_string();
        let name = RowName::new("person_security", &owner);
        Ok(AccountHere {
            factor_state: person.factor_state,
            is_blocked: person.blocked_at.is_some(),
            is_approved: person.is_enrolment_approved(now),
            profiles: person.profiles.clone(),
            contacts: self.count_contacts(person.id).await?,
            counter: row.revision_counter,
            closed_by: row
                .closed_by
                .map(|closer| name.value("closed_by", InstanceName::parse(&closer).ok()))
                .transpose()?,
            factors: self.known_factors(person.id).await?,
            revisions: self.instance_revisions(person.id).await?,
            password: (row.password_counter, row.password_instance),
            email: (row.email_counter, row.email_instance),
        })
    }

    /// The newest proof beside the password that a session has, as other instances are told.
    pub async fn proof_of_session(&mut self, session: &Session) -> StoreResult<Proof> {
        match session.recovery {
            Some(RecoveryWay::Stolen) => return self.recovery_code_of(session.person).await,
            Some(RecoveryWay::Support) => return self.support_of_session(&session.id_hash).await,
            Some(RecoveryWay::Mailbox) => return self.waited_by(session.person).await,
            None => {}
        }
        let newest: Option<(String, String)> = self
            .fetch_optional(
                "SELECT kind, factor_id FROM session_authentication \
                 WHERE session_hash = $1 AND (kind = 'recovery_code' \
                 OR kind = 'totp' AND factor_id <> '') ORDER BY at DESC LIMIT 1",
                args![&session.id_hash],
            )
            .await?;
        Ok(match newest {
            Some((kind, _)) if kind == "recovery_code" => {
                self.recovery_code_of(session.person).await?
            }
            Some((_, factor)) => Proof::OneTimeCode(self.factor_name(&factor).await?),
            None => Proof::FirstEnrolment,
        })
    }

    /// A recovery code of this person here, as other instances are told.
    pub async fn recovery_code_of(&mut self, person: PersonId) -> StoreResult<Proof> {
        let of = self.standing_factors(person).await?;
        Ok(Proof::RecoveryCode { of })
    }

    async fn support_of_session(&mut self, session: &TokenHash) -> StoreResult<Proof> {
        let rows: Vec<(String,)> = self
            .fetch_all(
                "SELECT a.authority FROM entry_approval a JOIN entry_request r ON r.id = a.request_id \
                 WHERE r.session_hash = $1 AND r.state = 'approved' ORDER BY a.at DESC LIMIT 10",
                args![session],
            )
            .await?;
        let name = RowName::new("entry_approval", "of a session");
        let approvals = rows
            .into_iter()
            .map(|(authority,)| name.code("authority", &authority))
            .collect::<StoreResult<_>>()?;
        Ok(Proof::Support { approvals })
    }

    async fn waited_by(&mut self, person: PersonId) -> StoreResult<Proof> {
        let waited: Option<(i64,)> = self
            .fetch_optional(
                "SELECT ready_at - created_at FROM entry_request WHERE person_id = $1 \
                 AND way = 'mailbox' AND state = 'mailed' ORDER BY created_at DESC LIMIT 1",
                args![person],
            )
            .await?;
        let waited = Seconds(waited.map_or(0, |(seconds,)| seconds));
        let of = self.standing_factors(person).await?;
        Ok(Proof::Mailbox { of, waited })
    }
}
