//! Attempts of a sign-in: counted before they are judged, refused, and told (R4, R13, R31).

use super::sign_in_link::{SignInLink, mail_sign_in_link};
use crate::domain::{
    Actor, AttemptKind, AuditEvent, Circumstances, NetworkBudget, PersonId, Seconds, Timestamp,
};
use crate::services::Services;
use crate::services::request::circumstances;
use crate::storage::{
    Attempt, StoreResult, ThrottleKey, ThrottleSubject, Tx, UnitOfWork, network_of,
};
use app::api::backend::RequestContext;

/// Locked attempts of one account from one network are audited at most once in this time: anybody can make them (R21).
const AUDIT_PAUSE: Seconds = Seconds::minutes(1);
/// And from at most so many networks.
const AUDITED_NETWORKS: i64 = 10;

/// What a refused attempt needs inside a transaction.
#[derive(Clone)]
pub(super) struct AttemptContext {
    pub throttle: ThrottleKey,
    pub circumstances: Circumstances,
    /// Mailed at the limit.
    pub link: SignInLink,
}

impl Services {
    pub(super) fn attempt_context(
        &self,
        context: &RequestContext,
        throttle: ThrottleKey,
    ) -> AttemptContext {
        AttemptContext {
            throttle,
            circumstances: circumstances(context, self.now()),
            link: self.sign_in_link(),
        }
    }

    /// Writes one line for a refused attempt. It names the account by the id of the person, or by the first digits of a keyed
    /// index of an unknown login, never by what was typed (R22, R31).
    pub(super) fn log_refusal(&self, attempt: &AttemptContext, outcome: &'static str) {
        let Circumstances { at, client } = &attempt.circumstances;
        let Some(unlogged) = self.refusal_lines.permit(*at) else {
            return;
        };
        let kind: &str = attempt.throttle.kind.into();
        tracing::warn!(
            kind,
            outcome,
            account = attempt.throttle.subject.short_name(),
            network = %client.network(),
            ip = client.ip_text(),
            unlogged,
            "sign-in refused"
        );
    }
}

/// An attempt at a password, counted as failed before it is judged.
#[derive(Clone)]
pub(super) struct PasswordAttempt {
    pub attempt: AttemptContext,
    /// From which the attempt takes; `None` when it took before.
    pub budget: Option<NetworkBudget>,
}

impl UnitOfWork for PasswordAttempt {
    /// `None` when the budget of its network is spent: nothing was counted.
    type Output = Option<Attempt>;

    async fn run(&self, tx: &mut Tx) -> StoreResult<Option<Attempt>> {
        let (throttle, now) = (&self.attempt.throttle, self.attempt.circumstances.at);
        let taken = self.budget.zip(throttle.budget_network());
        if let Some((budget, network)) = taken {
            let at_once = tx.take_from_budget(network, budget, Seconds(0), now);
            if at_once.await?.is_none() {
                return Ok(None);
            }
        }
        let counted = tx.count_attempt(throttle, now).await?;
        match counted {
            Attempt::Counted { failures } => self.attempt.note_wait(tx, failures).await?,
            Attempt::Locked { until } => {
                if let Some((budget, network)) = taken {
                    tx.give_back_to_budget(network, budget).await?;
                }
                self.attempt.note_locked(tx, until).await?;
            }
        }
        Ok(Some(counted))
    }
}

impl AttemptContext {
    fn person(&self) -> Option<PersonId> {
        match self.throttle.subject {
            ThrottleSubject::Person(person) => Some(person),
            ThrottleSubject::UnknownLogin(_) => None,
        }
    }

    /// Audits that an attempt is the first that makes its source wait, from which alarms are counted.
    pub async fn note_wait(&self, tx: &mut Tx, failures: i64) -> StoreResult<()> {
        let kind = self.throttle.kind;
        if !kind.opens_burst(failures) {
            return Ok(());
        }
        let (wait, _) = wait_events(kind);
        self.audit(tx, wait).await
    }

    /// Audits an attempt that was not judged, once a minute for each account and network, and at the limit mails the owner a
    /// link (R31).
    pub async fn note_locked(&self, tx: &mut Tx, until: Option<Timestamp>) -> StoreResult<()> {
        let (_, event) = wait_events(self.throttle.kind);
        let (person, since) = (self.person(), self.circumstances.at - AUDIT_PAUSE);
        let audited = tx
            .networks_audited(event, person, AUDITED_NETWORKS, since)
            .await?;
        let is_told = audited.contains(&network_of(&self.circumstances.client));
        if !is_told && i64::try_from(audited.len()).is_ok_and(|count| count < AUDITED_NETWORKS) {
            self.audit(tx, event).await?;
        }
        match person {
            Some(person) if until.is_none() => {
                mail_sign_in_link(tx, person, &self.link, &self.circumstances).await
            }
            _ => Ok(()),
        }
    }

    pub async fn audit(&self, tx: &mut Tx, event: AuditEvent) -> StoreResult<()> {
        let Circumstances { at, client } = &self.circumstances;
        // unknown logins are told apart without being named
        let detail = match self.person() {
            Some(_) => String::new(),
            None => self.throttle.subject.short_name(),
        };
        tx.audit(&Actor::Visitor, event, self.person(), client, &detail, *at)
            .await
    }
}

/// The events of an attempt that begins a wait, and of one that is not judged.
const fn wait_events(kind: AttemptKind) -> (AuditEvent, AuditEvent) {
    match kind {
        AttemptKind::Password => (AuditEvent::SignInWait, AuditEvent::SignInLocked),
        AttemptKind::Code => (AuditEvent::CodeWait, AuditEvent::CodeLocked),
        AttemptKind::RecoveryCode => (AuditEvent::RecoveryCodeWait, AuditEvent::RecoveryCodeLocked),
    }
}
