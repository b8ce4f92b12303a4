//! What a page may be told: never a secret, except the pending QR on the one page that shows it.

use serde::{Deserialize, Serialize};

/// Instants on the wire: seconds since the Unix epoch.
pub type UnixTime = i64;

/// What is wrong with what was typed or asked. A closed list; texts are made from it on the
/// server (house decision 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Problem {
    /// A field was left empty.
    Missing,
    /// Longer than any such value can be.
    TooLong,
    /// User or password does not match, or the user does not exist: one sentence for all (R13).
    Credentials,
    /// The account is blocked (said only behind the right password).
    Blocked,
    /// The password-only session ran out.
    SessionOver,
    /// Not six digits.
    CodeShape,
    /// Not the code the app shows now.
    CodeWrong,
    /// Right, but used before.
    CodeUsed,
    /// Right for a clock that is off by so many steps of 30 s (negative: behind).
    ClockOff {
        /// Steps ahead of the server.
        steps: i32,
    },
    /// Too many failures: wait until then; `None`: until an unlock.
    Locked {
        /// When the wait ends.
        until: Option<UnixTime>,
    },
    /// Not an e-mail address.
    AddressSyntax,
    /// An institutional suffix, which is not accepted.
    AddressInstitutional {
        /// The suffix it ends in.
        suffix: String,
    },
    /// Probably mistyped.
    AddressSuggestion {
        /// The address that was probably meant.
        suggestion: String,
    },
    /// The next mail to this address may go then.
    ResendWait {
        /// When.
        until: UnixTime,
    },
    /// First enrolments need an approval here.
    NeedsApproval,
    /// What the form was about is over: start again.
    Gone,
    /// The form arrived incomplete or damaged.
    Incomplete,
    /// Something of ours failed; the reference is in the log.
    Unavailable {
        /// Reference that the help desk can look up.
        reference: String,
    },
}

/// A problem and the field it belongs to (empty: the whole form).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// Id of the field.
    pub field: String,
    /// The problem.
    pub problem: Problem,
}

/// A form as it comes back: what was wrong, and what may be shown again (never a password or code).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    /// What is wrong.
    pub problems: Vec<FieldProblem>,
    /// What was typed, by field.
    pub values: Vec<(String, String)>,
}

impl FormState {
    /// A form with one problem.
    pub fn with(field: &str, problem: Problem) -> Self {
        let mut form = Self::default();
        form.add(field, problem);
        form
    }

    /// Adds a problem.
    pub fn add(&mut self, field: &str, problem: Problem) {
        self.problems.push(FieldProblem {
            field: field.to_owned(),
            problem,
        });
    }

    /// Keeps what was typed into a field.
    #[must_use]
    pub fn keep(mut self, field: &str, value: &str) -> Self {
        self.values.push((field.to_owned(), value.to_owned()));
        self
    }

    /// What was typed into a field.
    pub fn value(&self, field: &str) -> String {
        self.values
            .iter()
            .find(|(name, _)| name == field)
            .map_or_else(String::new, |v| v.1.clone())
    }

    /// The first problem of a field.
    pub fn problem(&self, field: &str) -> Option<&Problem> {
        self.problems
            .iter()
            .find(|p| p.field == field)
            .map(|p| &p.problem)
    }

    /// Whether anything is wrong.
    pub fn is_rejected(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// Where a form led, for a caller that reads the answer as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Went {
    /// Path of the page to show next.
    pub to: String,
}

/// State of the activation mail, told truthfully (R17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailProgress {
    /// Not handed over yet.
    Queued,
    /// The mail server did not take it; it is tried again.
    Retrying,
    /// The mail server took it at that time. Not: delivered.
    Accepted(UnixTime),
    /// The mail server refused it for good.
    Failed,
}

/// Result of the synchronisation with one other instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// No final answer yet.
    Pending,
    /// *Sincronização realizada com sucesso*.
    Success,
    /// *Não possui cadastro no destino*.
    NoRecord,
    /// *Já possui autenticação em dois fatores no destino*.
    AlreadyActive,
    /// CPF and SIGLA name two people there.
    Ambiguous,
    /// The destination refused.
    Refused,
}

/// A synchronisation as the activated page shows it, texts made on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncLine {
    /// Name of the other instance.
    pub peer: String,
    /// Colour and icon.
    pub tone: Tone,
    /// The sentence of the manual.
    pub sentence: String,
    /// *Identificações*, CPF, SIGLA, *Motivo*: label and value.
    pub details: Vec<(String, String)>,
    /// The heading over the details.
    pub details_title: String,
    /// What follows from it for the user.
    pub consequence: String,
}

/// How a result feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Done.
    Success,
    /// Not yet.
    Pending,
    /// Did not work.
    Failed,
}

impl Tone {
    /// Value of `data-state` in the style sheet.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Pending => "pending",
            Self::Failed => "failed",
        }
    }
}

/// What a waiting page learns when it asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// One sentence on the state of things; spoken when it changes.
    pub sentence: String,
    /// The page to go to, once there is one.
    pub go: Option<String>,
}

/// What the activated page learns when it asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReport {
    /// One line per other instance.
    pub lines: Vec<SyncLine>,
    /// Whether all answers are final.
    pub settled: bool,
}

/// The sign-in page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInView {
    /// The form as it comes back.
    pub form: FormState,
}

/// The notice before an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeView {
    /// The form as it comes back.
    pub form: FormState,
    /// Whether the policy leads here.
    pub required: bool,
    /// Whether another enrolment is pending, which a new QR voids.
    pub voids_another: bool,
}

/// The enrol page: the only view with a secret in it (R6).
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolView {
    /// The form as it comes back.
    pub form: FormState,
    /// `otpauth://` URI behind QR and link.
    pub uri: String,
    /// Setup key: 32 base32 characters.
    pub setup_key: String,
    /// Name of the entry in the app.
    pub entry: String,
    /// Suffixes that are not accepted.
    pub suffixes: Vec<String>,
    /// When the password-only session ends.
    pub session_until: UnixTime,
}

/// The page that waits for the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSentView {
    /// The form as it comes back.
    pub form: FormState,
    /// In full in the browser that typed it, else masked.
    pub address: String,
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
}

/// The page to correct the address on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeAddressView {
    /// The form as it comes back.
    pub form: FormState,
    /// The address so far.
    pub address: String,
    /// Suffixes that are not accepted.
    pub suffixes: Vec<String>,
}

/// Why a link does not work (R14: none tells whether a user exists).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    /// Not one of ours.
    Unknown,
    /// Too late.
    Expired,
    /// Used before.
    Used,
    /// A newer QR took its place.
    NewerQr,
    /// The address was corrected.
    AddressCorrected,
    /// The enrolment was cancelled.
    Cancelled,
}

/// The page behind a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkView {
    /// Asks.
    Ask {
        /// Token, for the two forms.
        token: String,
        /// Who: first name and masked sigla.
        who: String,
        /// When the enrolment was begun.
        at: UnixTime,
        /// From which browser.
        browser: String,
        /// From which network address.
        address: String,
        /// Until when the link works.
        until: UnixTime,
    },
    /// Refuses.
    Refused(LinkRefusal),
}

/// The activated page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivatedView {
    /// One line per other instance.
    pub sync: SyncReport,
    /// Whether this browser may go straight to the code page.
    pub may_enter: bool,
    /// Name of the entry in the app.
    pub entry: String,
}

/// The code page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeView {
    /// The form as it comes back.
    pub form: FormState,
    /// Sigla, so that people see whose code is asked.
    pub sigla: String,
    /// Name of the entry in the app.
    pub entry: String,
    /// Locked until (`Some(None)`: until an unlock).
    pub locked: Option<Option<UnixTime>>,
    /// Provisional entries left: the factor is not active yet.
    pub provisional_left: Option<i64>,
}

/// Another instance's state, for home and account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerState {
    /// Its name.
    pub peer: String,
    /// Its state.
    pub state: SyncState,
}

/// State of the second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactorView {
    /// Active since, enrolled at, last used.
    Active {
        /// Since when.
        since: UnixTime,
        /// Instance at which it was enrolled.
        origin: String,
        /// Last accepted code.
        last_used: Option<UnixTime>,
    },
    /// Waits for the confirmation of the link.
    Pending,
    /// None.
    None,
}

/// The home page and the account page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeView {
    /// Full name.
    pub name: String,
    /// Sigla.
    pub sigla: String,
    /// Profiles, by their codes.
    pub profiles: Vec<String>,
    /// The sign-in before this one.
    pub previous_sign_in: Option<UnixTime>,
    /// State of the factor.
    pub factor: FactorView,
    /// Whether the policy asks for it.
    pub required: bool,
    /// The other instances.
    pub peers: Vec<PeerState>,
    /// Whether this is a provisional entry.
    pub provisional: bool,
    /// Personal address, masked.
    pub email: Option<String>,
}

/// The page behind *Não fui eu* of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMeView {
    /// Asks.
    Ask {
        /// Token, for the form.
        token: String,
        /// Who: first name and masked sigla.
        who: String,
        /// Whether the activation already happened.
        activated: bool,
    },
    /// Refuses.
    Refused(LinkRefusal),
}
