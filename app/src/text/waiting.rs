//! Sentences of the page that waits for the activation link.

use super::{Locale, fill};
use crate::model::MailProgress;
use crate::view::Progress;

/// Heading and sentence of the page that waits for a link, the same when it is drawn and when its island asks (R17).
pub fn waiting_progress(locale: &Locale, mail: MailProgress, link_over: bool) -> Progress {
    let t = locale.language.texts();
    let (heading, sentence) = match mail {
        _ if link_over => (t.mail_over_title(), t.mail_link_over().to_owned()),
        MailProgress::Queued => (t.mail_title(), t.mail_queued().to_owned()),
        MailProgress::Retrying => (t.mail_retrying_title(), t.mail_retrying().to_owned()),
        MailProgress::Accepted(at) => {
            let clock = locale.moment(at);
            let sentence = fill(t.mail_accepted(), &[("clock", &clock)]);
            (t.mail_title(), sentence)
        }
        MailProgress::Failed => (t.mail_failed_title(), t.mail_failed().to_owned()),
    };
    Progress {
        heading: heading.to_owned(),
        sentence,
        go: None,
    }
}

/// What the page of somebody without the phone says while the support team has not answered, or that it may go on.
#[cfg(feature = "ssr")]
pub fn entry_progress(locale: &Locale, may_go_on: bool) -> Progress {
    let t = locale.language.texts();
    let sentence = if may_go_on {
        t.entry_go()
    } else {
        t.entry_waiting()
    };
    Progress {
        sentence: sentence.to_owned(),
        go: may_go_on.then(|| crate::routes::INTRO.to_owned()),
        heading: t.lost_title().to_owned(),
    }
}
