//! What is wrong with a form that comes back: the error summary, and what may help when a code is not accepted.

use super::support::phone_link;
use crate::model::CodeRefusal;
use crate::page_context::PageContext;
use crate::view::{FieldProblem, FormState, Problem};
use leptos::either::Either;
use leptos::prelude::*;

/// A form on its page, as it comes back.
#[derive(Clone, Copy)]
pub struct PageForm<'a> {
    pub page_context: &'a PageContext,
    pub state: &'a FormState,
    /// Ids of the fields directly below the error summary. They repeat nothing: their line in the summary describes them. The
    /// others repeat it between label and input.
    pub below_summary: &'a [&'a str],
}

/// Id of the element that tells what is wrong with a field.
pub fn error_id(field: &str) -> String {
    format!("{field}-error")
}

impl<'a> PageForm<'a> {
    pub const fn new(
        page_context: &'a PageContext,
        state: &'a FormState,
        below_summary: &'a [&'a str],
    ) -> Self {
        Self {
            page_context,
            state,
            below_summary,
        }
    }

    /// The error summary. It gets the focus when the page opens, also without JavaScript (R26), and each line leads to its
    /// field.
    pub fn summary(self) -> Option<impl IntoView + use<>> {
        if !self.state.is_rejected() {
            return None;
        }
        let locale = self.page_context.locale;
        let line = |found: &FieldProblem| {
            let FieldProblem { field, problem } = found;
            let sentence = locale.problem(field, problem);
            let phone = problem
                .asks_for_support()
                .then(|| phone_link(&self.page_context.support));
            if field.is_empty() {
                return Either::Left(view! { <li>{sentence}" "{phone}</li> });
            }
            let id = self
                .below_summary
                .contains(&&**field)
                .then(|| error_id(field));
            let href = format!("#{field}");
            Either::Right(view! { <li><a href=href id=id>{sentence}</a></li> })
        };
        let lines = self.state.problems.iter().map(line).collect_view();
        Some(view! {
            <div class="summary" role="alert" tabindex="-1" autofocus aria-labelledby="summary-title">
                <h2 id="summary-title">{locale.language.texts().summary_title()}</h2>
                <ul>{lines}</ul>
            </div>
        })
    }

    /// Why a code may not be accepted, with a cure for each reason; `None` when no code was verified. `account_label` names the
    /// account in the authenticator app.
    pub fn code_cures(self, account_label: &str) -> Option<impl IntoView + use<>> {
        let Some(Problem::Code(CodeRefusal::Wrong | CodeRefusal::ClockOff { .. })) =
            self.state.problem("code")
        else {
            return None;
        };
        let t = self.page_context.texts();
        let of_entry = |text| self.page_context.fill(text, &[("entry", account_label)]);
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
}
