//! What a page may show. Only the enrol page has a secret, the pending QR code. The view of a page stands in its file in
//! `pages`, beside its drawing; what several pages share stands here.

mod form;
mod sync;

pub use crate::pages::ClientPage;
pub use crate::pages::activated::{ActivatedView, WayOn};
pub use crate::pages::enrol::EnrolView;
pub use crate::pages::mail_sent::MailSentView;
#[cfg(feature = "ssr")]
pub use crate::pages::server_only::views::*;
pub use form::{FieldProblem, FormState, Problem};
pub use sync::{SyncLine, SyncReport, Tone};

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
