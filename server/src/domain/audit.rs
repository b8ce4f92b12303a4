//! Audit events (R21): the actor, the act and its outcome.

use super::PersonId;
use app::model::SyncOutcome;
use std::borrow::Cow;
use strum::EnumIter;

/// The actor of an act. It decides which use cases may be called: an operator calls
/// `services::people::OperatorServices`, a peer calls `services::sync::PeerServices`. For a visitor each use case
/// decides by the cookies of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A client that has not proven who it is: a browser, or the sender of a sync message that could not be trusted.
    Visitor,
    /// A person who gave the password, has a session, or holds a link from the own mailbox.
    Person(PersonId),
    /// A member of the support team, by the id of the person.
    Support(String),
    /// An operator at the command line, by the name of the operating system account.
    Operator(String),
    /// Another instance, by its configured name.
    Peer(String),
    /// This program itself.
    System,
}

impl Actor {
    /// Kind and name, as an audit row keeps them. The name is empty for kinds that need none.
    pub fn parts(&self) -> (&'static str, Cow<'_, str>) {
        match self {
            Self::Visitor => ("visitor", "".into()),
            Self::Person(id) => ("person", id.to_string().into()),
            Self::Support(id) => ("support", id.into()),
            Self::Operator(name) => ("operator", name.into()),
            Self::Peer(name) => ("peer", name.into()),
            Self::System => ("system", "".into()),
        }
    }
}

/// An event with its outcome. The list is closed, so a reader of an audit knows every value that can stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter)]
pub enum AuditEvent {
    /// User and password do not match, or the user is unknown; the two are one event (R13).
    SignInMismatch,
    /// The password was not judged, because too many attempts failed before (R4).
    SignInLocked,
    /// The first failure that makes a source of attempts wait; alarms are counted from it (R31).
    SignInWait,
    /// A mailed link let one browser try again (R31).
    SignInLinkUsed,
    /// The password was right, but the account is blocked or its factor was revoked.
    SignInBlocked,
    /// The password was right; the second factor or its enrolment comes next.
    SignInPassword,
    /// The password alone completed the sign-in.
    SignInComplete,
    CodeAccepted,
    /// The accepted code came from an authenticator whose enrolment is not confirmed yet.
    CodeAcceptedProvisionally,
    CodeWrong,
    /// The code was right, but its time step was used before (R1).
    CodeUsedBefore,
    /// The first wrong code that makes a source of attempts wait.
    CodeWait,
    /// The code was not judged, because too many attempts failed before (R4).
    CodeLocked,
    RecoveryCodeAccepted,
    RecoveryCodeWrong,
    /// The recovery code was right, but it was used before.
    RecoveryCodeUsedBefore,
    /// The first wrong recovery code that makes a source of attempts wait.
    RecoveryCodeWait,
    /// The recovery code was not judged, because too many attempts failed before (R34).
    RecoveryCodeLocked,
    /// Ten recovery codes were made; those of before no longer work.
    RecoveryCodesMade,
    /// The owner typed one to show that they are kept.
    RecoveryCodesKept,
    /// A QR code with a new secret was made.
    EnrolmentBegun,
    /// The first code and the email were accepted.
    EnrolmentCodeAccepted,
    EnrolmentCancelled,
    /// The recipient of the activation mail pressed **Não fui eu**.
    EnrolmentDenied,
    /// The activation link was confirmed at this instance.
    FactorActivated,
    /// Another instance knows a change of this instance that is not known here.
    RevisionLost,
    /// An operator had the authenticators of a person told again; the detail names the instances.
    SyncToldAgain,
    /// A change from a peer was answered with this outcome; the detail says which change.
    #[strum(disabled)]
    SyncReceived(SyncOutcome),
    /// **Não fui eu** in a security alert blocked the account.
    BlockedByOwner,
    BlockedByOperator,
    /// An operator revoked every factor.
    FactorRevokedByOperator,
    /// Its owner reported the phone stolen, with a recovery code or another authenticator.
    PhoneStolen,
    /// An entry without the phone was asked for; the detail says by which way.
    EntryRequested,
    /// A first of two approvals that are needed; the detail has check and reason.
    EntryRecommended,
    /// The support team let a session enrol; the detail has check and reason.
    EntryApproved,
    /// The link was mailed after the waiting time.
    RecoveryLinkMailed,
    /// The mailed link and the password opened a session that may enrol.
    RecoveryLinkUsed,
    /// Its owner gave an authenticator another name.
    FactorRenamed,
    /// Its owner removed an authenticator.
    FactorRemoved,
    /// Its owner ended another session.
    SessionEnded,
    PasswordSetByOperator,
    Unblocked,
    /// An operator made the attempts of an account judged again (`person unblock --all-locked`).
    AttemptsForgotten,
    /// Somebody was alarmed (R24, R31); the detail says of what.
    Alarm,
    /// An operator allowed a first enrolment (`first_enrolment = approved`).
    EnrolmentApproved,
    Registered,
}

impl AuditEvent {
    /// Event and outcome, as an audit row keeps them.
    pub const fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::SignInMismatch => ("sign_in", "mismatch"),
            Self::SignInLocked => ("sign_in", "locked"),
            Self::SignInWait => ("sign_in", "wait"),
            Self::SignInLinkUsed => ("sign_in", "link_used"),
            Self::SignInBlocked => ("sign_in", "blocked"),
            Self::SignInPassword => ("sign_in", "password"),
            Self::SignInComplete => ("sign_in", "complete"),
            Self::CodeAccepted => ("code", "accepted"),
            Self::CodeAcceptedProvisionally => ("code", "accepted_provisionally"),
            Self::CodeWrong => ("code", "wrong"),
            Self::CodeUsedBefore => ("code", "used_before"),
            Self::CodeWait => ("code", "wait"),
            Self::CodeLocked => ("code", "locked"),
            Self::RecoveryCodeAccepted => ("recovery_code", "accepted"),
            Self::RecoveryCodeWrong => ("recovery_code", "wrong"),
            Self::RecoveryCodeUsedBefore => ("recovery_code", "used_before"),
            Self::RecoveryCodeWait => ("recovery_code", "wait"),
            Self::RecoveryCodeLocked => ("recovery_code", "locked"),
            Self::RecoveryCodesMade => ("recovery_codes", "made"),
            Self::RecoveryCodesKept => ("recovery_codes", "kept"),
            Self::EnrolmentBegun => ("enrolment", "begun"),
            Self::EnrolmentCodeAccepted => ("enrolment", "code_accepted"),
            Self::EnrolmentCancelled => ("enrolment", "cancelled"),
            Self::EnrolmentDenied => ("enrolment", "denied_by_mailbox"),
            Self::FactorActivated => ("activation", "confirmed"),
            Self::SyncReceived(outcome) => ("sync_received", outcome.code()),
            Self::BlockedByOwner => ("block", "not_me"),
            Self::BlockedByOperator => ("block", "done"),
            Self::FactorRevokedByOperator => ("factor", "revoked_by_operator"),
            Self::PhoneStolen => ("factor", "stolen"),
            Self::EntryRequested => ("entry", "requested"),
            Self::EntryRecommended => ("entry", "recommended"),
            Self::EntryApproved => ("entry", "approved"),
            Self::RecoveryLinkMailed => ("recovery_link", "mailed"),
            Self::RecoveryLinkUsed => ("recovery_link", "used"),
            Self::RevisionLost => ("sync", "lost"),
            Self::SyncToldAgain => ("sync", "told_again"),
            Self::FactorRenamed => ("factor", "renamed"),
            Self::FactorRemoved => ("factor", "removed"),
            Self::SessionEnded => ("session", "ended"),
            Self::PasswordSetByOperator => ("password", "set_by_operator"),
            Self::Unblocked => ("unblock", "done"),
            Self::AttemptsForgotten => ("attempts", "forgotten"),
            Self::Alarm => ("alarm", "given"),
            Self::EnrolmentApproved => ("approval", "done"),
            Self::Registered => ("registration", "done"),
        }
    }
}
