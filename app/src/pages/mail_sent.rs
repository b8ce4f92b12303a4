//! The link is on its way: truthful state, and what can be done meanwhile.

use crate::{
    api::enrolment::{BeginEnrolment, CancelEnrolment, ResendLink},
    components::{
        frame::{Done, DrawnPage, PageFrame},
        island::Island,
    },
    routes,
    speech::Speech,
    text::{Locale, times},
    view::{MailProgress, MailSentView, Progress},
};
use leptos::prelude::*;

/// In the address of *Verificar agora*, which asks how things stand, and not what was wrong before.
pub const CHECK_NOW: &str = "agora";

/// One sentence on where the mail is; the waiting island repeats it when it changes.
pub fn mail_sentence(locale: &Locale, mail: MailProgress) -> String {
    let t = locale.lang.texts();
    match mail {
        MailProgress::Queued => t.mail_queued().to_owned(),
        MailProgress::Retrying => t.mail_retrying().to_owned(),
        MailProgress::Accepted(at) => {
            crate::text::fill(t.mail_accepted(), &[("clock", &locale.moment(at))]).into_owned()
        }
        MailProgress::Failed => t.mail_failed().to_owned(),
    }
}

/// Waits for the link.
pub fn draw(speech: &Speech, view: &MailSentView) -> DrawnPage<impl IntoView + use<>> {
    let t = speech.texts();
    let locale = speech.locale;
    let state = if view.link_over {
        t.mail_link_over().to_owned()
    } else {
        mail_sentence(&locale, view.mail)
    };
    let wait = Island::WaitForLink {
        initial: Progress {
            sentence: state,
            go: None,
        },
    };
    let left = view
        .provisional_left
        .filter(|left| *left > 0 && !view.signed_in);
    let again = view.form.is_done().then(|| {
        let sentence = speech.fill(t.mail_again(), &[("address", &view.address)]);
        view! { <Done sentence/> }
    });
    PageFrame::new(speech, t.mail_title())
        .with_form(&view.form)
        .with_step(3)
        .around(view! {
            <h1>{t.mail_title()}</h1>
            {again}
            <p class="lead">{t.mail_lead()}</p>
            <section class="wait">
                <p class="wait-what">
                    {speech.fill(t.mail_waiting(), &[("address", &view.address)])}
                </p>
                <dl class="facts">
                    <div><dt>{t.mail_state()}</dt><dd>{wait.place()}</dd></div>
                    {(!view.link_over).then(|| view! {
                        <div>
                            <dt>{t.mail_until()}</dt>
                            <dd>{locale.until(view.link_until)}</dd>
                        </div>
                    })}
                </dl>
                <p>{t.mail_any_browser()}</p>
                <p><a class="button" href=format!("{}?{CHECK_NOW}", routes::MAIL_SENT)>{t.mail_reload()}</a></p>
            </section>
            {left.map(|left| view! {
                <div class="note" data-tone="info">
                    <p>{speech.fill(t.mail_provisional(), &[("times", &times(locale.lang, left))])}</p>
                    <p><a href=routes::CODE>{t.mail_provisional_go()}</a></p>
                </div>
            })}
            {view.signed_in.then(|| view! {
                <p><a class="button" href=routes::HOME>{t.mail_home()}</a></p>
            })}
            <h2>{t.mail_not_there()}</h2>
            <p>{t.mail_not_there_help()}</p>
            {(!view.may_resend).then(|| view! {
                <p class="small">
                    {speech.fill(t.resend_from(), &[("until", &locale.until(view.resend_at))])}
                </p>
            })}
            <div class="actions">
                {super::button_form::<ResendLink>("button", t.resend())}
                <a class="button" href=routes::CHANGE_ADDRESS>{t.change_address()}</a>
                {super::button_form::<BeginEnrolment>("button quiet", t.start_over())}
                {super::button_form::<CancelEnrolment>("button quiet", t.cancel())}
            </div>
        })
}
