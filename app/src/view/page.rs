//! All pages as one type: what a path leads to.

use super::{
    ActivatedView, ChangeEmailView, CodeView, EnrolView, HomeView, IntroView, LinkView,
    MailSentView, NotMeView, SignInView,
};
use serde::{Deserialize, Serialize};

/// A page as data, one variant a screen.
pub enum PageView {
    /// Sign-in, the front door.
    SignIn(SignInView),
    /// The code, after the password.
    Code(CodeView),
    /// The notice before an enrolment.
    Intro(IntroView),
    /// The page to correct the address on.
    ChangeEmail(ChangeEmailView),
    /// The page behind an activation link.
    Link(LinkView),
    /// *Não fui eu* was pressed on an activation link.
    Denied,
    /// Home, signed in.
    Home(HomeView),
    /// *Segurança da conta*.
    Account(HomeView),
    /// The page behind *Não fui eu* of a notice.
    NotMe(NotMeView),
    /// *Não fui eu* of a notice was pressed.
    Reported,
    /// What is done with personal data.
    Privacy,
    /// A page that the browser can draw too.
    Client(ClientPage),
    /// What did not work.
    Fault(FaultView),
}

impl PageView {
    /// Whether the page shows a secret (R6): it is never compressed, since it reflects what was
    /// typed (BREACH), and never kept for Back.
    pub const fn holds_secret(&self) -> bool {
        matches!(self, Self::Client(ClientPage::Enrol(_)))
    }
}

/// The pages that a running document gets as data and draws itself (docs/decisions/0013).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientPage {
    /// QR code, key, code and address.
    Enrol(EnrolView),
    /// The page that waits for the link.
    MailSent(MailSentView),
    /// The activated page; no view without a receipt (R14).
    Activated { view: Option<ActivatedView> },
}

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultView {
    /// The request was not sent by a page of ours.
    Forbidden,
    /// The form arrived incomplete, doubled, too long, or as another type.
    BadForm,
    /// Something of ours failed.
    Failed {
        /// Reference to quote to the help desk; empty when the framework failed.
        reference: String,
    },
    /// No page has this path.
    NotFound,
}
