//! The text of a mail: one set of templates for each kind and language, checked at compile time.
//!
//! HTML templates escape every value, text templates escape none. Values that people can choose are first reduced to one
//! visible line, so that they can add neither a header nor a second link.

use super::text::{host, moment, one_line, plain, tidy};
use crate::domain::{Circumstances, ClientInfo, Email, MailJob, MailMessage, Timestamp};
use app::model::Language;
use askama::Template;

/// Longest name in a mail, in characters.
const NAME: usize = 80;
/// Longest description of a browser, in characters.
const BROWSER: usize = 120;

/// What the operator configured about this installation and its support team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branding {
    /// Name of the instance for people, for example `e-Proc/JMU`.
    pub instance_label: String,
    pub support_name: String,
    /// Its e-mail address.
    pub support_email: Email,
    /// Its telephone number.
    pub support_phone: String,
    /// URL of the portal; mails without a link of their own lead there.
    pub public_url: String,
    /// Difference between local time and UTC in hours: `-3` for Brasília.
    pub utc_offset_hours: i8,
    pub from_name: String,
    pub from_email: Email,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line that can be used in a header.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part; it says the same as the plain text.
    pub html: String,
}

/// The values for the templates, in finished words: templates have sentences but no logic.
#[derive(Default)]
struct View {
    subject: String,
    place: String,
    support_name: String,
    support_email: String,
    support_phone: String,
    name: String,
    at: String,
    browser: String,
    ip: String,
    url: String,
    host: String,
    until: String,
    /// When a change takes effect that does not at once.
    takes_effect: String,
    /// How many attempts the mail tells of, or how many recovery codes are left.
    count: i64,
    /// The code of an [`crate::domain::AccountChange`] or [`crate::domain::SecurityChange`]; empty in other mails.
    change: &'static str,
}

/// Renders the three templates of one mail with the same values.
macro_rules! mail {
    ($view:ident, $subject:tt, $text:tt, $html:tt) => {{
        #[derive(Template)]
        #[template(path = $subject)]
        struct Subject<'a> {
            v: &'a View,
        }
        #[derive(Template)]
        #[template(path = $text)]
        struct Text<'a> {
            v: &'a View,
        }
        #[derive(Template)]
        #[template(path = $html)]
        struct Html<'a> {
            v: &'a View,
        }
        let subject = one_line(&Subject { v: &$view }.render()?);
        let view = View { subject, ..$view };
        let text = tidy(&Text { v: &view }.render()?);
        let html = Html { v: &view }.render()?;
        Ok(Rendered {
            subject: view.subject,
            text,
            html,
        })
    }};
}

/// Renders `job` in its language.
#[rustfmt::skip]
pub fn render(job: &MailJob, branding: &Branding) -> Result<Rendered, askama::Error> {
    use Language::{En, Pt};
    use MailMessage::{AccountChanged, ActivationLink, EnrolmentActivated, EnrolmentStarted, PasswordWithoutCode, RecoveryLink, SecurityChanged, SignInLocked, WrongCodes};
    let view = View::of(job, branding);
    match (&job.message, job.language) {
        (ActivationLink { .. }, Pt) => mail!(view, "mail/activation_link.pt.subject.txt", "mail/activation_link.pt.txt", "mail/activation_link.pt.html"),
        (ActivationLink { .. }, En) => mail!(view, "mail/activation_link.en.subject.txt", "mail/activation_link.en.txt", "mail/activation_link.en.html"),
        (EnrolmentStarted { .. }, Pt) => mail!(view, "mail/enrolment_started.pt.subject.txt", "mail/enrolment_started.pt.txt", "mail/enrolment_started.pt.html"),
        (EnrolmentStarted { .. }, En) => mail!(view, "mail/enrolment_started.en.subject.txt", "mail/enrolment_started.en.txt", "mail/enrolment_started.en.html"),
        (EnrolmentActivated { .. }, Pt) => mail!(view, "mail/enrolment_activated.pt.subject.txt", "mail/enrolment_activated.pt.txt", "mail/enrolment_activated.pt.html"),
        (EnrolmentActivated { .. }, En) => mail!(view, "mail/enrolment_activated.en.subject.txt", "mail/enrolment_activated.en.txt", "mail/enrolment_activated.en.html"),
        (WrongCodes { .. }, Pt) => mail!(view, "mail/wrong_codes.pt.subject.txt", "mail/wrong_codes.pt.txt", "mail/wrong_codes.pt.html"),
        (WrongCodes { .. }, En) => mail!(view, "mail/wrong_codes.en.subject.txt", "mail/wrong_codes.en.txt", "mail/wrong_codes.en.html"),
        (PasswordWithoutCode { .. }, Pt) => mail!(view, "mail/password_without_code.pt.subject.txt", "mail/password_without_code.pt.txt", "mail/password_without_code.pt.html"),
        (PasswordWithoutCode { .. }, En) => mail!(view, "mail/password_without_code.en.subject.txt", "mail/password_without_code.en.txt", "mail/password_without_code.en.html"),
        (SignInLocked { .. }, Pt) => mail!(view, "mail/sign_in_locked.pt.subject.txt", "mail/sign_in_locked.pt.txt", "mail/sign_in_locked.pt.html"),
        (SignInLocked { .. }, En) => mail!(view, "mail/sign_in_locked.en.subject.txt", "mail/sign_in_locked.en.txt", "mail/sign_in_locked.en.html"),
        (RecoveryLink { .. }, Pt) => mail!(view, "mail/recovery_link.pt.subject.txt", "mail/recovery_link.pt.txt", "mail/recovery_link.pt.html"),
        (RecoveryLink { .. }, En) => mail!(view, "mail/recovery_link.en.subject.txt", "mail/recovery_link.en.txt", "mail/recovery_link.en.html"),
        (SecurityChanged { .. }, Pt) => mail!(view, "mail/security_changed.pt.subject.txt", "mail/security_changed.pt.txt", "mail/security_changed.pt.html"),
        (SecurityChanged { .. }, En) => mail!(view, "mail/security_changed.en.subject.txt", "mail/security_changed.en.txt", "mail/security_changed.en.html"),
        (AccountChanged { .. }, Pt) => mail!(view, "mail/account_changed.pt.subject.txt", "mail/account_changed.pt.txt", "mail/account_changed.pt.html"),
        (AccountChanged { .. }, En) => mail!(view, "mail/account_changed.en.subject.txt", "mail/account_changed.en.txt", "mail/account_changed.en.html"),
    }
}

/// The link of `message` with which its reader can act; `None` when it has none.
pub fn own_link(message: &MailMessage) -> Option<&str> {
    match message {
        MailMessage::ActivationLink { url, .. }
        | MailMessage::SignInLocked { url, .. }
        | MailMessage::RecoveryLink { url, .. } => Some(url),
        MailMessage::EnrolmentStarted { not_me_url, .. }
        | MailMessage::EnrolmentActivated { not_me_url, .. }
        | MailMessage::PasswordWithoutCode { not_me_url, .. }
        | MailMessage::SecurityChanged { not_me_url, .. } => Some(not_me_url),
        MailMessage::WrongCodes { .. } | MailMessage::AccountChanged { .. } => None,
    }
}

impl View {
    fn of(job: &MailJob, branding: &Branding) -> Self {
        let acted = |at: &Circumstances| (at.at, at.client.clone());
        let (mut change, mut takes_effect) = ("", None);
        let ((at, client), until, count) = match &job.message {
            MailMessage::ActivationLink {
                started,
                expires_at,
                ..
            } => (acted(started), Some(*expires_at), 0),
            MailMessage::EnrolmentStarted {
                started,
                not_me_until,
                ..
            } => (acted(started), Some(*not_me_until), 0),
            MailMessage::EnrolmentActivated {
                confirmed,
                not_me_until,
                ..
            } => (acted(confirmed), Some(*not_me_until), 0),
            MailMessage::WrongCodes { last, failures } => (acted(last), None, *failures),
            MailMessage::PasswordWithoutCode {
                last,
                count,
                not_me_until,
                ..
            } => (acted(last), Some(*not_me_until), *count),
            MailMessage::SignInLocked { refused, until, .. } => (acted(refused), Some(*until), 0),
            MailMessage::RecoveryLink {
                requested, until, ..
            } => (acted(requested), Some(*until), 0),
            MailMessage::SecurityChanged {
                change: changed,
                done,
                left,
                takes_effect_at,
                not_me_until,
                ..
            } => {
                change = changed.into();
                takes_effect = *takes_effect_at;
                (acted(done), Some(*not_me_until), *left)
            }
            MailMessage::AccountChanged {
                at,
                change: changed,
            } => {
                change = changed.into();
                ((*at, ClientInfo::default()), None, 0)
            }
        };
        let local = |at: Timestamp| moment(at, branding.utc_offset_hours, job.language);
        let url: String = own_link(&job.message)
            .unwrap_or(&branding.public_url)
            .chars()
            .filter(char::is_ascii_graphic)
            .collect();
        Self {
            subject: String::new(),
            place: one_line(&branding.instance_label),
            support_name: one_line(&branding.support_name),
            support_email: one_line(branding.support_email.as_typed()),
            support_phone: one_line(&branding.support_phone),
            name: plain(&job.name, NAME),
            at: local(at),
            browser: value_or_unknown(plain(&client.browser, BROWSER), job.language),
            ip: value_or_unknown(client.ip_text(), job.language),
            host: host(&url).to_owned(),
            url,
            until: until.map(local).unwrap_or_default(),
            takes_effect: takes_effect.map(local).unwrap_or_default(),
            count,
            change,
        }
    }

    /// The first word of a mail: `Abra`, or `Ana Souza, abra` where the name is known.
    fn opening(&self, word: &str) -> String {
        if self.name.is_empty() {
            word.to_owned()
        } else {
            format!("{}, {}", self.name, word.to_lowercase())
        }
    }
}

/// `value`, or words for an unknown value when it is empty.
fn value_or_unknown(value: String, language: Language) -> String {
    match (value.is_empty(), language) {
        (false, _) => value,
        (true, Language::Pt) => "não informado".to_owned(),
        (true, Language::En) => "not known".to_owned(),
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
