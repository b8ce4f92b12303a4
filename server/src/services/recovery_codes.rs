//! Recovery codes: their page, making them, and showing that they are kept (R30, R34). Signing in with one is a code attempt
//! (`services::sign_in`).

use super::account_changes::OwnChange;
use super::request::circumstances;
use super::security_alerts::alert_security_change;
use super::{Services, Stop};
use crate::domain::recovery_code::new_codes;
use crate::domain::{AuditEvent, PersonId, RecoveryCode, SecurityChange};
use crate::storage::{StoreResult, Tx};
use app::api::backend::RequestContext;
use app::model::CodeRefusal;
use app::routes;
use app::view::{FormState, Problem, RecoveryCodesView};

/// Codes that were just made, to be shown once.
#[derive(Debug)]
pub struct MadeCodes {
    pub person: PersonId,
    pub sigla: String,
    pub codes: Vec<RecoveryCode>,
}

impl Services {
    /// The view of the page, and the person to whom codes that come back with a form must belong.
    pub async fn recovery_codes_page(
        &self,
        context: &RequestContext,
    ) -> Result<(RecoveryCodesView, PersonId), Stop> {
        let mut db = self.read_for(context).await?;
        let (session, person) = db.full_session().await?;
        if !person.has_active_factor() {
            return Err(Stop::Redirect(routes::ACCOUNT));
        }
        let codes = db.recovery_codes(person.id).await?;
        let view = RecoveryCodesView {
            form: FormState::default(),
            needs_proof: !self.is_freshly_proven(&session, &person),
            shown: None,
            unused: codes.unused,
            made: codes.created_at.map(|at| at.0),
            kept: codes.kept_at.is_some(),
        };
        Ok((view, person.id))
    }

    /// Makes ten codes in place of all earlier ones, and tells the owner.
    pub async fn make_recovery_codes(&self, context: &RequestContext) -> Result<MadeCodes, Stop> {
        let (session, person) = self
            .read_for(context)
            .await?
            .proven_session(routes::RECOVERY_CODES)
            .await?;
        let codes = new_codes(&self.entropy.bytes());
        let change = self.own_change(context, session);
        let made = self
            .store
            .write_with((change, codes.clone()), |tx, (change, codes)| {
                Box::pin(replace_codes(tx, change, codes))
            })
            .await?;
        made.then_some(MadeCodes {
            person: person.id,
            sigla: person.sigla.into(),
            codes,
        })
        .ok_or(Stop::SessionOver)
    }

    /// Takes one code as a sign that all are kept. It stays unused.
    pub async fn keep_recovery_codes(
        &self,
        context: &RequestContext,
        typed: &str,
    ) -> Result<(), Stop> {
        const FIELD: &str = "recovery_code";
        let mut db = self.read_for(context).await?;
        let (_, person) = db.full_session().await?;
        let invalid = |refusal| Stop::invalid(FIELD, Problem::Code(refusal));
        let code = RecoveryCode::parse(typed).map_err(invalid)?;
        if !db.is_unused_recovery_code(person.id, &code).await? {
            return Err(invalid(CodeRefusal::Wrong));
        }
        drop(db);
        let input = (person.id, circumstances(context, self.now()));
        self.store
            .write_with(input, |tx, (person, done)| {
                Box::pin(async move {
                    tx.keep_recovery_codes(*person, done.at).await?;
                    tx.audit_own(*person, AuditEvent::RecoveryCodesKept, "", done)
                        .await
                })
            })
            .await?;
        Ok(())
    }

    /// Hides the home page's offer of recovery codes.
    pub async fn hide_codes_offer(&self, context: &RequestContext) -> Result<(), Stop> {
        let (_, person) = self.read_for(context).await?.full_session().await?;
        self.store
            .write_with((person.id, self.now()), |tx, (person, now)| {
                Box::pin(tx.hide_codes_offer(*person, *now))
            })
            .await?;
        Ok(())
    }
}

/// Stores codes in place of all earlier ones, and tells the owner. False when the session ended meanwhile.
async fn replace_codes(
    tx: &mut Tx,
    change: &OwnChange,
    codes: &[RecoveryCode],
) -> StoreResult<bool> {
    let alert = &change.alert;
    let Some(locked) = change.lock(tx).await? else {
        return Ok(false);
    };
    let person = tx.person(locked.session.person).await?;
    tx.replace_recovery_codes(person.id, codes, alert.now())
        .await?;
    let event = AuditEvent::RecoveryCodesMade;
    tx.audit_own(person.id, event, "", alert.circumstances())
        .await?;
    alert_security_change(tx, &person, alert, SecurityChange::RecoveryCodesMade).await?;
    Ok(true)
}
