//! A new phone, more authenticators, their names, and their removal by the owner.

use super::account_changes::OwnChange;
use super::request::circumstances;
use super::security_alerts::alert_security_change;
use super::{Services, Stop};
use crate::domain::factor::{MOST_AUTHENTICATORS, parse_label};
use crate::domain::{AuditEvent, Change, EnrolmentPurpose, SecurityChange, Token, TotpFactor};
use crate::storage::{StoreResult, Tx};
use app::api::backend::RequestContext;
use app::routes;
use app::view::{AuthenticatorsView, FactorView, FormState, Problem};

/// An authenticator as pages show it.
pub(super) fn factor_view(factor: TotpFactor) -> FactorView {
    FactorView {
        id: factor.id,
        label: factor.label,
        since: factor.created_at.0,
        home_instance: factor.home_instance,
        last_used: factor.last_used_at.map(|at| at.0),
    }
}

impl Services {
    /// The view of the pages for a new phone and for the authenticators.
    pub async fn authenticators_page(
        &self,
        context: &RequestContext,
    ) -> Result<AuthenticatorsView, Stop> {
        let mut db = self.read_for(context).await?;
        let (session, person) = db.full_session().await?;
        if !person.has_active_factor() {
            return Err(Stop::Redirect(routes::ACCOUNT));
        }
        let factors = db.active_totps(person.id).await?;
        Ok(AuthenticatorsView {
            form: FormState::default(),
            needs_proof: !self.is_freshly_proven(&session, &person),
            may_add: factors.len() < MOST_AUTHENTICATORS,
            factors: factors.into_iter().map(factor_view).collect(),
        })
    }

    /// Begins the enrolment of an authenticator in place of the one with the id `replaces`, or beside all when it is empty. Returns
    /// the token for the cookie of this browser. The older one works until the new one is confirmed.
    pub async fn begin_new_phone(
        &self,
        context: &RequestContext,
        replaces: &str,
        label: &str,
    ) -> Result<Token, Stop> {
        let page = routes::NEW_PHONE;
        let (session, person) = self.read_for(context).await?.proven_session(page).await?;
        let label = parse_label(label).ok_or_else(|| Stop::invalid("label", Problem::TooLong))?;
        let purpose = if replaces.is_empty() {
            EnrolmentPurpose::Additional
        } else {
            EnrolmentPurpose::Replacement(Some(replaces.to_owned()))
        };
        match self
            .start_enrolment(context, session, &person, purpose, label)
            .await
        {
            // it was removed meanwhile, or never was this person's
            Err(Stop::EnrolmentGone) => Err(Stop::invalid("", Problem::Incomplete)),
            result => result,
        }
    }

    /// Gives an authenticator of this person another name.
    pub async fn rename_authenticator(
        &self,
        context: &RequestContext,
        id: &str,
        label: &str,
    ) -> Result<(), Stop> {
        let page = routes::AUTHENTICATORS;
        let (_, person) = self.read_for(context).await?.proven_session(page).await?;
        let label = parse_label(label).ok_or_else(|| Stop::invalid("label", Problem::TooLong))?;
        if label.is_empty() {
            return Err(Stop::invalid("label", Problem::Missing));
        }
        let done = circumstances(context, self.now());
        let input = (person.id, id.to_owned(), label, done);
        let renamed = self
            .store
            .write_with(input, |tx, (person, id, label, done)| {
                Box::pin(async move {
                    let is_renamed = tx.rename_factor(*person, id, label).await?;
                    if is_renamed {
                        tx.audit_own(*person, AuditEvent::FactorRenamed, "", done)
                            .await?;
                    }
                    Ok(is_renamed)
                })
            })
            .await?;
        renamed
            .then_some(())
            .ok_or_else(|| Stop::invalid("", Problem::Incomplete))
    }

    /// Removes an authenticator of this person. The last one stays: giving up the factor is no choice (Portaria CNJ 140/2024).
    pub async fn revoke_authenticator(
        &self,
        context: &RequestContext,
        id: &str,
    ) -> Result<(), Stop> {
        let page = routes::AUTHENTICATORS;
        let (session, _) = self.read_for(context).await?.proven_session(page).await?;
        let change = self.own_change(context, session);
        let removed = self
            .store
            .write_with((change, id.to_owned()), |tx, (change, id)| {
                Box::pin(remove_factor(tx, change, id))
            })
            .await?;
        removed
            .then_some(())
            .ok_or_else(|| Stop::invalid("", Problem::Incomplete))
    }
}

/// Removes a factor here and at the other instances. False when the session ended meanwhile, or the person has no such factor beside another one.
async fn remove_factor(tx: &mut Tx, change: &OwnChange, factor: &str) -> StoreResult<bool> {
    let (alert, now) = (&change.alert, change.alert.now());
    // two removals at the same time wait for each other here, so one authenticator is left
    let locked = change.lock(tx).await?;
    let Some(locked) = locked.filter(|locked| locked.totps.len() > 1) else {
        return Ok(false);
    };
    let person = tx.person(locked.session.person).await?;
    let revision = tx.begin_change(person.id).await?;
    if !tx
        .take_back_factor(person.id, factor, &revision, now)
        .await?
    {
        return Ok(false);
    }
    let ended = Change::some_revoked(tx.ended_factors(person.id).await?);
    let proof = tx.proof_of_session(&locked.session).await?;
    tx.tell_peers(person.id, &revision, (proof, ended), None, now)
        .await?;
    // its last use no longer tells that somebody has a phone
    tx.end_entry_requests(person.id).await?;
    let event = AuditEvent::FactorRemoved;
    tx.audit_own(person.id, event, "", alert.circumstances())
        .await?;
    alert_security_change(tx, &person, alert, SecurityChange::FactorRemoved).await?;
    Ok(true)
}
