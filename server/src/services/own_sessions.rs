//! The person's own sessions and history, and **Bloquear minha conta** (R9, R33).

use super::account_changes::{block_everywhere, take_back_factors_since};
use super::request::{circumstances, client_info};
use super::security_alerts::{SecurityAlert, alert_security_change};
use super::{Services, Stop};
use crate::domain::{
    Actor, AuditEvent, EnrolmentPurpose, EnrolmentState, PersonId, Seconds, SecurityChange,
    SessionLimits, Stage, Timestamp, TokenHash,
};
use crate::storage::{StoreResult, Tx, UnitOfWork};
use app::api::backend::RequestContext;
use app::view::{HistoryLine, HistoryView, SessionView, SessionsView};
use data_encoding::HEXLOWER;

/// Events that the history shows at most.
const MOST_EVENTS: i64 = 200;

impl Services {
    /// The view of the list of sessions, the one of the request first.
    pub async fn sessions_page(&self, context: &RequestContext) -> Result<SessionsView, Stop> {
        let mut db = self.read_for(context).await?;
        let (own, person) = db.full_session().await?;
        let listed = db
            .live_sessions(person.id, &self.settings.sessions, self.now())
            .await?;
        let mut sessions: Vec<_> = listed
            .into_iter()
            .map(|listed| SessionView {
                // what the database keeps of the cookie opens nothing, and only its owner can end a session by it
                id: HEXLOWER.encode(&listed.session.id_hash.0),
                is_this: listed.session.id_hash == own.id_hash,
                waits_for_code: listed.session.stage == Stage::Password,
                browser: listed.browser,
                ip: listed.ip,
                since: listed.created_at.0,
                last_seen: listed.session.last_seen_at.0,
            })
            .collect();
        sessions.sort_by_key(|session| !session.is_this);
        Ok(SessionsView { sessions })
    }

    /// The view of what happened to the account of the request's person.
    pub async fn history_page(&self, context: &RequestContext) -> Result<HistoryView, Stop> {
        let mut db = self.read_for(context).await?;
        let (_, person) = db.full_session().await?;
        let events = db.history(person.id, MOST_EVENTS).await?;
        let lines = events
            .into_iter()
            .map(|event| HistoryLine {
                at: event.at.0,
                event: event.event,
                outcome: event.outcome,
                // where the support team sits is not the owner's
                ip: match &*event.actor_kind {
                    "person" | "visitor" => event.ip,
                    _ => String::new(),
                },
            })
            .collect();
        Ok(HistoryView { lines })
    }

    /// Ends another session of the request's person; `id` is the one of [`SessionView`]. Another id does nothing.
    pub async fn end_own_session(&self, context: &RequestContext, id: &str) -> Result<(), Stop> {
        let (_, person) = self.read_for(context).await?.full_session().await?;
        let Ok(hash) = HEXLOWER.decode(id.as_bytes()) else {
            return Ok(());
        };
        let input = (person.id, TokenHash(hash), client_info(context), self.now());
        self.store
            .write_with(input, |tx, (person, id_hash, client, now)| {
                Box::pin(async move {
                    if tx.end_session_of(*person, id_hash, *now).await? {
                        let (actor, event) = (Actor::Person(*person), AuditEvent::SessionEnded);
                        tx.audit(&actor, event, Some(*person), client, "", *now)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(())
    }

    /// Ends every session of the request's person but the one of the request.
    pub async fn end_other_sessions(&self, context: &RequestContext) -> Result<(), Stop> {
        let (own, person) = self.read_for(context).await?.full_session().await?;
        let about = (client_info(context), self.settings.sessions);
        let input = (person.id, own.id_hash, about, self.now());
        self.store
            .write_with(input, |tx, (person, own, (client, limits), now)| {
                Box::pin(async move {
                    tx.end_other_sessions(*person, own, *now).await?;
                    end_recovery_enrolment(tx, *person, limits, *now).await?;
                    let (actor, event) = (Actor::Person(*person), AuditEvent::SessionEnded);
                    tx.audit(&actor, event, Some(*person), client, "", *now)
                        .await
                })
            })
            .await?;
        Ok(())
    }

    /// **Bloquear minha conta**: ends all sessions and leaves an account that opens only after a new password. What was made lately
    /// in other sessions is taken back; the authenticator of this session stays.
    pub async fn block_own_account(&self, context: &RequestContext) -> Result<(), Stop> {
        let (own, _) = self.read_for(context).await?.full_session().await?;
        let blocked = self
            .store
            .write(OwnBlock {
                session: own.id_hash,
                limits: self.settings.sessions,
                lately: self.settings.enrolments.not_me,
                alert: self.security_alert(circumstances(context, self.now())),
            })
            .await?;
        blocked.then_some(()).ok_or(Stop::SessionOver)
    }
}

/// Whoever ends a session from inside ends what was begun without the phone, too: its link would replace every authenticator.
async fn end_recovery_enrolment(
    tx: &mut Tx,
    person: PersonId,
    limits: &SessionLimits,
    now: Timestamp,
) -> StoreResult<()> {
    let pending = tx.pending_enrolment(person).await?;
    if pending.is_some_and(|pending| pending.purpose == EnrolmentPurpose::Replacement(None)) {
        tx.end_pending_enrolment(person, EnrolmentState::Cancelled, limits, now)
            .await?;
    }
    Ok(())
}

struct OwnBlock {
    session: TokenHash,
    limits: SessionLimits,
    /// What is not older than this is taken back.
    lately: Seconds,
    alert: SecurityAlert,
}

impl UnitOfWork for OwnBlock {
    /// False when the session ended meanwhile.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> StoreResult<bool> {
        let now = self.alert.now();
        let Some(locked) = tx
            .lock_session(&self.session, None, &self.limits, now)
            .await?
        else {
            return Ok(false);
        };
        let person = tx.person(locked.session.person).await?;
        // written before a factor goes, because the personal email goes with the last one
        alert_security_change(tx, &person, &self.alert, SecurityChange::BlockedByOwner).await?;
        let (id, since) = (person.id, now - self.lately);
        let own_factor = tx.factor_of_session(&self.session).await?;
        let proof = tx.proof_of_session(&locked.session).await?;
        take_back_factors_since(tx, id, since, own_factor.as_deref(), &proof, now).await?;
        tx.forget_recovery_codes_since(id, since).await?;
        tx.end_pending_enrolment(id, EnrolmentState::Cancelled, &self.limits, now)
            .await?;
        block_everywhere(tx, id, proof, now).await?;
        tx.end_sessions_of(id, now).await?;
        tx.end_entry_requests(id).await?;
        tx.forget_browsers(id).await?;
        let (actor, event) = (Actor::Person(id), AuditEvent::BlockedByOwner);
        let client = &self.alert.circumstances().client;
        tx.audit(&actor, event, Some(id), client, "", now).await?;
        Ok(true)
    }
}
