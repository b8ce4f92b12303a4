//! What becomes of a change from another instance: a pure function of the change and of what is known of the account here. Two
//! instances that get the same changes of a person, each in the order of its maker, come to the same result
//! (docs/sync.md, *The rule*):
//!
//! 1. An ended factor is never active again, and a block holds until its maker lifts it, or an operator here.
//! 2. A revocation also ends what was proven by its factor elsewhere at the same time.
//! 3. Of two replacements at the same time the one with the greater revision wins.

mod additions;
mod ends;

use super::assurance::{AssuranceRules, ProofHere};
use super::{
    Change, EndedAs, EndedFactor, FactorName, GREATEST_LEAP, PersonChange, Proof, Revision,
    SharedFactor, SyncAnswer,
};
use crate::domain::factor::MOST_AUTHENTICATORS;
use crate::domain::{FactorState, InstanceName, ProfileKind};
use app::model::SyncOutcome;
use std::collections::BTreeMap;

/// A factor as it is known here, active or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFactor {
    /// The id of its row here.
    pub id: String,
    pub name: FactorName,
    /// The revision of the change that added it, at its home.
    pub added: i64,
    /// The factor whose code was the proof behind it, if that was the proof.
    pub proven_by: Option<FactorName>,
    /// Whether it took the place of every factor of before.
    pub replaced_all: bool,
    /// The newest change of each other instance that its home had answered before.
    pub seen: BTreeMap<InstanceName, i64>,
    /// How and by which change it ended; `None` while it is active.
    pub end: Option<(EndedAs, Revision)>,
}

impl KnownFactor {
    /// Whether it was active here at some time, and not only told of as ended.
    pub fn is_accepted(&self) -> bool {
        self.added > 0
    }

    fn added(&self) -> Revision {
        Revision {
            counter: self.added,
            instance: self.name.home.clone(),
        }
    }
}

/// What is known here of a person's changes at one instance; 0 stands for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceRevisions {
    /// The newest that was answered here.
    pub seen: i64,
    /// The newest that revoked every factor.
    pub revoked_all: i64,
    /// The newest that replaced every factor by one and was not beaten.
    pub replaced_all: i64,
    /// Its block that was not lifted since.
    pub blocked: i64,
}

/// An account as the rule needs it.
#[derive(Clone, Debug)]
pub struct AccountHere {
    pub factor_state: FactorState,
    pub is_blocked: bool,
    /// Whether an approval of an enrolment is valid here.
    pub is_approved: bool,
    pub profiles: Vec<ProfileKind>,
    /// Number of registered contacts.
    pub contacts: i64,
    /// The greatest counter of any change of this person that is known here.
    pub counter: i64,
    /// The instance whose change left no factor; it may also let the person enrol again.
    pub closed_by: Option<InstanceName>,
    pub factors: Vec<KnownFactor>,
    pub revisions: BTreeMap<InstanceName, InstanceRevisions>,
    /// The change that set the password here; the counter is 0 where none is known.
    pub password: (i64, String),
    /// The change that set the personal email.
    pub email: (i64, String),
}

impl AccountHere {
    pub(super) fn factor(&self, name: &FactorName) -> Option<&KnownFactor> {
        self.factors.iter().find(|factor| factor.name == *name)
    }

    pub(super) fn active(&self) -> impl Iterator<Item = &KnownFactor> {
        self.factors.iter().filter(|factor| factor.end.is_none())
    }

    /// The newest change of each instance that ended every factor in this way.
    fn changes_of_all(
        &self,
        way: impl Fn(&InstanceRevisions) -> i64,
    ) -> impl Iterator<Item = Revision> {
        self.revisions.iter().filter_map(move |(instance, known)| {
            let counter = way(known);
            (counter > 0).then(|| Revision {
                counter,
                instance: instance.clone(),
            })
        })
    }
}

/// How a factor comes to be active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddedFactor {
    /// The account had none, or the last one was revoked.
    First,
    Another,
    /// In place of every factor of before.
    ReplacingAll,
}

/// One step of what is to be done here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The factor of the change becomes active, and its email the personal one.
    Add(AddedFactor),
    /// The factor with this id ends; one that has ended before ends as this now.
    End {
        id: String,
        ended_as: EndedAs,
        revision: Revision,
    },
    /// A factor that is not known here has ended; `proven_by` is known for the factor of the change itself.
    Note {
        name: FactorName,
        ended_as: EndedAs,
        revision: Revision,
    },
    /// Every factor of before is revoked by this change; the account is closed by that instance, if it was open.
    NoteRevokedAll {
        closed_by: Option<InstanceName>,
    },
    /// Every factor of before is replaced by the change of this instance with this counter; 0: it was beaten.
    NoteReplacedAll(InstanceName, i64),
    /// The personal email is no way back until it is confirmed again.
    DoubtEmail,
    SetEmail,
    SetPassword,
    Block,
    /// The issuer's block counts no more.
    LiftBlock,
    /// A blocked account opens.
    Open,
    /// The issuer is told what it has missed, unless it has the person's changes.
    TellState,
}

/// What is answered and done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub answer: SyncAnswer,
    /// Whether the revision counts as seen, so that what comes next follows it.
    pub is_noted: bool,
    pub effects: Vec<Effect>,
}

impl Verdict {
    fn of(outcome: SyncOutcome, effects: Vec<Effect>) -> Self {
        Self {
            answer: SyncAnswer::of(outcome),
            is_noted: true,
            effects,
        }
    }
}

/// A change on its way to a verdict.
pub(super) struct Incoming<'a> {
    pub(super) issuer: &'a InstanceName,
    pub(super) told: &'a PersonChange,
    pub(super) here: &'a AccountHere,
    pub(super) rules: AssuranceRules<'a>,
}

/// Decides what becomes of a change that `issuer` has told.
pub fn judge(
    issuer: &InstanceName,
    told: &PersonChange,
    here: &AccountHere,
    rules: AssuranceRules<'_>,
) -> Verdict {
    let seen = here.revisions.get(issuer).map_or(0, |known| known.seen);
    if told.counter <= seen {
        // it was overtaken on the way, or the issuer has lost what it knew
        return Verdict {
            answer: SyncAnswer::stale(seen),
            is_noted: false,
            effects: Vec::new(),
        };
    }
    if told.counter > here.counter.saturating_add(GREATEST_LEAP) {
        return Verdict {
            // noted, it would be what the next one here has to follow
            is_noted: false,
            ..Verdict::of(SyncOutcome::Refused, Vec::new())
        };
    }
    let incoming = Incoming {
        issuer,
        told,
        here,
        rules,
    };
    incoming
        .verdict()
        .unwrap_or_else(|outcome| Verdict::of(outcome, Vec::new()))
}

impl Incoming<'_> {
    fn verdict(&self) -> Result<Verdict, SyncOutcome> {
        let (here, rights) = (self.here, self.rules.rights);
        let done = |effects| Ok(Verdict::of(SyncOutcome::Synchronised, effects));
        match &self.told.change {
            Change::FactorActivated(new) => self.activate(new, AddedFactor::First),
            Change::FactorAdded(new) => self.add(new),
            Change::FactorReplaced { new, ended, all } => self.replace(new, ended, *all),
            Change::FactorsRevoked { ended, all, stolen } => {
                let mut verdict = self.revoke(ended, *all);
                if *stolen && rights.may_revoke && self.is_by_the_owner() {
                    verdict.effects.push(Effect::DoubtEmail);
                }
                Ok(verdict)
            }
            Change::FactorDeactivated { ended } => Ok(self.revoke(ended, true)),
            Change::FactorsTakenBack { ended } => Ok(self.revoke(ended, false)),
            Change::EmailChanged { .. } => {
                if !rights.may_replace || !self.rules.is_email_accepted || here.is_blocked {
                    return Err(SyncOutcome::Refused);
                }
                if self.proof() != ProofHere::Enough {
                    return Err(SyncOutcome::Refused);
                }
                self.check_newest(&here.email)?;
                if here.factor_state != FactorState::Active {
                    return Err(SyncOutcome::Refused);
                }
                done(vec![Effect::SetEmail])
            }
            Change::PasswordChanged { .. } => {
                if !rights.may_set_password {
                    return Err(SyncOutcome::Refused);
                }
                self.check_newest(&here.password)?;
                done(vec![Effect::SetPassword])
            }
            Change::Blocked if rights.may_block => done(vec![Effect::Block]),
            Change::Unblocked if rights.may_block => {
                let blocks_of_others = here
                    .revisions
                    .iter()
                    .any(|(instance, known)| known.blocked > 0 && instance != self.issuer);
                let own = here.revisions.get(self.issuer);
                if here.is_blocked && own.is_none_or(|known| known.blocked == 0) {
                    return Err(SyncOutcome::Refused);
                }
                let lifted = vec![Effect::LiftBlock];
                if here.is_blocked && blocks_of_others {
                    return Ok(Verdict::of(SyncOutcome::Refused, lifted));
                }
                done([lifted, vec![Effect::Open]].concat())
            }
            // a comparison is answered by another function, and changes nothing
            Change::Blocked | Change::Unblocked | Change::Compared { .. } => {
                Err(SyncOutcome::Refused)
            }
            Change::Registered => done(vec![Effect::TellState]),
        }
    }

    fn revision(&self) -> Revision {
        Revision {
            counter: self.told.counter,
            instance: self.issuer.clone(),
        }
    }

    /// Whether the issuer had not answered this change when it made its own: the two are concurrent.
    pub(super) fn is_unknown_to_issuer(&self, revision: &Revision) -> bool {
        revision.instance != *self.issuer
            && self
                .told
                .seen
                .get(&revision.instance)
                .is_none_or(|seen| *seen < revision.counter)
    }

    /// *Superseded* where a newer change of the same kind is known.
    fn check_newest(&self, (counter, instance): &(i64, String)) -> Result<(), SyncOutcome> {
        if (*counter, instance.as_str()) < (self.told.counter, self.issuer.as_str()) {
            Ok(())
        } else {
            Err(SyncOutcome::Superseded)
        }
    }

    fn unknown_replacements_of_all(&self) -> impl Iterator<Item = Revision> {
        self.here
            .changes_of_all(|known| known.replaced_all)
            .filter(|other| self.is_unknown_to_issuer(other))
    }

    /// A change that ended every factor here and that the issuer did not know of.
    fn overtaking(&self) -> Option<Revision> {
        self.here
            .changes_of_all(|known| known.revoked_all)
            .find(|other| self.is_unknown_to_issuer(other))
            .or_else(|| self.unknown_replacements_of_all().max())
    }
}
