//! The person's own sessions and history, and **Bloquear minha conta** (R9, R33).

use super::account_changes::{
    OwnChange, block_everywhere, shut_clients_out, take_back_factors_since,
};
use super::request::circumstances;
use super::security_alerts::alert_security_change;
use super::{Services, Stop};
use crate::domain::{
    AuditEvent, EnrolmentPurpose, EnrolmentState, PersonId, SecurityChange, SessionLimits, Stage,
    Timestamp, TokenHash,
};
use crate::storage::{StoreResult, Tx};
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
        let done = circumstances(context, self.now());
        self.store
            .write_with((person.id, TokenHash(hash), done), |tx, input| {
                Box::pin(async move {
                    let (person, session, done) = input;
                    if tx.end_session_of(*person, session, done.at).await? {
                        tx.audit_own(*person, AuditEvent::SessionEnded, "", done)
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
        let (own, _) = self.read_for(context).await?.full_session().await?;
        let (limits, done) = (self.settings.sessions, circumstances(context, self.now()));
        self.store
            .write_with((own, limits, done), |tx, (own, limits, done)| {
                Box::pin(async move {
                    let person = own.person;
                    tx.end_other_sessions(person, &own.id_hash, done.at).await?;
                    end_recovery_enrolment(tx, person, limits, done.at).await?;
                    tx.audit_own(person, AuditEvent::SessionEnded, "", done)
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
        let change = self.own_change(context, own);
        let blocked = self
            .store
            .write_with(change, |tx, change| Box::pin(block_account(tx, change)))
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

/// Blocks the account of the session here and at the other instances. False when the session ended meanwhile.
async fn block_account(tx: &mut Tx, change: &OwnChange) -> StoreResult<bool> {
    let (alert, settings) = (&change.alert, &change.settings);
    let Some(locked) = change.lock(tx).await? else {
        return Ok(false);
    };
    let person = tx.person(locked.session.person).await?;
    // written before a factor goes, because the personal email goes with the last one
    alert_security_change(tx, &person, alert, SecurityChange::BlockedByOwner).await?;
    let (id, now) = (person.id, alert.now());
    let since = now - settings.enrolments.not_me;
    let own_factor = tx.factor_of_session(&change.session).await?;
    let proof = tx.proof_of_session(&locked.session).await?;
    take_back_factors_since(tx, id, since, own_factor.as_deref(), &proof, now).await?;
    tx.forget_recovery_codes_since(id, since).await?;
    block_everywhere(tx, id, proof, now).await?;
    shut_clients_out(tx, id, &settings.sessions, now).await?;
    tx.audit_own(id, AuditEvent::BlockedByOwner, "", alert.circumstances())
        .await?;
    Ok(true)
}
