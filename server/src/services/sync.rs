//! Sync, first version: what an activation tells the other instances, and what an instance does
//! with what it is told (R24; docs/sync.md).

use super::{Outcome, Services, activation::ask_for_code, notices::Notice};
use crate::{
    domain::{
        enrolment::EnrolmentState,
        mail::Circumstances,
        person::Sigla,
        policy::FirstEnrolment,
        secret::SecretBytes,
        session::SessionLimits,
        sync::{FactorActivated, Proof, SyncOutcome},
        time::Timestamp,
        totp::TotpSecret,
    },
    storage::{DueSync, NewFactor, PersonRow, StoreError, StoreResult, Tx},
};
use serde::{Deserialize, Serialize};

/// The part of a message that waits in the outbox, sealed.
#[derive(Serialize, Deserialize)]
struct Payload {
    v: u8,
    cpf: Option<String>,
    sigla: String,
    secret: Vec<u8>,
    last_step: i64,
    email: String,
    activated_at: Timestamp,
    proof: Proof,
}

/// What an activation tells, for the outbox.
pub(super) fn payload(
    person: &PersonRow,
    factor: &NewFactor,
    email: &str,
    now: Timestamp,
) -> Vec<u8> {
    let payload = Payload {
        v: 1,
        cpf: person.cpf.as_ref().map(crate::domain::cpf::Cpf::digits),
        sigla: person.sigla.clone(),
        secret: factor.secret.bytes().expose().to_vec(),
        last_step: factor.last_step,
        email: email.to_owned(),
        activated_at: now,
        proof: Proof::FirstEnrolment,
    };
    // plain data of our own: there is nothing in it that could fail to serialise
    serde_json::to_vec(&payload).unwrap_or_default()
}

impl Services {
    /// The message of an outbox row.
    pub(super) fn message(&self, due: &DueSync) -> StoreResult<FactorActivated> {
        let payload: Payload = serde_json::from_slice(&due.payload)
            .map_err(|_| StoreError::Corrupt("sync_outbox.payload"))?;
        Ok(FactorActivated {
            message_id: due.id.clone(),
            origin: self.settings.instance.clone(),
            destination: due.peer.clone(),
            cpf: payload.cpf,
            sigla: payload.sigla,
            secret: SecretBytes::new(payload.secret),
            last_step: payload.last_step,
            email: payload.email,
            activated_at: payload.activated_at,
            proof: payload.proof,
        })
    }

    /// Applies a message of a peer and returns the final business answer; the same answer for the
    /// same message, however often it comes.
    pub async fn receive(&self, message: FactorActivated) -> Outcome<SyncOutcome> {
        let peer = self
            .settings
            .peers
            .iter()
            .find(|peer| peer.name == message.origin);
        let now = self.now();
        let circumstances = Circumstances {
            at: now,
            browser: message.origin.clone(),
            address: String::new(),
        };
        let input = Reception {
            may_activate: peer.is_some_and(|peer| peer.may_activate),
            needs_approval: self.settings.policy.first_enrolment == FirstEnrolment::Approved,
            personal: self.judge_address(&message.email, &message.email).is_ok(),
            notice: self.notice(None, circumstances),
            message,
            sessions: self.settings.sessions,
            now,
        };
        let input = std::sync::Arc::new(input);
        let mut tries = 0;
        loop {
            let answer = self
                .store
                .write(input.clone(), |tx, i| {
                    Box::pin(async move { i.write(tx).await })
                })
                .await;
            match answer {
                // another worker answered the same message at the same time: read its answer
                Err(error) if error.is_unique_violation() && tries < 3 => tries += 1,
                Ok(outcome) => {
                    self.nudge.notify_waiters();
                    return Ok(outcome);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

struct Reception {
    message: FactorActivated,
    may_activate: bool,
    /// Whether the proof of a first enrolment is not enough here without an approval (R24).
    needs_approval: bool,
    /// Whether the address would have been accepted here.
    personal: bool,
    notice: Notice,
    sessions: SessionLimits,
    now: Timestamp,
}

impl Reception {
    async fn write(&self, tx: &mut Tx) -> StoreResult<SyncOutcome> {
        let message = &self.message;
        if let Some(outcome) = tx.answered(&message.origin, &message.message_id).await? {
            return Ok(outcome);
        }
        let (outcome, person) = self.decide(tx).await?;
        tx.remember_answer(&message.origin, &message.message_id, outcome, self.now)
            .await?;
        let id = person.map(|person| person.id);
        tx.audit(
            self.now,
            id,
            "sync_received",
            outcome.code(),
            "",
            &message.origin,
        )
        .await?;
        Ok(outcome)
    }

    /// Whether the proof behind the message would have been enough here, for this person (R24).
    fn would_do_here(&self, person: &PersonRow) -> bool {
        let Proof::FirstEnrolment = self.message.proof;
        let approved = person
            .enrolment_approved_until
            .is_some_and(|until| self.now < until);
        self.may_activate && self.personal && (!self.needs_approval || approved)
    }

    /// Finds the person and applies the activation. A first enrolment never touches an active
    /// factor, and CPF and SIGLA that name two people are a refusal, never a guess.
    async fn decide(&self, tx: &mut Tx) -> StoreResult<(SyncOutcome, Option<PersonRow>)> {
        let message = &self.message;
        let cpf = message
            .cpf
            .as_deref()
            .and_then(|cpf| crate::domain::cpf::Cpf::parse(cpf).ok());
        let by_cpf = match &cpf {
            Some(cpf) => tx.find_by_cpf(cpf).await?,
            None => None,
        };
        let by_sigla = match Sigla::parse(&message.sigla) {
            Ok(sigla) => tx.find_by_sigla(&sigla.key()).await?,
            Err(_) => None,
        };
        let person = match (by_cpf, by_sigla) {
            (None, None) => return Ok((SyncOutcome::NoRecord, None)),
            (Some(one), Some(other)) if one.id != other.id => {
                return Ok((SyncOutcome::Ambiguous, None));
            }
            // the sigla is here, but under another CPF: another person
            (None, Some(other)) if cpf.is_some() && other.cpf.is_some() => {
                return Ok((SyncOutcome::Ambiguous, None));
            }
            (Some(person), _) | (None, Some(person)) => person,
        };
        if person.factor_active {
            return Ok((SyncOutcome::AlreadyActive, Some(person)));
        }
        let secret = TotpSecret::from_bytes(message.secret.clone());
        let Some(secret) = secret.filter(|_| self.would_do_here(&person)) else {
            return Ok((SyncOutcome::Refused, Some(person)));
        };
        if !tx.switch_factor_on(person.id, &message.email).await? {
            let outcome = if person.blocked_at.is_some() {
                SyncOutcome::Refused
            } else {
                SyncOutcome::AlreadyActive
            };
            return Ok((outcome, Some(person)));
        }
        let factor = NewFactor {
            person: person.id,
            secret,
            last_step: message.last_step,
            origin: message.origin.clone(),
        };
        tx.insert_factor(&factor, self.now).await?;
        ask_for_code(tx, person.id, &self.sessions, self.now).await?;
        // what was pending here is overtaken
        tx.end_pending(person.id, EnrolmentState::Voided, &self.sessions, self.now)
            .await?;
        self.notice
            .tell_activation(tx, &person, &message.email)
            .await?;
        Ok((SyncOutcome::Synchronised, Some(person)))
    }
}
