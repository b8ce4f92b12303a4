//! Attempts of a sign-in: counted before they are judged, refused, and told (R4, R13, R31).

use super::sign_in_link::{SignInLink, mail_sign_in_link};
use crate::domain::{
    Actor, AttemptKind, AuditEvent, ClientInfo, NetworkBudget, PersonId, Seconds, Timestamp,
};
use crate::services::request::client_info;
use crate::services::{ServiceError, Services};
use crate::storage::{
    Attempt, StoreResult, ThrottleKey, ThrottleSubject, Tx, UnitOfWork, network_of,
};
use app::api::backend::RequestContext;
use async_trait::async_trait;

/// Locked attempts of one account from one network are audited at most once in this time: anybody can make them (R21).
const AUDIT_PAUSE: Seconds = Seconds::minutes(1);
/// And from at most so many networks.
const AUDITED_NETWORKS: i64 = 10;

/// What a refused attempt needs inside a transaction.
#[derive(Clone)]
pub(super) struct AttemptContext {
    pub throttle: ThrottleKey,
    pub client: ClientInfo,
    /// Mailed at the limit.
    pub link: SignInLink,
    pub now: Timestamp,
}

impl Services {
    pub(super) fn attempt_context(
        &self,
        context: &RequestContext,
        throttle: ThrottleKey,
    ) -> AttemptContext {
        let now = self.now();
        AttemptContext {
            throttle,
            client: client_info(context),
            link: self.sign_in_link(context, now),
            now,
        }
    }

    /// Writes one line for a refused attempt. It names the account by the id of the person, or by the first digits of a keyed
    /// index of an unknown login, never by what was typed (R22, R31).
    pub(super) fn log_refusal(&self, attempt: &AttemptContext, outcome: &'static str) {
        let AttemptContext { throttle, now, .. } = attempt;
        let Some(unlogged) = self.refusal_lines.permit(*now) else {
            return;
        };
        let kind: &str = throttle.kind.into();
        tracing::warn!(
            kind,
            outcome,
            account = throttle.subject.short_name(),
            network = %attempt.client.network(),
            ip = attempt.client.ip_text(),
            unlogged,
            "sign-in refused"
        );
    }

    /// Counts an attempt at a password as failed, before it is judged.
    pub(super) async fn count_password(
        &self,
        context: AttemptContext,
        budget: Option<NetworkBudget>,
    ) -> Result<CountedAttempt, ServiceError> {
        let attempt = PasswordAttempt { context, budget };
        Ok(self.store.write(attempt).await?)
    }

    /// Audits an attempt that was not judged.
    pub(super) async fn note_locked(
        &self,
        context: AttemptContext,
        until: Option<Timestamp>,
    ) -> Result<(), ServiceError> {
        self.store.write(LockedAttempt { context, until }).await?;
        Ok(())
    }
}

/// How an attempt at a password was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CountedAttempt {
    /// It may be judged.
    Counted,
    /// It must not be judged; until when, `None` for until an unlock.
    Locked { until: Option<Timestamp> },
    /// The budget of its network is spent. Nothing was counted.
    NetworkSpent,
}

struct PasswordAttempt {
    context: AttemptContext,
    /// From which the attempt takes; `None` when it took before.
    budget: Option<NetworkBudget>,
}

#[async_trait]
impl UnitOfWork for PasswordAttempt {
    type Output = CountedAttempt;

    async fn run(&self, tx: &mut Tx) -> StoreResult<CountedAttempt> {
        let AttemptContext { throttle, now, .. } = &self.context;
        let taken = self.budget.zip(throttle.budget_network());
        if let Some((budget, network)) = taken {
            let at_once = Seconds(0);
            if tx
                .take_from_budget(network, budget, at_once, *now)
                .await?
                .is_none()
            {
                return Ok(CountedAttempt::NetworkSpent);
            }
        }
        match tx.count_attempt(throttle, *now).await? {
            Attempt::Counted { failures } => {
                self.context.note_wait(tx, failures).await?;
                Ok(CountedAttempt::Counted)
            }
            Attempt::Locked { until } => {
                if let Some((budget, network)) = taken {
                    tx.give_back_to_budget(network, budget).await?;
                }
                self.context.note_locked(tx, until).await?;
                Ok(CountedAttempt::Locked { until })
            }
        }
    }
}

struct LockedAttempt {
    context: AttemptContext,
    until: Option<Timestamp>,
}

#[async_trait]
impl UnitOfWork for LockedAttempt {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> StoreResult<()> {
        self.context.note_locked(tx, self.until).await
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
    pub(super) async fn note_wait(&self, tx: &mut Tx, failures: i64) -> StoreResult<()> {
        let kind = self.throttle.kind;
        if !kind.opens_burst(failures) {
            return Ok(());
        }
        let event = match kind {
            AttemptKind::Password => AuditEvent::SignInWait,
            AttemptKind::Code => AuditEvent::CodeWait,
            AttemptKind::RecoveryCode => AuditEvent::RecoveryCodeWait,
        };
        self.audit(tx, event).await
    }

    /// Audits an attempt that was not judged, once a minute for each account and network, and at the limit mails the owner a
    /// link (R31).
    pub(super) async fn note_locked(
        &self,
        tx: &mut Tx,
        until: Option<Timestamp>,
    ) -> StoreResult<()> {
        let event = match self.throttle.kind {
            AttemptKind::Password => AuditEvent::SignInLocked,
            AttemptKind::Code => AuditEvent::CodeLocked,
            AttemptKind::RecoveryCode => AuditEvent::RecoveryCodeLocked,
        };
        let (person, since) = (self.person(), self.now - AUDIT_PAUSE);
        let audited = tx
            .networks_audited(event, person, AUDITED_NETWORKS, since)
            .await?;
        let is_told = audited.contains(&network_of(&self.client));
        if !is_told && i64::try_from(audited.len()).is_ok_and(|count| count < AUDITED_NETWORKS) {
            self.audit(tx, event).await?;
        }
        match person {
            Some(person) if until.is_none() => {
                mail_sign_in_link(tx, person, &self.link, self.now).await
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn audit(&self, tx: &mut Tx, event: AuditEvent) -> StoreResult<()> {
        let (actor, client) = (Actor::Visitor, &self.client);
        // unknown logins are told apart without being named
        let detail = match self.person() {
            Some(_) => String::new(),
            None => self.throttle.subject.short_name(),
        };
        tx.audit(&actor, event, self.person(), client, &detail, self.now)
            .await
    }
}
