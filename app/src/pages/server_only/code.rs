//! The code page, after the password.

use crate::api::sign_in::{SignOut, VerifyCode};
use crate::components::action;
use crate::components::field::Kind;
use crate::components::frame::{DrawnPage, PageFrame};
use crate::components::problems::PageForm;
use crate::components::support::{call_link, support_links};
use crate::model::UnixTime;
use crate::page_context::PageContext;
use crate::routes;
use crate::text::times;
use crate::view::FormState;
use leptos::either::Either;
use leptos::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeView {
    /// The form as it comes back.
    pub form: FormState,
    /// The sigla, so that people see whose code is asked for.
    pub sigla: String,
    /// Account label in the authenticator app: `e-Proc/JMU`.
    pub account_label: String,
    /// `None`: not locked. `Some(None)`: locked until an unlock.
    pub locked: Option<Option<UnixTime>>,
    /// Provisional sign-ins left; `None` when the factor is active.
    pub provisional_left: Option<i64>,
}

/// Asks for the code, or tells how long the account is locked.
pub fn draw(page_context: &PageContext, view: &CodeView) -> DrawnPage {
    match view.locked {
        Some(until) => locked(page_context, until),
        None => ask(page_context, view),
    }
}

/// The page of a lock, the same for a right and a wrong code (R4).
fn locked(page_context: &PageContext, until: Option<i64>) -> DrawnPage {
    let t = page_context.texts();
    let (sentence, way_on) = match until {
        Some(until) => {
            let until = page_context.locale.until(until);
            let sentence = page_context.fill(t.code_locked_until(), &[("until", &until)]);
            let retry = view! { <a class="button primary" href=routes::CODE>{t.retry()}</a> };
            (sentence, Either::Left(retry))
        }
        None => (
            t.code_locked_for_good().to_owned(),
            Either::Right(call_link(page_context, "button primary")),
        ),
    };
    PageFrame::new(page_context, t.code_locked_title()).headed(view! {
        <p class="lead">{sentence}</p>
        <div class="actions">
            {way_on}
            {super::button_form::<SignOut>("button quiet", t.leave())}
        </div>
        <p><a href=routes::LOST_PHONE>{t.code_lost()}</a></p>
    })
}

fn ask(page_context: &PageContext, view: &CodeView) -> DrawnPage {
    let t = page_context.texts();
    let form = PageForm::new(page_context, &view.form, &["code"]);
    let hint = page_context.fill(
        t.code_for(),
        &[("sigla", &view.sigla), ("entry", &view.account_label)],
    );
    // part of the hint, so that a screen reader says it with the field, which has the focus
    let hint = match view.provisional_left {
        Some(left) => {
            let times = times(page_context.locale.language, left);
            let provisional = page_context.fill(t.code_provisional(), &[("times", &times)]);
            format!("{provisional} {hint}")
        }
        None => hint,
    };
    form.frame(t.code_title())
        .around(view! {
            <h1><label for="code">{t.code_title()}</label></h1>
            {form.summary()}
            <form class="form" method="post" action={action::<VerifyCode>()} novalidate>
                {form.field(Kind::MainCode, t.code_title(), &hint)}
                <div class="actions">
                    <button class="button primary">{t.code_submit()}</button>
                </div>
            </form>
            {form.code_cures(&view.account_label)}
            {match view.provisional_left {
                Some(_) => Either::Left(view! {
                    <p><a href=routes::MAIL_SENT>{t.factor_go_pending()}</a></p>
                    <details class="more">
                    <summary>{t.code_lost()}</summary>
                    <p>{t.code_lost_help()}" "{support_links(page_context)}"."</p>
                </details>
                }),
                None => Either::Right(view! {
                    <p><a href=routes::LOST_PHONE>{t.code_lost()}</a></p>
                }),
            }}
            <div class="actions quiet-row">
                {super::button_form::<SignOut>("button quiet", t.code_other_person())}
            </div>
        })
        .erased()
}
