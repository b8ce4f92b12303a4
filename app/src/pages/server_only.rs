//! The pages that only the server draws, one file each.

pub mod authenticators;
pub mod change_email;
pub mod code;
pub mod fault;
pub mod home;
pub mod intro;
pub mod link;
pub mod lost_phone;
pub mod not_me;
pub mod privacy;
pub mod recovery_codes;
pub mod sessions;
pub mod sign_in;
pub mod sign_in_link;
pub mod support_desk;

/// What each page is told. The rest of the code names these as `app::view`.
pub mod views {
    pub use super::PageView;
    pub use super::authenticators::AuthenticatorsView;
    pub use super::change_email::ChangeEmailView;
    pub use super::code::CodeView;
    pub use super::fault::FaultView;
    pub use super::home::{CodesNotice, FactorView, HomeView};
    pub use super::intro::IntroView;
    pub use super::link::LinkView;
    pub use super::lost_phone::{LostPhoneView, MailboxWay, RecoveryLinkView, WaitingEntry};
    pub use super::not_me::{NotMeView, ReportedAct};
    pub use super::recovery_codes::{RecoveryCodesView, ShownCodes};
    pub use super::sessions::{HistoryLine, HistoryView, SessionView, SessionsView};
    pub use super::sign_in::SignInView;
    pub use super::sign_in_link::SignInLinkView;
    pub use super::support_desk::{EntryView, SupportDeskView, WhatHappened};
}

use super::{ClientPage, address_question, button_form, draw_client_page, wait_for_sync};
use crate::api::account::ConfirmIdentity;
use crate::components::action;
use crate::components::field::Kind;
use crate::components::frame::{DrawnPage, PageFrame};
use crate::components::problems::PageForm;
use crate::components::support::call_link;
use crate::model::LinkRefusal;
use crate::page_context::PageContext;
use crate::routes;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// A page as data, one variant for each screen.
pub enum PageView {
    SignIn(sign_in::SignInView),
    Code(code::CodeView),
    Intro(intro::IntroView),
    ChangeEmail(change_email::ChangeEmailView),
    /// The page behind an activation link.
    Link(link::LinkView),
    /// **Não fui eu** was pressed on an activation link.
    Denied,
    Home(home::HomeView),
    /// *Segurança da conta*.
    Account(home::HomeView),
    RecoveryCodes(recovery_codes::RecoveryCodesView),
    NewPhone(authenticators::AuthenticatorsView),
    Authenticators(authenticators::AuthenticatorsView),
    Sessions(sessions::SessionsView),
    History(sessions::HistoryView),
    /// **Bloquear minha conta**.
    Block,
    Blocked,
    LostPhone(lost_phone::LostPhoneView),
    StolenPhone(lost_phone::LostPhoneView),
    RecoveryLink(lost_phone::RecoveryLinkView),
    SupportDesk(support_desk::SupportDeskView),
    /// A request that waits, for the support team.
    Entry(support_desk::EntryView),
    /// The page behind **Não fui eu** of a security alert.
    NotMe(not_me::NotMeView),
    /// The page behind a link that lets one browser try to sign in.
    SignInLink(sign_in_link::SignInLinkView),
    Privacy,
    /// A page that the browser can draw too.
    Client(ClientPage),
    /// A request failed; there is no other page.
    Fault(fault::FaultView),
}

impl PageView {
    /// Whether the page shows a secret (R6). It is never compressed, because it also repeats what was typed (BREACH), and
    /// never kept for Back.
    pub const fn holds_secret(&self) -> bool {
        match self {
            Self::Client(ClientPage::Enrol(_)) => true,
            Self::RecoveryCodes(view) => view.shown.is_some(),
            _ => false,
        }
    }
}

/// Draws any page. The caller must be inside a reactive owner ([`render`]).
pub fn draw(page_context: &PageContext, view: PageView) -> DrawnPage {
    match view {
        PageView::SignIn(view) => sign_in::draw(page_context, &view),
        PageView::Code(view) => code::draw(page_context, &view),
        PageView::Intro(view) => intro::draw(page_context, &view),
        PageView::ChangeEmail(view) => change_email::draw(page_context, &view),
        PageView::Link(view) => link::draw(page_context, view),
        PageView::Denied => link::draw_denied(page_context),
        PageView::Home(view) => home::draw(page_context, &view),
        PageView::Account(view) => home::draw_account(page_context, &view),
        PageView::RecoveryCodes(view) => recovery_codes::draw(page_context, &view),
        PageView::NewPhone(view) => authenticators::draw_new_phone(page_context, &view),
        PageView::Authenticators(view) => authenticators::draw_authenticators(page_context, &view),
        PageView::Sessions(view) => sessions::draw(page_context, view),
        PageView::History(view) => sessions::draw_history(page_context, &view),
        PageView::Block => sessions::draw_block(page_context),
        PageView::Blocked => not_me::draw_reported(page_context, &[]),
        PageView::LostPhone(view) => lost_phone::draw(page_context, &view),
        PageView::StolenPhone(view) => lost_phone::draw_stolen(page_context, &view),
        PageView::RecoveryLink(view) => lost_phone::draw_link(page_context, view),
        PageView::SupportDesk(view) => support_desk::draw(page_context, &view),
        PageView::Entry(view) => support_desk::draw_entry(page_context, view),
        PageView::NotMe(view) => not_me::draw(page_context, view),
        PageView::SignInLink(view) => sign_in_link::draw(page_context, view),
        PageView::Privacy => privacy::draw(page_context),
        PageView::Client(page) => draw_client_page(page_context, page).erased(),
        PageView::Fault(view) => fault::draw(page_context, view),
    }
}

/// Runs `draw` inside a new reactive owner, which is dropped afterwards.
pub fn render<T>(draw: impl FnOnce() -> T) -> T {
    Owner::new().with(draw)
}

/// A view as HTML, without the comments that only hydration needs.
pub fn to_html(view: impl IntoView) -> String {
    view.into_view().to_html().replace("<!>", "")
}

/// Asks for one more code before the account page at `page` shows what it is for. Whoever finds a browser with an open session
/// changes nothing.
fn proof_form(form: PageForm<'_>, page: &'static str) -> impl IntoView + use<> {
    let t = form.page_context.texts();
    view! {
        <p class="lead">{t.proof_why()}</p>
        <form class="form" method="post" action={action::<ConfirmIdentity>()} novalidate>
            <input type="hidden" name="to" value=page/>
            {form.field(Kind::AnyCode, t.proof_label(), t.proof_hint())}
            {send_or_leave(t.proof_submit(), routes::ACCOUNT, t.back())}
        </form>
    }
}

/// The button that sends a form, beside the link by which one leaves it.
fn send_or_leave(
    send: &'static str,
    page: &'static str,
    leave: &'static str,
) -> impl IntoView + use<> {
    view! {
        <div class="actions">
            <button class="button primary">{send}</button>
            <a class="button quiet" href=page>{leave}</a>
        </div>
    }
}

/// A form with one button that posts the token of a link.
fn token_form<F: ServerFn>(
    class: &'static str,
    label: &'static str,
    token: String,
) -> impl IntoView {
    view! {
        <form method="post" action={action::<F>()}>
            <input type="hidden" name="token" value=token/>
            <button class=class>{label}</button>
        </form>
    }
}

/// A radio button with its label.
fn choice(name: &'static str, value: String, label: String, checked: bool) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="radio" name=name value=value checked=checked/>
            {label}
        </label>
    }
}

/// The page of a link that does not work: the reason and a link to sign-in.
fn refused(page_context: &PageContext, why: LinkRefusal) -> DrawnPage {
    let t = page_context.texts();
    let (title, sentence) = match why {
        LinkRefusal::Unknown => (t.refused_unknown_title(), t.refused_unknown()),
        LinkRefusal::Expired => (t.refused_expired_title(), t.refused_expired()),
        LinkRefusal::Used => (t.refused_used_title(), t.refused_used()),
        LinkRefusal::NewerQr => (t.refused_replaced_title(), t.refused_newer()),
        LinkRefusal::EmailCorrected => (t.refused_replaced_title(), t.refused_address()),
        LinkRefusal::Cancelled => (t.refused_cancelled_title(), t.refused_cancelled()),
    };
    leads_to_sign_in(page_context, title, sentence)
}

/// A page of one sentence, which leads to sign-in.
fn leads_to_sign_in(page_context: &PageContext, title: &str, sentence: &'static str) -> DrawnPage {
    PageFrame::new(page_context, title).headed(view! {
        <p class="lead">{sentence}</p>
        <div class="actions">
            <a class="button primary" href=routes::SIGN_IN>{page_context.texts().go_sign_in()}</a>
        </div>
    })
}

/// Where somebody goes whose account or enrolment was just closed: to the support team, or to sign-in.
fn call_or_sign_in(page_context: &PageContext) -> impl IntoView + use<> {
    view! {
        <div class="actions">
            {call_link(page_context, "button primary")}
            <a class="button quiet" href=routes::SIGN_IN>{page_context.texts().back_to_sign_in()}</a>
        </div>
    }
}
