//! The link is on its way: truthful state, and what can be done meanwhile.

use crate::{
    api::enrolment::{BeginEnrolment, CancelEnrolment, ResendLink},
    components::{
        frame::{Done, DrawnPage, PageFrame},
        island::Island,
        problems::error_summary,
    },
    routes,
    speech::Speech,
    text::{Locale, times},
    view::{MailProgress, MailSentView, Progress},
};
use leptos::{either::EitherOf3, prelude::*};

/// In the address of *Já confirmei*, which asks how things stand, and not what was wrong before.
pub const CHECK_NOW: &str = "agora";

/// How things stand for who waits: heading and sentence of the page, as drawn and as the waiting
/// island is told (R17).
pub fn waiting_progress(locale: &Locale, mail: MailProgress, link_over: bool) -> Progress {
    let t = locale.lang.texts();
    let (heading, sentence) = match mail {
        _ if link_over => (t.mail_over_title(), t.mail_link_over().to_owned()),
        MailProgress::Queued => (t.mail_title(), t.mail_queued().to_owned()),
        MailProgress::Retrying => (t.mail_retrying_title(), t.mail_retrying().to_owned()),
        MailProgress::Accepted(at) => {
            let clock = locale.moment(at);
            let sentence = crate::text::fill(t.mail_accepted(), &[("clock", &clock)]);
            (t.mail_title(), sentence.into_owned())
        }
        MailProgress::Failed => (t.mail_failed_title(), t.mail_failed().to_owned()),
    };
    Progress {
        heading: heading.to_owned(),
        sentence,
        go: None,
    }
}

/// Waits for the link. One way on, which is what most likely comes next: the confirmation in the
/// mailbox; another mail where the link is over; another address where the mail was refused.
pub fn draw(speech: &Speech, view: &MailSentView) -> DrawnPage<impl IntoView + use<>> {
    let t = speech.texts();
    let locale = speech.locale;
    let refused = view.mail == MailProgress::Failed && !view.link_over;
    let initial = waiting_progress(&locale, view.mail, view.link_over);
    let title = initial.heading.clone();
    let wait = Island::WaitForLink { initial };
    let again = view.form.is_done().then(|| {
        let sentence = speech.fill(t.mail_again(), &[("address", &view.address)]);
        view! { <Done sentence/> }
    });
    let way_on = if refused {
        EitherOf3::A(view! {
            <a class="button primary" href=routes::CHANGE_ADDRESS>{t.change_address()}</a>
        })
    } else if view.link_over {
        EitherOf3::B(super::button_form::<ResendLink>(
            "button primary",
            t.resend(),
        ))
    } else {
        // what comes next is done in the mailbox, so the only button does not stand out
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
        let until = speech.fill(t.mail_until(), &[("until", &until)]);
        format!("{until} {}", t.mail_any_browser())
    });
    PageFrame::new(speech, &title)
        .with_form(&view.form)
        .with_step(3)
        .around(view! {
            <h1>{title.clone()}</h1>
            {error_summary(speech, &view.form, &[])}
            {again}
            // the manual's two sentences are what is done before the button
            <ol class="acts numbered">
                <li>
                    <p>{t.mail_sends()}</p>
                    <div class="wait">
                        <p class="wait-what">
                            {speech.fill(t.mail_waiting(), &[("address", &view.address)])}
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
            {provisional(speech, view)}
            // open where something went wrong: then it is what somebody needs
            <details class="more" open=refused || view.link_over || view.form.is_rejected()>
                <summary>{t.mail_not_there()}</summary>
                <p>{t.mail_not_there_help()}" "{valid}</p>
                {(!view.may_resend).then(|| view! {
                    <p>{speech.fill(t.resend_from(), &[("until", &locale.until(view.resend_at))])}</p>
                })}
                {details(speech, view)}
                <div class="actions quiet-row">
                    {(!view.link_over).then(|| {
                        super::button_form::<ResendLink>("button quiet", t.resend())
                    })}
                    {(!refused).then(|| view! {
                        <a class="button quiet" href=routes::CHANGE_ADDRESS>{t.change_address()}</a>
                    })}
                    {super::button_form::<BeginEnrolment>("button quiet", t.start_over())}
                    {super::button_form::<CancelEnrolment>("button quiet", t.cancel())}
                </div>
            </details>
        })
}

/// The way in before the confirmation, where the policy gives one and it was not used yet.
fn provisional(speech: &Speech, view: &MailSentView) -> Option<impl IntoView + use<>> {
    let t = speech.texts();
    let left = view
        .provisional_left
        .filter(|left| *left > 0 && !view.signed_in)?;
    let times = times(speech.locale.lang, left);
    Some(view! {
        <div class="note" data-tone="info">
            <p>{speech.fill(t.mail_provisional(), &[("times", &times)])}</p>
            <p><a href=routes::CODE>{t.mail_provisional_go()}</a></p>
        </div>
    })
}

/// What the mail server said, for who asks (R17: accepted is not delivered). Part of the fold.
fn details(speech: &Speech, view: &MailSentView) -> Option<impl IntoView + use<>> {
    let t = speech.texts();
    let MailProgress::Accepted(at) = view.mail else {
        return None;
    };
    let clock = speech.locale.moment(at);
    let sentence = speech.fill(
        t.mail_accepted_details(),
        &[("clock", &clock), ("address", &view.address)],
    );
    Some(view! { <p class="small muted">{sentence}</p> })
}
