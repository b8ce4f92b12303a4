//! The audit: who did what to whose account, and how it ended (R21).

use super::person::PersonId;
use app::model::SyncOutcome;
use std::borrow::Cow;

/// Who acts. Rights follow from it: what an operator may call is `services::people::OperatorServices`, what a peer may
/// call `services::sync::PeerServices`; a visitor's use cases decide by the cookies of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody at a browser who has not proven who it is.
    Visitor,
    /// A person with a session, or with a link from the own mailbox.
    Person(PersonId),
    /// Somebody at the command line, by the name of the account there.
    Operator(String),
    /// Another instance, by its name.
    Peer(String),
    /// This program by itself.
    System,
}

impl Actor {
    /// Kind and name, as an audit row keeps them; a name is empty where the kind says all.
    pub fn parts(&self) -> (&'static str, Cow<'_, str>) {
        match self {
            Self::Visitor => ("visitor", "".into()),
            Self::Person(id) => ("person", id.to_string().into()),
            Self::Operator(name) => ("operator", name.into()),
            Self::Peer(name) => ("peer", name.into()),
            Self::System => ("system", "".into()),
        }
    }
}

/// What happened. The list is closed, so that whoever reads an audit knows all that can stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditEvent {
    /// User and password do not match, or there is no such user.
    SignInMismatch,
    /// A password was not judged, because too many failed before.
    SignInLocked,
    /// The right password of an account that is blocked or lost its factor.
    SignInBlocked,
    /// The right password; the second factor, or its enrolment, comes next.
    SignInPassword,
    /// Signed in by the password alone.
    SignInComplete,
    /// A code was accepted.
    CodeAccepted,
    /// A code of an authenticator that is not confirmed yet was accepted.
    CodeAcceptedProvisionally,
    /// A code was wrong.
    CodeWrong,
    /// A code was right, but accepted before.
    CodeUsedBefore,
    /// A code was not judged, because too many failed before.
    CodeLocked,
    /// A QR code was made.
    EnrolmentBegun,
    /// The first code and the e-mail address were accepted.
    EnrolmentCodeAccepted,
    /// The person cancelled the enrolment.
    EnrolmentCancelled,
    /// Whoever got the activation mail said that it was a mistake.
    EnrolmentDenied,
    /// An activation was confirmed.
    FactorActivated,
    /// The change of a peer was answered.
    SyncReceived(SyncOutcome),
    /// A message of a peer could not be trusted (R24).
    SyncAlarm,
    /// **Não fui eu** of a security alert blocked the account.
    BlockedByOwner,
    /// An operator blocked the account.
    BlockedByOperator,
    /// An operator unblocked the account.
    Unblocked,
    /// An operator allowed a first enrolment.
    EnrolmentApproved,
    /// An operator registered the person.
    Registered,
}

impl AuditEvent {
    /// Event and outcome, as an audit row keeps them.
    pub const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::SignInMismatch => ("sign_in", "mismatch"),
            Self::SignInLocked => ("sign_in", "locked"),
            Self::SignInBlocked => ("sign_in", "blocked"),
            Self::SignInPassword => ("sign_in", "password"),
            Self::SignInComplete => ("sign_in", "complete"),
            Self::CodeAccepted => ("code", "accepted"),
            Self::CodeAcceptedProvisionally => ("code", "accepted_provisionally"),
            Self::CodeWrong => ("code", "wrong"),
            Self::CodeUsedBefore => ("code", "used_before"),
            Self::CodeLocked => ("code", "locked"),
            Self::EnrolmentBegun => ("enrolment", "begun"),
            Self::EnrolmentCodeAccepted => ("enrolment", "code_accepted"),
            Self::EnrolmentCancelled => ("enrolment", "cancelled"),
            Self::EnrolmentDenied => ("enrolment", "denied_by_mailbox"),
            Self::FactorActivated => ("activation", "confirmed"),
            Self::SyncReceived(outcome) => ("sync_received", outcome.code()),
            Self::SyncAlarm => ("sync_received", "not_trusted"),
            Self::BlockedByOwner => ("block", "not_me"),
            Self::BlockedByOperator => ("block", "done"),
            Self::Unblocked => ("unblock", "done"),
            Self::EnrolmentApproved => ("approval", "done"),
            Self::Registered => ("registration", "done"),
        }
    }
}
