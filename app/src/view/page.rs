//! All pages as one type.

use super::{
    ActivatedView, ChangeEmailView, CodeView, EnrolView, HomeView, IntroView, LinkView,
    MailSentView, NotMeView, SignInView,
};
use serde::{Deserialize, Serialize};

/// A page as data, one variant for each screen.
pub enum PageView {
    SignIn(SignInView),
    Code(CodeView),
    Intro(IntroView),
    ChangeEmail(ChangeEmailView),
    /// The page behind an activation link.
    Link(LinkView),
    /// **Não fui eu** was pressed on an activation link.
    Denied,
    Home(HomeView),
    /// *Segurança da conta*.
    Account(HomeView),
    /// The page behind **Não fui eu** of a security alert.
    NotMe(NotMeView),
    /// **Não fui eu** of a security alert was pressed.
    Reported,
    Privacy,
    /// A page that the browser can draw too.
    Client(ClientPage),
    /// A request failed; there is no other page.
    Fault(FaultView),
}

impl PageView {
    /// Whether the page shows a secret (R6). It is never compressed, because it also repeats what was typed (BREACH), and
    /// never kept for Back.
    pub const fn holds_secret(&self) -> bool {
        matches!(self, Self::Client(ClientPage::Enrol(_)))
    }
}

/// The pages that a running document gets as data and draws itself (decision 13).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientPage {
    /// The enrol page, the only page with a secret (R6).
    Enrol(EnrolView),
    /// The page that waits for the link.
    MailSent(MailSentView),
    /// The activated page; `None` when the request has neither receipt nor cookie (R14).
    Activated { view: Option<ActivatedView> },
}

/// Why a request has no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultView {
    /// No page of this web origin sent the request.
    Forbidden,
    /// The form arrived incomplete, doubled, too long, or with another content type.
    BadForm,
    /// The server failed.
    Failed {
        /// Reference for the help desk; empty when the framework failed.
        reference: String,
    },
    /// No page has this path.
    NotFound,
}
