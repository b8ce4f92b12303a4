//! The page that waits for the confirmation of the link: the true state of the mail, and what can be done meanwhile.

use crate::api::enrolment::{BeginEnrolment, CancelEnrolment, ResendLink};
use crate::components::frame::{Done, DrawnPage};
use crate::components::island::Island;
use crate::components::poll::WaitForLink;
use crate::components::problems::PageForm;
use crate::model::{MailProgress, UnixTime};
use crate::page_context::PageContext;
use crate::routes;
use crate::text::{times, waiting_progress};
use crate::view::FormState;
use leptos::either::EitherOf3;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

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
    /// Whether the address may be corrected.
    pub may_change_email: bool,
    /// Provisional sign-ins left; `None` where the policy allows none or none is left.
    pub provisional_left: Option<i64>,
    /// Whether the session is full, after a provisional sign-in or because the policy requires no factor.
    pub signed_in: bool,
}

/// Query of the link *Já confirmei*. It asks for the present state and drops what was wrong before.
pub const CHECK_NOW: &str = "agora";

/// Waits for the link. It has one prominent way to go on: the confirmation in the mailbox, another mail when the link has
/// expired, or another email when the mail was refused.
pub fn draw(page_context: &PageContext, view: &MailSentView) -> DrawnPage<impl IntoView + use<>> {
    let t = page_context.texts();
    let locale = page_context.locale;
    let refused = view.mail == MailProgress::Failed && !view.link_over;
    let initial = waiting_progress(&locale, view.mail, view.link_over);
    let title = initial.heading.clone();
    let wait = Island::WaitForLink(WaitForLink { initial });
    let again = view.form.is_done().then(|| {
        let sentence = page_context.fill(t.mail_again(), &[("address", &view.email)]);
        view! { <Done sentence/> }
    });
    let way_on = if refused && view.may_change_email {
        EitherOf3::A(view! {
            <a class="button primary" href=routes::CHANGE_EMAIL>{t.change_email()}</a>
        })
    } else if view.link_over || refused {
        EitherOf3::B(super::button_form::<ResendLink>(
            "button primary",
            t.resend(),
        ))
    } else {
        // the next step is in the mailbox, so the only button is not the primary one
        let label = if view.mail == MailProgress::Retrying {
            t.mail_check()
        } else {
            t.mail_reload()
        };
        EitherOf3::C(view! {
            <a class="button" href=format!("{}?{CHECK_NOW}", routes::MAIL_SENT)>{label}</a>
        })
    };
    let waiting = !refused && !view.link_over && view.mail != MailProgress::Retrying;
    let valid = (!view.link_over).then(|| {
        let until = locale.until(view.link_until);
        let until = page_context.fill(t.mail_until(), &[("until", &until)]);
        format!("{until} {}", t.mail_any_browser())
    });
    let form = PageForm::new(page_context, &view.form, &[]);
    form.frame(&title).with_step(3).around(view! {
        <h1>{title.clone()}</h1>
        {form.summary()}
        {again}
        // the manual's two sentences come first, because they are done before the button is pressed
        <ol class="acts numbered">
            <li>
                <p>{t.mail_sends()}</p>
                <div class="wait">
                    <p class="wait-what">
                        {page_context.fill(t.mail_waiting(), &[("address", &view.email)])}
                    </p>
                    {wait.place()}
                </div>
                {waiting.then(|| view! { <p>{t.mail_spam()}</p> })}
            </li>
            <li><p>{t.mail_confirm()}</p></li>
        </ol>
        {waiting.then(|| view! { <p>{t.mail_continues()}</p> })}
        <div class="actions">
            {way_on}
            {view.signed_in.then(|| view! {
                <a class="button quiet" href=routes::HOME>{t.mail_home()}</a>
            })}
        </div>
        {provisional(page_context, view)}
        // open after a problem, because then the person needs it
        <details class="more" open=refused || view.link_over || view.form.is_rejected()>
            <summary>{t.mail_not_there()}</summary>
            <p>{t.mail_not_there_help()}" "{valid}</p>
            {(locale.now < view.resend_at).then(|| view! {
                <p>{page_context.fill(t.resend_from(), &[("until", &locale.until(view.resend_at))])}</p>
            })}
            {details(page_context, view)}
            <div class="actions quiet-row">
                {(!view.link_over).then(|| {
                    super::button_form::<ResendLink>("button quiet", t.resend())
                })}
                {(!refused && view.may_change_email).then(|| view! {
                    <a class="button quiet" href=routes::CHANGE_EMAIL>{t.change_email()}</a>
                })}
                {super::button_form::<BeginEnrolment>("button quiet", t.start_over())}
                {super::button_form::<CancelEnrolment>("button quiet", t.cancel())}
            </div>
        </details>
    })
}

/// The provisional sign-in before the confirmation; `None` where the policy allows none or the session is full.
fn provisional(page_context: &PageContext, view: &MailSentView) -> Option<impl IntoView + use<>> {
    let t = page_context.texts();
    let left = view
        .provisional_left
        .filter(|left| *left > 0 && !view.signed_in)?;
    let times = times(page_context.locale.language, left);
    Some(view! {
        <div class="note" data-tone="info">
            <p>{page_context.fill(t.mail_provisional(), &[("times", &times)])}</p>
            <p><a href=routes::CODE>{t.mail_provisional_go()}</a></p>
        </div>
    })
}

/// When the mail server accepted the mail (R17: accepted is not delivered); `None` in other states. It is part of the fold.
fn details(page_context: &PageContext, view: &MailSentView) -> Option<impl IntoView + use<>> {
    let t = page_context.texts();
    let MailProgress::Accepted(at) = view.mail else {
        return None;
    };
    let clock = page_context.locale.moment(at);
    let sentence = page_context.fill(
        t.mail_accepted_details(),
        &[("clock", &clock), ("address", &view.email)],
    );
    Some(view! { <p class="small muted">{sentence}</p> })
}
