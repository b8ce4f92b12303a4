//! Recovery codes: made, shown once, and one typed to show that they are kept.

use crate::api::account::{KeepRecoveryCodes, MakeRecoveryCodes};
use crate::components::action;
use crate::components::copy_key::CopyKey;
use crate::components::field::Kind;
use crate::components::frame::{Done, DrawnPage};
use crate::components::island::Island;
use crate::components::keep_codes::KeepCodes;
use crate::components::problems::PageForm;
use crate::model::UnixTime;
use crate::page_context::PageContext;
use crate::routes;
use crate::text::date_time;
use crate::view::FormState;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;

/// Codes that were just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCodes {
    pub codes: Vec<String>,
    /// Whose they are; it stands on the sheet.
    pub sigla: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryCodesView {
    /// The form as it comes back.
    pub form: FormState,
    /// Whether one more code must be given first.
    pub needs_proof: bool,
    /// The codes that were just made; `None` at any other time.
    pub shown: Option<ShownCodes>,
    /// How many were not used yet.
    pub unused: i64,
    /// When they were made; `None` when there are none.
    pub made: Option<UnixTime>,
    /// Whether their owner has typed one to show that they are kept.
    pub kept: bool,
}

pub fn draw(page_context: &PageContext, view: &RecoveryCodesView) -> DrawnPage {
    let t = page_context.texts();
    let state = codes_state(page_context, view);
    let form = PageForm::new(page_context, &view.form, &[]);
    let content = match &view.shown {
        Some(shown) => EitherOf3::A(sheet(form, shown)),
        None if view.needs_proof => EitherOf3::B(super::proof_form(form, routes::RECOVERY_CODES)),
        None => EitherOf3::C(view! {
            <p class="lead">{t.codes_what()}</p>
            {state.map(|state| view! { <p><strong>{state}</strong></p> })}
            <div class="actions">
                {super::button_form::<MakeRecoveryCodes>(
                    "button primary",
                    if view.made.is_some() { t.codes_make_again() } else { t.codes_make() },
                )}
                <a class="button quiet" href=routes::ACCOUNT>{t.back()}</a>
            </div>
            {view.made.is_some().then(|| view! { <p>{t.codes_again_effect()}</p> })}
        }),
    };
    form.frame(t.codes_title()).headed(view! {
        {view.form.is_done().then(|| view! { <Done sentence=t.codes_kept().to_owned()/> })}
        {content}
    })
}

/// How many codes are left, in one sentence; `None` without codes.
fn codes_state(page_context: &PageContext, view: &RecoveryCodesView) -> Option<String> {
    let t = page_context.texts();
    let made = page_context.locale.day_and_time(view.made?);
    let left = view.unused.to_string();
    let state = page_context.fill(t.codes_left(), &[("left", &left), ("made", &made)]);
    Some(if view.kept {
        state
    } else {
        format!("{state} {}", t.codes_not_shown_kept())
    })
}

/// The codes with the ways to keep them, and the field in which one is typed again.
fn sheet(form: PageForm<'_>, shown: &ShownCodes) -> impl IntoView + use<> {
    let page_context = form.page_context;
    let t = page_context.texts();
    let locale = page_context.locale;
    // with the date in any case: the sheet is kept for years
    let made = date_time(locale.language, locale.now, locale.utc_offset_hours);
    let about = page_context.fill(
        t.codes_sheet(),
        &[
            ("instance", &page_context.label),
            ("sigla", &shown.sigla),
            ("made", &made),
        ],
    );
    let text = format!("{about}\n\n{}\n", shown.codes.join("\n"));
    let file = format!(
        "data:text/plain;charset=utf-8;base64,{}",
        data_encoding::BASE64.encode(text.as_bytes())
    );
    let copy = CopyKey {
        key: text,
        label: t.codes_copy().to_owned(),
        copied: t.codes_copied().to_owned(),
        failed: t.codes_copy_failed().to_owned(),
    };
    let print = t.codes_print().to_owned();
    let keep = Island::KeepCodes(KeepCodes { copy, print });
    let codes = shown
        .codes
        .iter()
        .map(|code| view! { <li>{code.clone()}</li> })
        .collect_view();
    let retype = view! {
        <form class="form" method="post" action={action::<KeepRecoveryCodes>()} novalidate>
            {form.field(Kind::RecoveryCode, t.codes_retype(), t.codes_retype_hint())}
            {super::send_or_leave(t.codes_keep(), routes::ACCOUNT, t.codes_skip())}
        </form>
    };
    let sheet = view! {
        <p class="lead">{t.codes_once()}</p>
        <div class="sheet">
            <p>{about}</p>
            <ol class="codes" aria-label=t.codes_title()>{codes}</ol>
        </div>
        <div class="actions">
            <a class="button" href=file download=t.codes_file()>{t.codes_download()}</a>
            {keep.place()}
        </div>
    };
    // what has to be mended stands directly below its message
    if form.state.is_rejected() {
        Either::Left((retype, sheet))
    } else {
        Either::Right((sheet, retype))
    }
}
