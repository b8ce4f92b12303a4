//! Receiving changes from other instances (R24; docs/sync.md).

use super::{
    PeerRights, ServiceError, Services, activation::require_second_factor,
    security_alerts::SecurityAlert,
};
use crate::{
    domain::{
        audit::{Actor, AuditEvent},
        client::ClientInfo,
        enrolment::EnrolmentState,
        envelope::EnvelopeError,
        factor::{FactorSource, NewTotpFactor},
        mail::Circumstances,
        person::Person,
        policy::Policy,
        session::SessionLimits,
        sync::{Change, FactorActivated, MessageHeader, Proof, SyncMessage},
        time::Timestamp,
    },
    storage::{StoreResult, Tx, UnitOfWork},
};
use app::{api::backend::TypedEmail, model::SyncOutcome};
use async_trait::async_trait;

/// How often a message is processed again because another worker answered it at the same time.
const MOST_RETRIES: u32 = 3;

/// The use cases that a peer may call. The handle has no other method.
pub struct PeerServices<'a> {
    services: &'a Services,
    issuer: String,
    rights: Option<&'a PeerRights>,
}

impl Services {
    /// The use cases of the peer with this name, which a signature must have proven.
    pub fn for_peer(&self, issuer: &str) -> PeerServices<'_> {
        PeerServices {
            services: self,
            issuer: issuer.to_owned(),
            rights: self.settings.peers.iter().find(|peer| peer.name == issuer),
        }
    }

    /// Alarms somebody about a message that could not be trusted, which a forgery or keys of two instances that do not fit
    /// cause (R24). `claimed` is the issuer that it names, if it is one of the peers. Anybody can send such a message, so there is
    /// at most one alarm an hour for each peer; the others, and messages that name no peer, are a warning (finding M5).
    pub async fn note_untrusted_message(
        &self,
        client: ClientInfo,
        error: EnvelopeError,
        claimed: Option<&str>,
    ) -> Result<(), ServiceError> {
        let peer = claimed.filter(|name| self.settings.peers.iter().any(|peer| peer.name == *name));
        let Some(peer) = peer.filter(|_| error.is_alarm()) else {
            let network = client.network();
            if let Some(unlogged) = self.sync_lines.permit(self.now()) {
                tracing::warn!(%error, %network, unlogged, "a sync message was refused");
            }
            return Ok(());
        };
        let (code, network) = (error.code(), client.network());
        let text =
            format!("a message that names {peer} is not to be trusted: {code}, from {network}");
        // each code by itself: a cheap forgery must not hide a wrong signature of the right key
        self.alarm(&format!("sync {peer} {code}"), text, client)
            .await
    }
}

impl PeerServices<'_> {
    /// Applies a change and returns the final outcome. The same message gets the same outcome, however often it comes.
    pub async fn receive(&self, message: SyncMessage) -> Result<SyncOutcome, ServiceError> {
        let services = self.services;
        let policy = &services.settings.policy;
        let SyncMessage { header, change } = message;
        let Change::FactorActivated(activated) = change;
        let email = activated.email.as_typed().to_owned();
        let is_personal = services
            .judge_email(&TypedEmail {
                confirmed: email.clone(),
                email,
            })
            .is_ok();
        let circumstances = Circumstances {
            at: services.now(),
            client: ClientInfo {
                browser: self.issuer.clone(),
                ip: None,
            },
        };
        let incoming = IncomingActivation {
            header,
            activated,
            may_activate: self.rights.is_some_and(|rights| rights.may_activate),
            match_by_sigla: self.rights.is_some_and(|rights| rights.match_by_sigla),
            policy: policy.clone(),
            is_personal,
            alert: services.security_alert(circumstances),
            limits: services.settings.sessions,
        };
        let incoming = std::sync::Arc::new(incoming);
        let mut retries = 0;
        loop {
            match services.store.write(incoming.clone()).await {
                // another worker answered the same message at the same time: the next attempt reads its answer
                Err(error) if error.is_unique_violation() && retries < MOST_RETRIES => retries += 1,
                Ok(outcome) => {
                    services.outbox_wake.notify_waiters();
                    return Ok(outcome);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

struct IncomingActivation {
    header: MessageHeader,
    activated: FactorActivated,
    may_activate: bool,
    match_by_sigla: bool,
    /// The policy here: whether the proof of a first enrolment would have needed an operator's approval (R24).
    policy: Policy,
    /// Whether this instance would accept the email as a personal one.
    is_personal: bool,
    alert: SecurityAlert,
    limits: SessionLimits,
}

#[async_trait]
impl UnitOfWork for std::sync::Arc<IncomingActivation> {
    type Output = SyncOutcome;

    async fn run(&self, tx: &mut Tx) -> StoreResult<SyncOutcome> {
        let MessageHeader { id, issuer, .. } = &self.header;
        // a message that was answered before gets the recorded answer, so that a repetition changes nothing
        if let Some(outcome) = tx.answered(issuer, id).await? {
            return Ok(outcome);
        }
        let now = self.alert.now();
        let (outcome, person) = self.apply(tx, now).await?;
        // the unique key of this row decides between two workers with the same message
        tx.remember_answer(issuer, id, outcome, now).await?;
        let (actor, event) = (
            Actor::Peer(issuer.clone()),
            AuditEvent::SyncReceived(outcome),
        );
        let client = ClientInfo::default();
        let person = person.map(|person| person.id);
        tx.audit(&actor, event, person, &client, "", now).await?;
        Ok(outcome)
    }
}

impl IncomingActivation {
    /// Whether the proof of the change would be enough at this instance, for this person (R24).
    fn is_enough_here(&self, person: &Person, contacts: i64, now: Timestamp) -> bool {
        let Proof::FirstEnrolment = self.activated.proof;
        self.may_activate
            && self.is_personal
            && (!self.policy.needs_approval(contacts) || person.is_enrolment_approved(now))
    }

    /// Finds the person and applies the activation. A first enrolment never changes an active factor. A CPF and a sigla of
    /// two people are refused.
    async fn apply(
        &self,
        tx: &mut Tx,
        now: Timestamp,
    ) -> StoreResult<(SyncOutcome, Option<Person>)> {
        let activated = &self.activated;
        let by_cpf = match &activated.cpf {
            Some(cpf) => tx.find_by_cpf(cpf).await?,
            None => None,
        };
        let by_sigla = tx.find_by_sigla(&activated.sigla.key()).await?;
        let person = match (by_cpf, by_sigla) {
            (None, None) => return Ok((SyncOutcome::NoRecord, None)),
            (Some(one), Some(other)) if one.id != other.id => {
                return Ok((SyncOutcome::Ambiguous, None));
            }
            // the sigla is known here with another CPF, so it is another person; without a CPF on one side it may be, because
            // courts give siglas by themselves
            (None, Some(other))
                if !self.match_by_sigla || activated.cpf.is_some() && other.cpf.is_some() =>
            {
                return Ok((SyncOutcome::Ambiguous, None));
            }
            (Some(person), _) | (None, Some(person)) => person,
        };
        if person.has_active_factor() {
            return Ok((SyncOutcome::AlreadyActive, Some(person)));
        }
        let contacts = tx.count_contacts(person.id).await?;
        if person.is_shut_out(now)
            || person.is_revoked()
            || !self.is_enough_here(&person, contacts, now)
        {
            return Ok((SyncOutcome::Refused, Some(person)));
        }
        // the person was read without a lock, so this statement decides between activations and a block at the same time
        if !tx
            .activate_first_factor(person.id, &activated.email, now)
            .await?
        {
            // a block or an activation was committed meanwhile; the person is read again to answer which
            let person = tx.person(person.id).await?;
            let outcome = if person.is_shut_out(now) || person.is_revoked() {
                SyncOutcome::Refused
            } else {
                SyncOutcome::AlreadyActive
            };
            return Ok((outcome, Some(person)));
        }
        let new = NewTotpFactor {
            person: person.id,
            label: String::new(),
            secret: activated.secret.clone(),
            last_step: activated.last_step,
            home_instance: self.header.issuer.clone(),
            source: FactorSource::Sync,
        };
        let factor = tx.insert_totp(&new, now).await?;
        require_second_factor(tx, person.id, &self.limits, now).await?;
        // the activation of the peer replaces what was pending here
        tx.end_pending_enrolment(person.id, EnrolmentState::Voided, &self.limits, now)
            .await?;
        self.alert
            .alert_factor_activated(tx, &person, &activated.email, &factor, None)
            .await?;
        Ok((SyncOutcome::Synchronised, Some(person)))
    }
}
