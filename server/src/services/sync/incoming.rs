//! One change of another instance: found, judged and carried out in one transaction (docs/sync.md, *The rule*).

use super::late::{tell_ends_after_loss, tell_state};
use crate::domain::sync::judge;
use crate::domain::{
    AccountHere, Actor, AddedFactor, AssuranceRules, AuditEvent, Change, Effect, EnrolmentState,
    FactorSource, FactorState, InstanceName, KnownFactor, NewTotpFactor, PeerRights, Person,
    PersonChange, PersonId, Proof, Revision, Seconds, SecurityChange, SyncAnswer, SyncMessage,
};
use crate::services::Settings;
use crate::services::account_changes::{audit_alone, shut_clients_out};
use crate::services::activation::require_second_factor;
use crate::services::security_alerts::{SecurityAlert, ToldChange, alert_security_change};
use crate::storage::{Reader, StoreError, StoreResult, Tx, UnitOfWork};
use app::model::SyncOutcome;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a change waits for one of a third instance from which it follows.
const LONGEST_HOLD: Seconds = Seconds::minutes(10);

/// Whom a change is about here.
pub(super) enum Found {
    Person(PersonId),
    Nobody,
    /// CPF and sigla name two people, or may name another one.
    Ambiguous,
}

pub(super) struct IncomingChange {
    pub issuer: InstanceName,
    pub message: SyncMessage,
    pub rights: PeerRights,
    /// Whether this instance would accept the email in the change as a personal one.
    pub is_email_accepted: bool,
    pub settings: Arc<Settings>,
    pub alert: SecurityAlert,
}

impl UnitOfWork for Arc<IncomingChange> {
    /// `None` while it waits for a change of a third instance from which it follows.
    type Output = Option<SyncAnswer>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Self::Output> {
        let (id, issuer) = (&self.message.header.id, self.issuer.as_str());
        // a message that was answered before gets the recorded answer, so that a repetition changes nothing
        if let Some(answer) = tx.answered(issuer, id).await? {
            return Ok(Some(answer));
        }
        let now = self.alert.now();
        let (answer, person) = match self.find(tx).await? {
            Found::Nobody => {
                let told = self.told();
                // a question about nobody leaves nothing to be asked for
                if told.change != Change::Registered {
                    tx.note_unknown_person(&self.issuer, &told.sigla, told.cpf.as_ref(), now)
                        .await?;
                }
                (SyncAnswer::of(SyncOutcome::NoRecord), None)
            }
            Found::Ambiguous => (SyncAnswer::of(SyncOutcome::Ambiguous), None),
            Found::Person(person) => {
                if self.is_early(tx, person).await? {
                    return Ok(None);
                }
                (self.apply(tx, person).await?, Some(person))
            }
        };
        // the unique key of this row decides between two workers with the same message
        tx.remember_answer(issuer, id, answer, now).await?;
        let actor = Actor::Peer(issuer.to_owned());
        let (event, detail) = (
            AuditEvent::SyncReceived(answer.outcome),
            self.told().change.kind(),
        );
        audit_alone(tx, &actor, event, person, detail, now).await?;
        Ok(Some(answer))
    }
}

impl IncomingChange {
    /// Whether the issuer had answered a change of a third instance that is not known here yet. It comes by itself; when it does not
    /// come for [`LONGEST_HOLD`] this one is applied all the same.
    async fn is_early(&self, tx: &mut Tx, person: PersonId) -> StoreResult<bool> {
        let told = self.told();
        // what takes something away waits for nothing
        if told.change.new_factor().is_none() || self.alert.now() >= told.made_at + LONGEST_HOLD {
            return Ok(false);
        }
        let third = |instance: &InstanceName| {
            *instance != self.issuer && self.settings.peer(instance.as_str()).is_some()
        };
        if !told.seen.keys().any(third) {
            return Ok(false);
        }
        let known = tx.instance_revisions(person).await?;
        Ok(told.seen.iter().any(|(instance, seen)| {
            third(instance) && known.get(instance).is_none_or(|known| known.seen < *seen)
        }))
    }

    pub(super) fn told(&self) -> &PersonChange {
        &self.message.change
    }

    /// Finds the person. A CPF and a sigla of two people are refused.
    pub(super) async fn find(&self, db: &mut Reader) -> StoreResult<Found> {
        let told = self.told();
        let named = db.people_named(told.cpf.as_ref(), &told.sigla).await?;
        Ok(match &*named {
            [] => Found::Nobody,
            // the sigla is known here with another CPF, so it is another person; without a CPF on one side it may be, because
            // courts give siglas by themselves
            [one]
                if !one.is_by_cpf
                    && (!self.rights.match_by_sigla || told.cpf.is_some() && one.has_cpf) =>
            {
                Found::Ambiguous
            }
            [one] => Found::Person(one.id),
            _ => Found::Ambiguous,
        })
    }

    /// Decides by what is known here, and does what was decided.
    async fn apply(&self, tx: &mut Tx, id: PersonId) -> StoreResult<SyncAnswer> {
        // changes of one person wait for each other here: what is read below stays true until the commit
        tx.lock_person(id).await?;
        let now = self.alert.now();
        let person = tx.person(id).await?;
        let here = tx.account_here(&person, now).await?;
        let rules = AssuranceRules {
            rights: &self.rights,
            policy: &self.settings.policy,
            recovery: &self.settings.recovery,
            is_email_accepted: self.is_email_accepted,
        };
        let verdict = judge(&self.issuer, self.told(), &here, rules);
        let (mut answer, effects) = (verdict.answer, verdict.effects);
        if answer.outcome == SyncOutcome::Stale {
            tell_ends_after_loss(tx, id, &self.issuer, now).await?;
        }
        if !verdict.is_noted {
            return Ok(answer);
        }
        tx.note_seen(id, &self.issuer, self.told().counter).await?;
        // written before a factor ends, because the personal email goes with the last one
        let is_ending = effects
            .iter()
            .any(|effect| matches!(effect, Effect::End { .. }));
        let is_adding = effects
            .iter()
            .any(|effect| matches!(effect, Effect::Add(_)));
        if is_ending && !is_adding {
            let change = told_end(&effects, &here);
            alert_security_change(tx, &person, &self.alert, change).await?;
        }
        for effect in &effects {
            if !self.carry_out(tx, &person, effect).await? {
                answer = SyncAnswer::of(SyncOutcome::Refused);
            }
        }
        if is_ending {
            let is_carried_here = here.factors.iter().all(|factor| {
                factor.end.is_some() || factor.name.home == self.issuer || !ends(&effects, factor)
            });
            let closer = effects.iter().find_map(|effect| match effect {
                Effect::NoteRevokedAll { closed_by } => closed_by.as_ref(),
                _ => None,
            });
            let closer = closer.unwrap_or(&self.issuer);
            self.close(tx, id, is_adding, is_carried_here, closer)
                .await?;
        }
        Ok(answer)
    }

    /// Carries out one step. False when the account does not allow it after all.
    async fn carry_out(&self, tx: &mut Tx, person: &Person, effect: &Effect) -> StoreResult<bool> {
        let (id, now) = (person.id, self.alert.now());
        let told = self.told();
        let own_revision = self.revision();
        match effect {
            Effect::Add(added) => self.add(tx, person, *added).await?,
            Effect::End {
                id: factor,
                ended_as,
                revision,
            } => {
                tx.end_known_factor(id, factor, *ended_as, revision, now)
                    .await?;
            }
            Effect::Note {
                name,
                ended_as,
                revision,
            } => {
                let is_its_own = told
                    .change
                    .new_factor()
                    .is_some_and(|new| new.factor == *name);
                // of the others it is not known how they were proven
                let unknown = Proof::FirstEnrolment;
                let proof = if is_its_own { &told.proof } else { &unknown };
                tx.note_ended_factor(id, name, proof, (*ended_as, revision), now)
                    .await?;
            }
            Effect::NoteRevokedAll { closed_by } => {
                if let Some(instance) = closed_by {
                    tx.note_closed_by(id, instance).await?;
                }
                tx.note_revoked_all(id, &self.issuer, told.counter).await?;
            }
            Effect::NoteReplacedAll(instance, counter) => {
                tx.note_replaced_all(id, instance, *counter).await?;
            }
            Effect::DoubtEmail => tx.doubt_personal_email(id).await?,
            Effect::SetEmail => {
                if let Change::EmailChanged { email } = &told.change {
                    let told = ToldChange {
                        also_to: Some(email.clone()),
                        ..SecurityChange::EmailChanged.into()
                    };
                    alert_security_change(tx, person, &self.alert, told).await?;
                    tx.set_personal_email(id, email, &own_revision).await?;
                }
            }
            Effect::SetPassword => {
                if let Change::PasswordChanged { hash } = &told.change {
                    let change = SecurityChange::PasswordSetElsewhere;
                    alert_security_change(tx, person, &self.alert, change).await?;
                    tx.set_password(id, hash, &own_revision).await?;
                    self.shut_clients_out(tx, id).await?;
                }
            }
            Effect::Block => {
                if person.blocked_at.is_none() {
                    let change = SecurityChange::BlockedElsewhere;
                    alert_security_change(tx, person, &self.alert, change).await?;
                }
                tx.block_account(id, now).await?;
                tx.note_block(id, &self.issuer, told.counter).await?;
                self.shut_clients_out(tx, id).await?;
            }
            Effect::TellState => {
                // a peer gets no more than it was told before in vain
                if tx.is_unknown_at(id, &self.issuer).await? {
                    tell_state(tx, id, &self.issuer, now).await?;
                }
            }
            Effect::LiftBlock => tx.note_block(id, &self.issuer, 0).await?,
            Effect::Open => return tx.unblock_account(id).await,
        }
        Ok(true)
    }

    /// What the issuer had seen of other instances, but no more than is known here: what is claimed beyond that would shield the factor.
    async fn seen_here(
        &self,
        tx: &mut Tx,
        person: PersonId,
    ) -> StoreResult<BTreeMap<InstanceName, i64>> {
        let seen = &self.told().seen;
        if seen.is_empty() {
            return Ok(BTreeMap::new());
        }
        let known = tx.instance_revisions(person).await?;
        let least = |(instance, seen): (&InstanceName, &i64)| {
            let here = known.get(instance).map_or(0, |known| known.seen);
            (instance.clone(), here.min(*seen))
        };
        Ok(seen.iter().map(least).collect())
    }

    fn revision(&self) -> Revision {
        Revision {
            counter: self.told().counter,
            instance: self.issuer.clone(),
        }
    }

    /// Makes the factor of the change active. The switch below cannot fail: its conditions were read behind the person's lock.
    async fn add(&self, tx: &mut Tx, person: &Person, added: AddedFactor) -> StoreResult<()> {
        let (told, now, revision) = (self.told(), self.alert.now(), self.revision());
        let Some(new) = told.change.new_factor() else {
            return Ok(());
        };
        // told too, because the new one takes its place below
        let email_before = tx.personal_email(person.id).await?;
        let is_switched = match person.factor_state {
            FactorState::None => {
                tx.activate_first_factor(person.id, &new.email, &revision, now)
                    .await?
            }
            state @ (FactorState::Active | FactorState::Revoked) => {
                let is_revoked = state == FactorState::Revoked;
                tx.activate_another_factor(person.id, &new.email, is_revoked, &revision)
                    .await?
            }
        };
        if !is_switched {
            return Err(StoreError::Inconsistent(
                "a change of another instance raced past its switch",
            ));
        }
        let seen = self.seen_here(tx, person.id).await?;
        let factor = tx
            .insert_totp(
                &NewTotpFactor {
                    person: person.id,
                    label: new.label.clone(),
                    secret: new.secret.clone(),
                    last_step: new.last_step,
                    source: FactorSource::Sync(new.factor.clone()),
                    proof: told.proof.clone(),
                    added_counter: told.counter,
                    replaces_all: added == AddedFactor::ReplacingAll,
                    seen,
                },
                now,
            )
            .await?;
        if person.factor_state == FactorState::Active {
            let change = if matches!(told.change, Change::FactorReplaced { .. }) {
                SecurityChange::FactorReplaced
            } else {
                SecurityChange::FactorAdded
            };
            let told = ToldChange {
                factor: Some(&factor),
                also_to: email_before,
                ..change.into()
            };
            alert_security_change(tx, person, &self.alert, told).await?;
            if added == AddedFactor::Another {
                return Ok(());
            }
            return self.overtake(tx, person.id).await;
        }
        self.overtake(tx, person.id).await?;
        self.alert
            .alert_factor_activated(tx, person, &new.email, &factor, None)
            .await
    }

    /// What was open by the password alone, or begun here, is overtaken.
    async fn overtake(&self, tx: &mut Tx, person: PersonId) -> StoreResult<()> {
        let now = self.alert.now();
        require_second_factor(tx, person, &self.settings.sessions, now).await?;
        tx.end_pending_enrolment(person, EnrolmentState::Voided, &self.settings.sessions, now)
            .await?;
        Ok(())
    }

    /// After factors ended: what they have opened here holds no longer, and an account without a factor is closed.
    async fn close(
        &self,
        tx: &mut Tx,
        person: PersonId,
        is_adding: bool,
        is_carried_here: bool,
        closer: &InstanceName,
    ) -> StoreResult<()> {
        let now = self.alert.now();
        if matches!(self.told().change, Change::FactorsTakenBack { .. }) && is_carried_here {
            // as if it had never been carried here
            tx.forget_last_factor(person, &self.issuer).await?;
            return self.shut_clients_out(tx, person).await;
        }
        if !is_adding && tx.close_without_factor(person, closer).await? {
            return self.shut_clients_out(tx, person).await;
        }
        // what was begun with what ended must not go on
        let cancelled = EnrolmentState::Cancelled;
        tx.end_pending_enrolment(person, cancelled, &self.settings.sessions, now)
            .await?;
        tx.end_entry_requests(person).await?;
        tx.end_recovery(person).await?;
        tx.forget_browsers(person).await?;
        if matches!(
            self.told().change,
            Change::FactorsRevoked { stolen: true, .. }
        ) {
            return tx.end_sessions_of(person, now).await;
        }
        tx.step_down_all(person, &self.settings.sessions, now).await
    }

    /// Whoever is in, or has begun something, with what was changed is out.
    async fn shut_clients_out(&self, tx: &mut Tx, person: PersonId) -> StoreResult<()> {
        shut_clients_out(tx, person, &self.settings.sessions, self.alert.now()).await
    }
}

/// What the owner is told of factors that ended without another one in their place.
fn told_end(effects: &[Effect], here: &AccountHere) -> SecurityChange {
    let mut active = here.factors.iter().filter(|factor| factor.end.is_none());
    if effects.contains(&Effect::DoubtEmail) {
        SecurityChange::PhoneStolen
    } else if active.all(|factor| ends(effects, factor)) {
        SecurityChange::RevokedElsewhere
    } else {
        SecurityChange::FactorRemoved
    }
}

/// Whether the factor is among those that end.
fn ends(effects: &[Effect], factor: &KnownFactor) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::End { id, .. } if *id == factor.id))
}
