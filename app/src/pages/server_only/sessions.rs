//! The person's own sessions, what happened to the account, and **Bloquear minha conta**.

use crate::api::account::{BlockAccount, EndOtherSessions, EndSession};
use crate::components::action;
use crate::components::frame::{DrawnPage, PageFrame};
use crate::model::UnixTime;
use crate::page_context::PageContext;
use crate::routes;
use leptos::prelude::*;

/// A session that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// Names the session in the form that ends it; it opens nothing.
    pub id: String,
    /// Whether it is the one that asks.
    pub is_this: bool,
    /// Whether it waits for the code.
    pub waits_for_code: bool,
    /// Empty when it is not known.
    pub browser: String,
    /// Empty when it is not known.
    pub ip: String,
    pub since: UnixTime,
    /// Exact to a minute.
    pub last_seen: UnixTime,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionsView {
    /// The one that asks comes first.
    pub sessions: Vec<SessionView>,
}

/// Something that happened to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    pub at: UnixTime,
    /// Event and outcome of the audit; `Locale::history_sentence` has the words.
    pub event: String,
    pub outcome: String,
    /// Empty when it is not known.
    pub ip: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryView {
    /// The newest first.
    pub lines: Vec<HistoryLine>,
}

pub fn draw(page_context: &PageContext, view: SessionsView) -> DrawnPage {
    let t = page_context.texts();
    let others = view.sessions.iter().any(|session| !session.is_this);
    let sessions = view
        .sessions
        .into_iter()
        .map(|session| one_session(page_context, session))
        .collect_view();
    PageFrame::new(page_context, t.sessions_title()).headed(view! {
        <ul class="rows">{sessions}</ul>
        <div class="actions">
            {others.then(|| {
                super::button_form::<EndOtherSessions>("button primary", t.sessions_end_others())
            })}
            <a class=if others { "button quiet" } else { "button primary" } href=routes::ACCOUNT>{t.back()}</a>
        </div>
        <p>{t.sessions_unknown()}" "<a href=routes::BLOCK>{t.block_title()}</a></p>
    })
}

fn one_session(page_context: &PageContext, session: SessionView) -> impl IntoView + use<> {
    let t = page_context.texts();
    let locale = page_context.locale;
    let browser = t.known_client(session.browser);
    let label = page_context.fill(t.sessions_end_one(), &[("browser", &browser)]);
    let state = match (session.is_this, session.waits_for_code) {
        (true, _) => Some(t.sessions_this()),
        (false, true) => Some(t.sessions_waits()),
        (false, false) => None,
    };
    let facts = page_context.fill(
        t.sessions_facts(),
        &[
            ("ip", &t.known_client(session.ip)),
            ("since", &locale.moment(session.since)),
            ("seen", &locale.moment(session.last_seen)),
        ],
    );
    view! {
        <li>
            <p><strong>{browser}</strong>{state.map(|state| format!(" ({state})"))}</p>
            <p class="small">{facts}</p>
            {(!session.is_this).then(|| view! {
                <form method="post" action={action::<EndSession>()}>
                    <input type="hidden" name="id" value=session.id/>
                    <button class="button quiet" aria-label=label>{t.sessions_end()}</button>
                </form>
            })}
        </li>
    }
}

pub fn draw_history(page_context: &PageContext, view: &HistoryView) -> DrawnPage {
    let t = page_context.texts();
    let locale = page_context.locale;
    let lines = view
        .lines
        .iter()
        .filter_map(|line| {
            let sentence = locale.history_sentence(&line.event, &line.outcome)?;
            let when = locale.moment(line.at);
            Some(view! {
                <li>
                    <p>{sentence}</p>
                    <p class="small">{if line.ip.is_empty() {
                        when
                    } else {
                        format!("{when}, {}", line.ip)
                    }}</p>
                </li>
            })
        })
        .collect_view();
    PageFrame::new(page_context, t.history_title()).headed(view! {
        <ul class="rows">{lines}</ul>
        <div class="actions">
            <a class="button primary" href=routes::ACCOUNT>{t.back()}</a>
        </div>
        <p>{t.sessions_unknown()}" "<a href=routes::BLOCK>{t.block_title()}</a></p>
    })
}

/// Asks once more, because only the support team can open the account again.
pub fn draw_block(page_context: &PageContext) -> DrawnPage {
    let t = page_context.texts();
    PageFrame::new(page_context, t.block_title()).headed(view! {
        <p class="lead">{t.block_effect()}</p>
        <div class="actions">
            {super::button_form::<BlockAccount>("button danger", t.block_button())}
            <a class="button quiet" href=routes::ACCOUNT>{t.back()}</a>
        </div>
        <p>{t.block_undone()}</p>
    })
}
