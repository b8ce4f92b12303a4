//! What a page may show. Only the enrol page has a secret, the pending QR code.

mod form;
mod page;
mod sync;

pub use form::{FieldProblem, FormState, Problem};
pub use page::{ClientPage, FaultView, PageView};
pub use sync::{SyncLine, SyncReport, Tone};

use crate::model::{LinkRefusal, MailProgress, PeerSync, UnixTime};
use serde::{Deserialize, Serialize};

/// The answer to the question of a page that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The state in one sentence, which is announced when it changes.
    pub sentence: String,
    /// The page to which the person is led; `None` while the page still waits.
    pub go: Option<String>,
    /// Main heading of the page in this state. When it changes the page is loaded again. It is the last field, because a
    /// document of an earlier release reads only the fields before it.
    pub heading: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInView {
    /// The form as it comes back.
    pub form: FormState,
}

/// The intro page before an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntroView {
    /// The form as it comes back.
    pub form: FormState,
    /// Whether the policy requires a second factor of this person.
    pub required: bool,
    /// Whether another enrolment is pending, which a new QR code voids.
    pub voids_another: bool,
    /// Whether this browser's own enrolment has expired.
    pub expired: bool,
}

/// The enrol page, the only view with a secret (R6).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolView {
    /// The form as it comes back.
    pub form: FormState,
    /// The `otpauth://` URI of the QR code and the link.
    pub uri: String,
    /// Setup key: 32 base32 characters.
    pub setup_key: String,
    /// Account label in the authenticator app: `e-Proc/JMU`.
    pub account_label: String,
    /// Domains whose addresses are not personal.
    pub suffixes: Vec<String>,
    /// When the password-only session ends.
    pub session_until: UnixTime,
}

/// The page that waits for the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSentView {
    /// The form as it comes back.
    pub form: FormState,
    /// In full in the browser in which it was typed, else masked.
    pub email: String,
    /// When the newest link expires.
    pub link_until: UnixTime,
    /// Whether the newest link has expired.
    pub link_over: bool,
    /// State of the newest activation mail.
    pub mail: MailProgress,
    /// When the next mail is allowed.
    pub resend_at: UnixTime,
    /// Whether the next mail is allowed now.
    pub may_resend: bool,
    /// Provisional sign-ins left; `None` where the policy allows none or none is left.
    pub provisional_left: Option<i64>,
    /// Whether the session is full, after a provisional sign-in or because the policy requires no factor.
    pub signed_in: bool,
}

/// The page to correct the email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeEmailView {
    /// The form as it comes back.
    pub form: FormState,
    /// The present email, as its owner typed it.
    pub email: String,
    /// Domains whose addresses are not personal.
    pub suffixes: Vec<String>,
}

/// The page behind an activation link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkView {
    Ask {
        /// The token, for the two forms.
        token: String,
        /// The person: first name and masked sigla.
        who: String,
        /// When this link was made.
        at: UnixTime,
        /// The browser that began the enrolment; empty when it is unknown.
        browser: String,
        /// The ip from which the enrolment was begun; empty when it is unknown.
        ip: String,
        /// When the link expires.
        until: UnixTime,
    },
    Refused(LinkRefusal),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivatedView {
    /// One line for each other instance.
    pub sync: SyncReport,
    /// Whether this browser has the person's password-only session and so may go to the code page directly.
    pub may_enter: bool,
    /// Account label in the authenticator app: `e-Proc/JMU`.
    pub account_label: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeView {
    /// The form as it comes back.
    pub form: FormState,
    /// The sigla, so that people see whose code is asked for.
    pub sigla: String,
    /// Account label in the authenticator app: `e-Proc/JMU`.
    pub account_label: String,
    /// `None`: not locked. `Some(None)`: locked until an unlock.
    pub locked: Option<Option<UnixTime>>,
    /// Provisional sign-ins left; `None` when the factor is active.
    pub provisional_left: Option<i64>,
}

/// An active factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorView {
    pub since: UnixTime,
    /// The instance at which it was enrolled.
    pub home_instance: String,
    /// When its newest code was accepted; `None` before the first.
    pub last_used: Option<UnixTime>,
}

/// The home page and the account page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeView {
    pub name: String,
    pub sigla: String,
    /// The codes of the person's profiles.
    pub profiles: Vec<String>,
    /// The sign-in before this one; `None` at the first.
    pub previous_sign_in: Option<UnixTime>,
    /// The active factors, oldest first.
    pub factors: Vec<FactorView>,
    /// Whether no factor is active and an enrolment waits for the confirmation of its link.
    pub enrolment_pending: bool,
    /// Whether the policy requires a second factor of this person.
    pub required: bool,
    /// The outcome of the newest change at each other instance.
    pub peers: Vec<PeerSync>,
    /// Whether this session comes from a provisional sign-in.
    pub provisional: bool,
    /// The personal email, masked; `None` where there is none.
    pub email: Option<String>,
    /// URL of e-Proc; `None` where none is configured.
    pub system_url: Option<String>,
}

/// The page behind **Não fui eu** of a security alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMeView {
    Ask {
        /// The token, for the form.
        token: String,
        /// The person: first name and masked sigla.
        who: String,
        /// Whether a factor is active already.
        activated: bool,
    },
    Refused(LinkRefusal),
}
