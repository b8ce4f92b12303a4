//! What is wrong with a form that comes back: the error summary, and what may help when a code is not accepted.

use super::support::phone_link;
use crate::model::CodeRefusal;
use crate::page_context::PageContext;
use crate::view::{FormState, Problem};
use leptos::either::Either;
use leptos::prelude::*;

/// Where a page tells what is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorPlace {
    /// Only in the summary, which stands directly above the field.
    Summary,
    /// In the summary, and in the same words between label and input of the field.
    Field,
}

/// Id of the element that tells what is wrong with a field.
pub fn error_id(field: &str) -> String {
    format!("{field}-error")
}

/// The error summary. It gets the focus when the page opens, also without JavaScript (R26), and each line leads to its field.
/// The fields in `above` stand directly below it and repeat nothing ([`ErrorPlace::Summary`]): their line here describes
/// them.
pub fn error_summary(
    page_context: &PageContext,
    form: &FormState,
    above: &[&str],
) -> Option<impl IntoView + use<>> {
    if !form.is_rejected() {
        return None;
    }
    let locale = page_context.locale;
    let support = &page_context.support;
    let items = form
        .problems
        .iter()
        .map(|found| {
            let sentence = locale.problem(&found.field, &found.problem);
            let phone = found
                .problem
                .asks_for_support()
                .then(|| phone_link(support));
            if found.field.is_empty() {
                Either::Left(view! { <li>{sentence}" "{phone}</li> })
            } else {
                let href = format!("#{}", found.field);
                let id = above
                    .contains(&found.field.as_str())
                    .then(|| error_id(&found.field));
                Either::Right(view! { <li><a href=href id=id>{sentence}</a></li> })
            }
        })
        .collect_view();
    Some(view! {
        <div class="summary" role="alert" tabindex="-1" autofocus aria-labelledby="summary-title">
            <h2 id="summary-title">{locale.language.texts().summary_title()}</h2>
            <ul>{items}</ul>
        </div>
    })
}

/// Why a code may not be accepted, with a cure for each reason; `None` when no code was verified. `account_label` names the
/// account in the authenticator app.
pub fn code_cures(
    page_context: &PageContext,
    form: &FormState,
    account_label: &str,
) -> Option<impl IntoView + use<>> {
    let judged = matches!(
        form.problem("code"),
        Some(Problem::Code(
            CodeRefusal::Wrong | CodeRefusal::ClockOff { .. }
        ))
    );
    if !judged {
        return None;
    }
    let t = page_context.texts();
    let of_entry = |text| page_context.fill(text, &[("entry", account_label)]);
    let (right, old) = (of_entry(t.cure_entry()), of_entry(t.cure_old()));
    Some(view! {
        <aside class="cures" aria-labelledby="cures">
            <h2 id="cures">{t.cure_title()}</h2>
            <ul>
                <li>{t.cure_clock()}</li>
                <li>{right}</li>
                <li>{old}</li>
            </ul>
        </aside>
    })
}
