//! Whether the proof behind a change would have been enough at this instance, for this person (R24).

use super::convergence::Incoming;
use super::{AccountHere, EndedAs, FactorName, KnownFactor, Proof, Revision};
use crate::domain::entry::are_enough;
use crate::domain::{Policy, RecoveryPolicy};

/// What another instance may change here, as the operator of this one decides. Without a right its changes of that kind are answered
/// *refused*.
#[expect(clippy::struct_excessive_bools, reason = "independent rights")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerRights {
    pub name: String,
    /// A factor for a person who has none.
    pub may_activate: bool,
    /// Another factor beside or in place of an active one, and another personal email.
    pub may_replace: bool,
    /// Revoking factors. What a peer itself has carried here it may always take back.
    pub may_revoke: bool,
    /// Blocking accounts, and lifting its own blocks.
    pub may_block: bool,
    /// Setting the passwords of people here.
    pub may_set_password: bool,
    /// Whether a person is found by the sigla alone where one side knows no CPF.
    pub match_by_sigla: bool,
}

/// What decides at this instance, besides the account itself.
#[derive(Clone, Copy, Debug)]
pub struct AssuranceRules<'a> {
    pub rights: &'a PeerRights,
    pub policy: &'a Policy,
    pub recovery: &'a RecoveryPolicy,
    /// Whether the email in the change would be accepted here as a personal one.
    pub is_email_accepted: bool,
}

/// What the proof of a change is worth here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ProofHere {
    Enough,
    NotEnough,
    /// It was enough until that change at the same time, which prevails.
    Overtaken(Revision),
}

impl Incoming<'_> {
    /// Whether the proof would be enough here to add or replace a factor of an account that has one.
    pub(super) fn proof(&self) -> ProofHere {
        let is_enough = match &self.told.proof {
            Proof::FirstEnrolment | Proof::Operator | Proof::AlertLink => false,
            // more of what the issuer alone has carried here; nothing of anybody else is weakened
            Proof::ToldAgain { .. } => {
                let mut active = self.here.active().peekable();
                active.peek().is_some() && active.all(|factor| factor.name.home == *self.issuer)
            }
            Proof::OneTimeCode(name) => match self.here.factor(name) {
                // a factor that was never accepted here proves nothing here
                None => false,
                Some(factor) => match &factor.end {
                    None => true,
                    // only its end was told; a factor that lost a race is told so below
                    Some((EndedAs::Replaced, _)) if !factor.is_accepted() => false,
                    // at the time of the change nobody there could know of its end here
                    Some((EndedAs::Replaced, end)) if self.is_unknown_to_issuer(end) => true,
                    Some((EndedAs::Superseded, end)) => return ProofHere::Overtaken(end.clone()),
                    Some((EndedAs::Revoked, end)) if self.is_unknown_to_issuer(end) => {
                        return ProofHere::Overtaken(end.clone());
                    }
                    Some(_) => false,
                },
            },
            Proof::RecoveryCode { of } => self.is_of_this_account(of),
            Proof::Mailbox { of, waited } => {
                let needed = self.rules.recovery.mailbox_wait;
                self.is_of_this_account(of) && needed.is_some_and(|wait| *waited >= wait)
            }
            Proof::Support { approvals } => {
                let is_supervised = self.rules.recovery.is_supervised(&self.here.profiles);
                are_enough(approvals, is_supervised)
            }
        };
        if is_enough {
            ProofHere::Enough
        } else {
            ProofHere::NotEnough
        }
    }

    /// Whether a factor with one of these names was accepted here: only then is what belongs to its owner at the issuer something of the
    /// owner of this account. Whoever has enrolled at the issuer alone, with the password, has codes and an email there, too.
    fn is_of_this_account(&self, of: &[FactorName]) -> bool {
        of.iter()
            .any(|name| self.here.factor(name).is_some_and(KnownFactor::is_accepted))
    }

    /// Whether the change comes from somebody who has proven to be the owner of this account: only then may it end what the issuer neither
    /// names nor has carried here.
    pub(super) fn is_by_the_owner(&self) -> bool {
        match &self.told.proof {
            Proof::OneTimeCode(name) => self.is_of_this_account(std::slice::from_ref(name)),
            Proof::RecoveryCode { of } | Proof::Mailbox { of, .. } => self.is_of_this_account(of),
            Proof::Support { .. } => self.proof() == ProofHere::Enough,
            Proof::Operator => true,
            Proof::FirstEnrolment | Proof::AlertLink | Proof::ToldAgain { .. } => false,
        }
    }

    /// Whether a factor may become active although the last one here was revoked: with an approval of this instance, or with the proof of
    /// a recovery where the issuer itself had revoked.
    pub(super) fn may_reopen(&self) -> bool {
        let AccountHere { is_approved, .. } = self.here;
        let is_recovery = matches!(
            self.told.proof,
            Proof::RecoveryCode { .. } | Proof::Mailbox { .. } | Proof::Support { .. }
        );
        *is_approved
            || is_recovery
                && self.proof() == ProofHere::Enough
                && self.here.closed_by.as_ref() == Some(self.issuer)
    }

    /// Whether a first factor needs an approval here that neither this instance nor the issuer's support team has given.
    pub(super) fn lacks_approval(&self) -> bool {
        let is_supported =
            matches!(self.told.proof, Proof::Support { .. }) && self.proof() == ProofHere::Enough;
        self.rules.policy.needs_approval(self.here.contacts)
            && !self.here.is_approved
            && !is_supported
    }
}
