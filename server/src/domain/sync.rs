//! Changes of a person's account that instances send to each other (R24). One declaration serves the outbox, the sealed
//! part of a message, and the destination that applies the change. `docs/sync.md` specifies it.

mod assurance;
mod comparison;
mod convergence;
#[cfg(test)]
mod tests;

pub use assurance::{AssuranceRules, PeerRights};
pub use comparison::{Difference, compare, is_ended_here, lost_here};
pub use convergence::{
    AccountHere, AddedFactor, Effect, InstanceRevisions, KnownFactor, Verdict, judge,
};

use super::{
    Authority, Cpf, Email, InstanceName, PasswordHash, Seconds, Sigla, Timestamp, TotpSecret,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{EnumString, IntoStaticStr};

/// Most ended factors that one change names; of more, the newest.
pub const MOST_ENDED: usize = 40;
/// Most factors that prove whose a recovery code or an email is; of more, the newest.
pub const MOST_STANDING: usize = 10;
/// Greatest counter of a revision. It leaves room to count on for ever.
pub const GREATEST_COUNTER: i64 = 1 << 53;
/// How far a revision may be ahead of every one that is known: a peer must not count up so far that nobody can follow.
pub const GREATEST_LEAP: i64 = 1 << 20;
/// The kind of a row that tells what the peer seems to have lost.
pub const TOLD_AGAIN: &str = "told_again";
/// Most bytes of the id of a factor.
const LONGEST_FACTOR_ID: usize = 64;

/// A place in the order of one person's changes: a Lamport counter, and between equal counters the name of the instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision {
    pub counter: i64,
    pub instance: InstanceName,
}

/// The name of a factor, the same at every instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorName {
    /// The instance at which it was enrolled.
    pub home: InstanceName,
    /// Its id there.
    pub id: String,
}

impl FactorName {
    fn is_bounded(&self) -> bool {
        (1..=LONGEST_FACTOR_ID).contains(&self.id.len())
            && self.id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

/// How a factor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EndedAs {
    /// Its owner has another one in its place.
    Replaced,
    /// Another replacement at the same time was newer.
    Superseded,
    /// It was taken away: what was proven by it at the same time elsewhere counts no more.
    Revoked,
}

/// A factor that is active nowhere any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndedFactor {
    pub factor: FactorName,
    #[serde(rename = "as")]
    pub ended_as: EndedAs,
}

/// An authenticator that became active at the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedFactor {
    /// Its home is the issuer.
    pub factor: FactorName,
    /// The name that its owner gave it; empty without one.
    pub label: String,
    #[serde(with = "super::totp::base64url")]
    pub secret: TotpSecret,
    /// The newest time step that was used at the issuer (R1).
    pub last_step: i64,
    /// The personal email that the activation confirmed.
    pub email: Email,
}

/// What was changed. Unknown changes and unknown fields are refused, because what is not understood must not be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// The first factor of a person became active.
    FactorActivated(SharedFactor),
    /// One more factor became active.
    FactorAdded(SharedFactor),
    /// A factor became active in place of others.
    FactorReplaced {
        new: SharedFactor,
        ended: Vec<EndedFactor>,
        /// In place of every factor, those that the issuer does not know among them.
        all: bool,
    },
    /// Factors were revoked.
    FactorsRevoked {
        ended: Vec<EndedFactor>,
        /// Every factor, those that the issuer does not know among them.
        all: bool,
        /// The phone was stolen, and the mailbox may be read on it.
        stolen: bool,
    },
    /// What the issuer has carried to others is taken back, because it was not the owner's.
    FactorsTakenBack {
        ended: Vec<EndedFactor>,
    },
    /// The owner gave up the second factor.
    FactorDeactivated {
        ended: Vec<EndedFactor>,
    },
    /// The owner confirmed another personal email.
    EmailChanged {
        email: Email,
    },
    /// A new password, as an Argon2id hash with the parameters of this protocol.
    PasswordChanged {
        #[serde(with = "super::password::fresh_hash")]
        hash: PasswordHash,
    },
    Blocked,
    Unblocked,
    /// The person is registered at the issuer now, which asks for what it has answered with *no record*.
    Registered,
    /// Nothing was changed: how the account is at the issuer, so that the destination tells whether it is so there too.
    Compared {
        active: Vec<FactorName>,
        is_blocked: bool,
    },
}

/// The names of the changes: code in the outbox, and name of the event in the readable part of a message (RFC 8417 §2.2).
const NAMES: [(&str, &str); 12] = [
    ("factor_activated", "urn:eproc-2fa:event:factor-activated"),
    ("factor_added", "urn:eproc-2fa:event:factor-added"),
    ("factor_replaced", "urn:eproc-2fa:event:factor-replaced"),
    ("factors_revoked", "urn:eproc-2fa:event:factors-revoked"),
    (
        "factors_taken_back",
        "urn:eproc-2fa:event:factors-taken-back",
    ),
    (
        "factor_deactivated",
        "urn:eproc-2fa:event:factor-deactivated",
    ),
    ("email_changed", "urn:eproc-2fa:event:email-changed"),
    ("password_changed", "urn:eproc-2fa:event:password-changed"),
    ("blocked", "urn:eproc-2fa:event:blocked"),
    ("unblocked", "urn:eproc-2fa:event:unblocked"),
    ("registered", "urn:eproc-2fa:event:registered"),
    ("compared", "urn:eproc-2fa:event:compared"),
];

impl Change {
    /// These factors were revoked, and nothing was stolen.
    pub const fn some_revoked(ended: Vec<EndedFactor>) -> Self {
        Self::FactorsRevoked {
            ended,
            all: false,
            stolen: false,
        }
    }

    const fn number(&self) -> usize {
        match self {
            Self::FactorActivated(_) => 0,
            Self::FactorAdded(_) => 1,
            Self::FactorReplaced { .. } => 2,
            Self::FactorsRevoked { .. } => 3,
            Self::FactorsTakenBack { .. } => 4,
            Self::FactorDeactivated { .. } => 5,
            Self::EmailChanged { .. } => 6,
            Self::PasswordChanged { .. } => 7,
            Self::Blocked => 8,
            Self::Unblocked => 9,
            Self::Registered => 10,
            Self::Compared { .. } => 11,
        }
    }

    /// The kind, for the outbox, the audit and logs.
    pub const fn kind(&self) -> &'static str {
        NAMES[self.number()].0
    }

    /// The name of the event in the readable part of a message (RFC 8417 §2.2).
    pub const fn event_uri(&self) -> &'static str {
        NAMES[self.number()].1
    }

    /// Whether this release knows an event of this name.
    pub fn is_known_event(uri: &str) -> bool {
        NAMES.iter().any(|(_, known)| *known == uri)
    }

    /// The factor that it makes active, if it makes one.
    pub const fn new_factor(&self) -> Option<&SharedFactor> {
        match self {
            Self::FactorActivated(new)
            | Self::FactorAdded(new)
            | Self::FactorReplaced { new, .. } => Some(new),
            _ => None,
        }
    }

    /// The factors that it ends by name.
    pub fn ended(&self) -> &[EndedFactor] {
        match self {
            Self::FactorReplaced { ended, .. }
            | Self::FactorsRevoked { ended, .. }
            | Self::FactorsTakenBack { ended }
            | Self::FactorDeactivated { ended } => ended,
            _ => &[],
        }
    }

    /// Whether it ends every factor, those that the issuer does not know among them.
    pub const fn ends_all(&self) -> bool {
        matches!(
            self,
            Self::FactorReplaced { all: true, .. }
                | Self::FactorsRevoked { all: true, .. }
                | Self::FactorDeactivated { .. }
        )
    }
}

/// The proof behind a change, so that the destination can judge whether it would be enough there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Proof {
    /// The password, a code of the new authenticator, and a link to the personal email. Every change that makes a factor active has
    /// at least this.
    FirstEnrolment,
    /// A code of this active factor.
    OneTimeCode(FactorName),
    /// A recovery code of the issuer. It belongs to whoever has enrolled these factors there.
    RecoveryCode { of: Vec<FactorName> },
    /// The password and a link to the personal email that was mailed after so many seconds. The email belongs to whoever has enrolled
    /// these factors at the issuer.
    Mailbox {
        of: Vec<FactorName>,
        waited: Seconds,
    },
    /// The support team has checked who it is; who approved.
    Support { approvals: Vec<Authority> },
    /// An operator at the command line.
    Operator,
    /// **Não fui eu** in a security alert.
    AlertLink,
    /// The issuer tells again what it knows, because the destination seems to have lost it: these factors are active there.
    ToldAgain { active: Vec<FactorName> },
}

/// A change of one person as it waits in the outbox and travels in the sealed part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    /// `None` where the issuer does not know it.
    pub cpf: Option<Cpf>,
    /// The person's sigla at the issuer.
    pub sigla: Sigla,
    /// Place in the order of this person's changes; with the issuer's name it is a [`Revision`].
    pub counter: i64,
    /// The newest change of each other instance that the issuer had answered before.
    pub seen: BTreeMap<InstanceName, i64>,
    pub made_at: Timestamp,
    pub proof: Proof,
    pub change: Change,
}

impl PersonChange {
    /// The kind of its row in the outbox: what the peer seems to have lost has one of its own.
    pub const fn kind(&self) -> &'static str {
        match self.proof {
            Proof::ToldAgain { .. } => TOLD_AGAIN,
            _ => self.change.kind(),
        }
    }

    /// The bounds that the types do not hold, before sealing and after opening. Time steps are bounded too, because a step of the far
    /// future would make every coming code *already used*.
    pub fn is_bounded(&self, issuer: &str, latest: Timestamp) -> bool {
        let is_factor_bounded = self.change.new_factor().is_none_or(|new| {
            new.factor.is_bounded()
                && new.factor.home.as_str() == issuer
                && (0..=super::totp::step_at(latest)).contains(&new.last_step)
                && super::factor::parse_label(&new.label).as_ref() == Some(&new.label)
        });
        let ended = self.change.ended();
        let is_proof_bounded = match &self.proof {
            Proof::OneTimeCode(factor) => factor.is_bounded(),
            Proof::Support { approvals } => approvals.len() <= 10,
            Proof::ToldAgain { active } => are_bounded(active),
            Proof::RecoveryCode { of } => are_bounded(of),
            Proof::Mailbox { of, waited } => are_bounded(of) && waited.0 >= 0,
            _ => true,
        };
        let is_comparison_bounded = match &self.change {
            Change::Compared { active, .. } => are_bounded(active),
            _ => true,
        };
        is_factor_bounded
            && is_proof_bounded
            && is_comparison_bounded
            && ended.len() <= MOST_ENDED
            && ended.iter().all(|ended| ended.factor.is_bounded())
            && (1..=GREATEST_COUNTER).contains(&self.counter)
            && self.seen.len() <= 64
            && self
                .seen
                .values()
                .all(|seen| (0..=GREATEST_COUNTER).contains(seen))
            && (0..=latest.0).contains(&self.made_at.0)
    }
}

fn are_bounded(names: &[FactorName]) -> bool {
    names.len() <= MOST_ENDED && names.iter().all(FactorName::is_bounded)
}

/// The readable part of a message: issuer, audience and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHeader {
    /// Unique id (`jti`). The destination applies one id only once.
    pub id: String,
    /// Name of the sending instance (`iss`).
    pub issuer: String,
    /// Name of the receiving instance (`aud`).
    pub audience: String,
}

/// A change to be sent to one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncMessage {
    pub header: MessageHeader,
    /// Sealed to the destination on the way.
    pub change: PersonChange,
}

impl SyncMessage {
    /// A question about a person whom nobody has, which changes nothing. `random` gives ids that nobody else has.
    pub fn about_nobody(
        issuer: String,
        audience: String,
        random: &dyn Fn() -> String,
        now: Timestamp,
    ) -> Self {
        let header = MessageHeader {
            id: random(),
            issuer,
            audience,
        };
        let change = PersonChange {
            cpf: None,
            sigla: Sigla::unused(&random()),
            counter: 1,
            seen: BTreeMap::new(),
            made_at: now,
            proof: Proof::Operator,
            change: Change::Registered,
        };
        Self { header, change }
    }
}

/// The final answer of the destination to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncAnswer {
    pub outcome: app::model::SyncOutcome,
    /// With the outcome *stale*: the newest change of the issuer that the destination has answered.
    pub known: Option<i64>,
    /// What differs, as the answer to a comparison.
    pub differs: Option<Difference>,
}

impl SyncAnswer {
    /// *Stale*: this change of the issuer is the newest that was answered.
    pub const fn stale(known: i64) -> Self {
        Self {
            known: Some(known),
            ..Self::of(app::model::SyncOutcome::Stale)
        }
    }

    pub const fn of(outcome: app::model::SyncOutcome) -> Self {
        Self {
            outcome,
            known: None,
            differs: None,
        }
    }
}
