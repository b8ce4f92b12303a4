//! What a page may be told: never a secret, except the pending QR on the one page that shows it.

mod form;
mod page;
mod sync;

pub use form::{FieldProblem, FormState, Problem};
pub use page::{ClientPage, FaultView, PageView};
pub use sync::{SyncLine, SyncReport, Tone};

use crate::model::{LinkRefusal, MailProgress, PeerSync, UnixTime};
use serde::{Deserialize, Serialize};

/// What a waiting page learns when it asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// One sentence on the state of things; spoken when it changes.
    pub sentence: String,
    /// The page to go to, once there is one.
    pub go: Option<String>,
    /// Main heading of the page in this state: under another one the page is asked for again. Last,
    /// since a document of an earlier release reads the fields before it.
    pub heading: String,
}

/// The sign-in page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInView {
    /// The form as it comes back.
    pub form: FormState,
}

/// The notice before an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntroView {
    /// The form as it comes back.
    pub form: FormState,
    /// Whether the policy leads here.
    pub required: bool,
    /// Whether another enrolment is pending, which a new QR voids.
    pub voids_another: bool,
    /// Whether this browser's own enrolment has run out.
    pub expired: bool,
}

/// The enrol page: the only view with a secret in it (R6).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolView {
    /// The form as it comes back.
    pub form: FormState,
    /// `otpauth://` URI behind QR and link.
    pub uri: String,
    /// Setup key: 32 base32 characters.
    pub setup_key: String,
    /// Label of the account in the authenticator app: `e-Proc/JMU`.
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
    /// In full in the browser that typed it, else masked.
    pub email: String,
    /// Until when the newest link works.
    pub link_until: UnixTime,
    /// Whether that is over.
    pub link_over: bool,
    /// State of the mail.
    pub mail: MailProgress,
    /// When the next mail may go.
    pub resend_at: UnixTime,
    /// Whether that is now.
    pub may_resend: bool,
    /// Provisional entries left, where the policy gives any.
    pub provisional_left: Option<i64>,
    /// Signed in already, provisionally or because the policy asks for no more.
    pub signed_in: bool,
}

/// The page to correct the address on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeEmailView {
    /// The form as it comes back.
    pub form: FormState,
    /// The address so far, as its owner typed it.
    pub email: String,
    /// Domains whose addresses are not personal.
    pub suffixes: Vec<String>,
}

/// The page behind a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkView {
    Ask {
        /// Token, for the two forms.
        token: String,
        /// Who: first name and masked sigla.
        who: String,
        /// When this link was asked for.
        at: UnixTime,
        /// From which browser.
        browser: String,
        /// From which network address.
        ip: String,
        /// Until when the link works.
        until: UnixTime,
    },
    Refused(LinkRefusal),
}

/// The activated page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivatedView {
    /// One line per other instance.
    pub sync: SyncReport,
    /// Whether this browser may go straight to the code page.
    pub may_enter: bool,
    /// Label of the account in the authenticator app: `e-Proc/JMU`.
    pub account_label: String,
}

/// The code page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeView {
    /// The form as it comes back.
    pub form: FormState,
    /// Sigla, so that people see whose code is asked.
    pub sigla: String,
    /// Label of the account in the authenticator app: `e-Proc/JMU`.
    pub account_label: String,
    /// Locked until (`Some(None)`: until an unlock).
    pub locked: Option<Option<UnixTime>>,
    /// Provisional entries left: the factor is not active yet.
    pub provisional_left: Option<i64>,
}

/// An active authenticator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorView {
    /// Since when it is active.
    pub since: UnixTime,
    /// The instance at which it was enrolled.
    pub home_instance: String,
    /// When its newest code was accepted.
    pub last_used: Option<UnixTime>,
}

/// The home page and the account page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeView {
    pub name: String,
    pub sigla: String,
    /// Profiles, by their codes.
    pub profiles: Vec<String>,
    /// The sign-in before this one.
    pub previous_sign_in: Option<UnixTime>,
    /// The active authenticators, oldest first.
    pub factors: Vec<FactorView>,
    /// Whether there is none, and one waits for the confirmation of its link.
    pub enrolment_pending: bool,
    /// Whether the policy asks for it.
    pub required: bool,
    /// The other instances.
    pub peers: Vec<PeerSync>,
    /// Whether this is a provisional sign-in.
    pub provisional: bool,
    /// Personal address, masked.
    pub email: Option<String>,
    /// Door to e-Proc, where the installation has one.
    pub system_url: Option<String>,
}

/// The page behind *Não fui eu* of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMeView {
    Ask {
        /// Token, for the form.
        token: String,
        /// Who: first name and masked sigla.
        who: String,
        /// Whether the activation already happened.
        activated: bool,
    },
    Refused(LinkRefusal),
}
