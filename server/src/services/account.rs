//! What a signed-in person sees of the own account.

use super::{Outcome, Services, Visitor, sign_in::Next};
use crate::{
    domain::{
        address::MailAddress,
        policy::Demand,
        session::{Amr, Stage},
    },
    storage::{FactorRow, PersonRow, SyncRow},
};

/// State of the second factor.
#[derive(Debug)]
pub enum FactorState {
    /// Active.
    Active(Box<FactorRow>),
    /// Waits for the confirmation of the link.
    Pending,
    /// None.
    None,
}

/// What home and account page show.
#[derive(Debug)]
pub struct HomeFacts {
    /// The person.
    pub person: PersonRow,
    /// State of the factor.
    pub factor: FactorState,
    /// Whether the policy asks for it.
    pub required: bool,
    /// The other instances.
    pub sync: Vec<SyncRow>,
    /// Signed in provisionally: with the code of a pending authenticator.
    pub provisional: bool,
    /// Personal address, masked.
    pub email: Option<String>,
}

/// Home, or where to go instead.
pub enum HomePage {
    /// Show it.
    Show(Box<HomeFacts>),
    /// Not signed in.
    SignedOut,
    /// A password-only session: back to its step (R7).
    Go(Next),
}

impl Services {
    /// What home and account page show, to a full session only.
    pub async fn home_page(&self, visitor: &Visitor) -> Outcome<HomePage> {
        let Some(session) = self.session_of(visitor).await? else {
            return Ok(HomePage::SignedOut);
        };
        if session.stage == Stage::Password {
            let person = self.person(session.person).await?;
            let next = if person.factor_active || self.provisional(&person).await?.is_some() {
                Next::Code
            } else {
                self.enrolment_page(&person).await?
            };
            return Ok(HomePage::Go(next));
        }
        let (person, factors, sync, email) = self
            .store
            .read(session.person, |tx, id| {
                Box::pin(async move {
                    Ok((
                        tx.person(*id).await?,
                        tx.active_totps(*id).await?,
                        tx.sync_of(*id).await?,
                        tx.personal_email(*id).await?,
                    ))
                })
            })
            .await?;
        let pending = self.pending(person.id).await?;
        let factor = match factors.into_iter().next() {
            Some(factor) => FactorState::Active(Box::new(factor)),
            None if pending.is_some_and(|pending| pending.is_mailed(self.now())) => {
                FactorState::Pending
            }
            None => FactorState::None,
        };
        Ok(HomePage::Show(Box::new(HomeFacts {
            required: self.settings.policy.demand(&person.profiles) == Demand::Required,
            provisional: matches!(factor, FactorState::Pending) && session.amr == Amr::PendingCode,
            email: email.and_then(|email| MailAddress::parse(&email).ok().map(|a| a.masked())),
            person,
            factor,
            sync,
        })))
    }
}
