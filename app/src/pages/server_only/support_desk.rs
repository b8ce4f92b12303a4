//! *Suporte*: a member of the support team looks for a request by its number, sees what happened, and approves.

use crate::api::account::{ApproveEntry, FindEntry};
use crate::components::action;
use crate::components::field::Kind;
use crate::components::frame::{Done, DrawnPage};
use crate::components::problems::{PageForm, error_id};
use crate::model::{IdentityCheck, UnixTime};
use crate::page_context::PageContext;
use crate::routes;
use crate::view::FormState;
use leptos::either::Either;
use leptos::prelude::*;

/// What happened before somebody asked for an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhatHappened {
    pub password_at: UnixTime,
    /// Wrong codes of the last hour.
    pub wrong_codes: i64,
    /// Time steps of 30 seconds by which the phone's clock is ahead, negative when behind; `None` when no code has shown it.
    pub clock_steps: Option<i64>,
    /// Until when no code is judged.
    pub locked_until: Option<UnixTime>,
}

/// The page of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportDeskView {
    /// The form as it comes back.
    pub form: FormState,
}

/// A request that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryView {
    /// The form as it comes back.
    pub form: FormState,
    /// The six digits that the person tells.
    pub number: String,
    pub name: String,
    /// Only three digits of one that is a CPF.
    pub sigla: String,
    /// The codes of the person's profiles.
    pub profiles: Vec<String>,
    /// Masked: the personal email first, then the registered contacts.
    pub emails: Vec<String>,
    pub browser: String,
    pub ip: String,
    pub happened: WhatHappened,
    pub until: UnixTime,
    pub is_stolen: bool,
    /// The checks that the operator allows.
    pub checks: Vec<IdentityCheck>,
    /// Whether two members have to approve, one of them a supervisor.
    pub needs_second: bool,
    /// How many have.
    pub approvals: usize,
}

pub fn draw(page_context: &PageContext, view: &SupportDeskView) -> DrawnPage {
    let t = page_context.texts();
    let done = match &*view.form.value("approved") {
        "done" => Some(t.desk_approved()),
        "second" => Some(t.desk_second_needed()),
        _ => None,
    };
    let form = PageForm::new(page_context, &view.form, &["number"]);
    form.frame(t.desk_title()).headed(view! {
        {done.map(|sentence| view! { <Done sentence=sentence.to_owned()/> })}
        <form class="form" method="post" action={action::<FindEntry>()} novalidate>
            {form.field(Kind::EntryNumber, t.desk_number(), t.desk_number_hint())}
            {super::send_or_leave(t.desk_find(), routes::HOME, t.account_back())}
        </form>
    })
}

pub fn draw_entry(page_context: &PageContext, view: EntryView) -> DrawnPage {
    let t = page_context.texts();
    let locale = page_context.locale;
    let form = PageForm::new(page_context, &view.form, &[]);
    let title = page_context.fill(t.desk_entry_title(), &[("name", &view.name)]);
    let problem = form
        .state
        .problem("check")
        .map(|problem| locale.problem("check", problem));
    let invalid = problem.as_ref().map(|_| "true");
    let problem_id = problem.as_ref().map(|_| error_id("check"));
    let chosen = form.state.value("check");
    let checks = view.checks.iter().map(|check| {
        let label = match check {
            IdentityCheck::InPerson => t.check_in_person(),
            IdentityCheck::Video => t.check_video(),
            IdentityCheck::CallBack => t.check_call_back(),
        };
        let code = check.code();
        super::choice("check", code.to_owned(), label.to_owned(), chosen == code)
    });
    let second = view.needs_second.then(|| {
        let sentence = if view.approvals == 0 {
            t.desk_needs_two()
        } else {
            t.desk_needs_another()
        };
        view! { <p><strong>{sentence}</strong></p> }
    });
    let known = view! {
        <p class="lead">{locale.what_happened(&view.happened)}</p>
        {view.is_stolen.then(|| view! { <p><strong>{t.desk_stolen()}</strong></p> })}
        {second}
        <dl class="facts">
            <div><dt>{t.home_user()}</dt><dd>{view.sigla}</dd></div>
            <div><dt>{t.home_profiles()}</dt><dd>{locale.profiles(&view.profiles)}</dd></div>
            <div><dt>{t.desk_emails()}</dt><dd>{view.emails.join(", ")}</dd></div>
            <div><dt>{t.desk_from()}</dt><dd>{format!("{}, {}", view.browser, view.ip)}</dd></div>
            <div><dt>{t.desk_until()}</dt><dd>{locale.until(view.until)}</dd></div>
        </dl>
    };
    let decide = view! {
        <form class="form" method="post" action={action::<ApproveEntry>()} novalidate>
            <input type="hidden" name="number" value=view.number/>
            <fieldset class="choices" id="check" role="radiogroup" aria-invalid=invalid aria-describedby=problem_id>
                <legend>{t.desk_check()}</legend>
                {problem.map(|problem| view! {
                    <p class="field-error" id=error_id("check")>{problem}</p>
                })}
                {checks.collect_view()}
            </fieldset>
            {form.field(Kind::Reason, t.desk_reason(), "")}
            {form.field(Kind::Code, t.desk_code(), "")}
            {super::send_or_leave(t.desk_approve(), routes::SUPPORT_DESK, t.back())}
        </form>
    };
    // what has to be mended stands directly below its message
    let content = if form.state.is_rejected() {
        Either::Left((decide, known))
    } else {
        Either::Right((known, decide))
    };
    form.frame(&title).headed(view! {
        {content}
        <p>{t.desk_effect()}</p>
    })
}
