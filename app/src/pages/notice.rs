//! The notice (manual: *Após ler a mensagem exibida pelo sistema, clique em prosseguir*).

use crate::{
    api::enrolment::{BeginEnrolment, CancelEnrolment},
    components::frame::{DrawnPage, PageFrame},
    speech::Speech,
    view::NoticeView,
};
use leptos::prelude::*;

const ANDROID: &str =
    "https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2";
const IPHONE: &str = "https://apps.apple.com/app/google-authenticator/id388497605";

/// What is about to happen and what is needed.
pub fn draw(speech: &Speech, view: &NoticeView) -> DrawnPage {
    let t = speech.texts();
    let entry = speech.label.clone();
    let old_entry = speech.fill(t.notice_old_entry(), &[("entry", &entry)]);
    let expired = speech.fill(t.notice_expired(), &[("entry", &entry)]);
    PageFrame::new(speech, t.notice_title())
        .with_form(&view.form)
        .with_step(1)
        .around(view! {
            <h1>{t.notice_title()}</h1>
            {view.required.then(|| view! {
                <div class="note" data-tone="info"><p>{t.notice_required()}</p></div>
            })}
            {view.expired.then(|| view! {
                <div class="note" data-tone="warning"><p>{expired}</p></div>
            })}
            <p class="lead">{t.notice_lead()}</p>
            <h2>{t.notice_need()}</h2>
            <ul>
                <li>{t.notice_need_app()}</li>
                <li>{t.notice_need_clock()}</li>
                <li>{t.notice_need_mail()}</li>
            </ul>
            <p>{t.notice_stores()}</p>
            <p class="stores">
                <a class="button" href=ANDROID rel="noreferrer">"Android"</a>
                <a class="button" href=IPHONE rel="noreferrer">"iPhone"</a>
            </p>
            <p>{t.notice_phone_alone()}" "{old_entry}</p>
            {view.voids_another.then(|| view! {
                <div class="note" data-tone="warning"><p>{t.notice_voids()}</p></div>
            })}
            <div class="actions">
                {super::button_form::<BeginEnrolment>("button primary", t.proceed())}
                {super::button_form::<CancelEnrolment>("button", t.cancel())}
            </div>
        })
        .erased()
}
