//! The screens of the manual and the pages around them, one file each: the view, and the page drawn from it. The browser
//! draws those of [`ClientPage`]; the server draws all of them.

pub mod activated;
pub mod enrol;
pub mod mail_sent;

#[cfg(feature = "ssr")]
mod authenticators;
#[cfg(feature = "ssr")]
mod change_email;
#[cfg(feature = "ssr")]
mod code;
#[cfg(feature = "ssr")]
mod fault;
#[cfg(feature = "ssr")]
mod home;
#[cfg(feature = "ssr")]
mod intro;
#[cfg(feature = "ssr")]
mod link;
#[cfg(feature = "ssr")]
mod lost_phone;
#[cfg(feature = "ssr")]
mod not_me;
#[cfg(feature = "ssr")]
mod privacy;
#[cfg(feature = "ssr")]
mod recovery_codes;
#[cfg(feature = "ssr")]
mod sessions;
#[cfg(feature = "ssr")]
mod sign_in;
#[cfg(feature = "ssr")]
mod sign_in_link;
#[cfg(feature = "ssr")]
mod support_desk;

/// What each page is told. The rest of the code names these as `app::view`.
pub mod views {
    pub use super::ClientPage;
    pub use super::activated::{ActivatedView, WayOn};
    pub use super::enrol::EnrolView;
    pub use super::mail_sent::MailSentView;
    #[cfg(feature = "ssr")]
    pub use super::{
        PageView,
        authenticators::AuthenticatorsView,
        change_email::ChangeEmailView,
        code::CodeView,
        fault::FaultView,
        home::{CodesNotice, FactorView, HomeView},
        intro::IntroView,
        link::LinkView,
        lost_phone::{LostPhoneView, MailboxWay, RecoveryLinkView, WaitingEntry},
        not_me::{NotMeView, ReportedAct},
        recovery_codes::{RecoveryCodesView, ShownCodes},
        sessions::{HistoryLine, HistoryView, SessionView, SessionsView},
        sign_in::SignInView,
        sign_in_link::SignInLinkView,
        support_desk::{EntryView, SupportDeskView, WhatHappened},
    };
}

use crate::components::action;
use crate::components::frame::DrawnPage;
use crate::components::island::Island;
use crate::components::poll::WaitForSync;
use crate::components::problems::PageForm;
use crate::model::EmailRefusal;
use crate::page_context::PageContext;
use crate::view::{Problem, SyncReport};
#[cfg(feature = "ssr")]
use crate::{
    api::account::ConfirmIdentity,
    components::{field::Kind, frame::PageFrame, support::call_link},
    model::LinkRefusal,
    routes,
};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

/// A page as data, one variant for each screen.
#[cfg(feature = "ssr")]
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

#[cfg(feature = "ssr")]
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

/// The pages that a running document gets as data and draws itself (decision 13).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientPage {
    /// The enrol page, the only page with a secret (R6).
    Enrol(enrol::EnrolView),
    /// The page that waits for the link.
    MailSent(mail_sent::MailSentView),
    /// The activated page; `None` when the request has neither receipt nor cookie (R14).
    Activated {
        view: Option<activated::ActivatedView>,
    },
}

/// Draws a page that the browser can draw too. The caller must be inside a reactive owner.
pub fn draw_client_page(
    page_context: &PageContext,
    page: ClientPage,
) -> DrawnPage<impl IntoView + use<>> {
    match page {
        ClientPage::Enrol(view) => enrol::draw(page_context, view).map(EitherOf3::A),
        ClientPage::MailSent(view) => mail_sent::draw(page_context, &view).map(EitherOf3::B),
        ClientPage::Activated { view } => activated::draw(page_context, view).map(EitherOf3::C),
    }
}

/// Draws any page. The caller must be inside a reactive owner ([`render`]).
#[cfg(feature = "ssr")]
pub fn draw(page_context: &PageContext, view: PageView) -> DrawnPage {
    match view {
        PageView::SignIn(view) => sign_in::draw(page_context, &view),
        PageView::Code(view) => code::draw(page_context, &view),
        PageView::Intro(view) => intro::draw(page_context, &view),
        PageView::ChangeEmail(view) => change_email::draw(page_context, view),
        PageView::Link(view) => link::draw(page_context, view),
        PageView::Denied => link::draw_denied(page_context),
        PageView::Home(view) => home::draw(page_context, view),
        PageView::Account(view) => home::draw_account(page_context, view),
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
#[cfg(feature = "ssr")]
pub fn render<T>(draw: impl FnOnce() -> T) -> T {
    Owner::new().with(draw)
}

/// A view as HTML, without the comments that only hydration needs.
#[cfg(feature = "ssr")]
pub fn to_html(view: impl IntoView) -> String {
    view.into_view().to_html().replace("<!>", "")
}

/// A form with one button and no fields.
fn button_form<F: ServerFn>(class: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <form method="post" action={action::<F>()}>
            <button class=class>{label}</button>
        </form>
    }
}

/// Asks for one more code before the account page at `page` shows what it is for. Whoever finds a browser with an open session
/// changes nothing.
#[cfg(feature = "ssr")]
fn proof_form(form: PageForm<'_>, page: &'static str) -> impl IntoView + use<> {
    let t = form.page_context.texts();
    view! {
        <p class="lead">{t.proof_why()}</p>
        <form class="form" method="post" action={action::<ConfirmIdentity>()} novalidate>
            <input type="hidden" name="to" value=page/>
            {form.field(Kind::AnyCode, t.proof_label(), t.proof_hint())}
            <div class="actions">
                <button class="button primary">{t.proof_submit()}</button>
                <a class="button quiet" href=routes::ACCOUNT>{t.back()}</a>
            </div>
        </form>
    }
}

/// A form with one button that posts the token of a link.
#[cfg(feature = "ssr")]
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

/// The question about an email that may have a typing error: take the suggestion or keep the email. An answer stays while
/// other fields are corrected.
fn address_question(form: PageForm<'_>) -> impl IntoView + use<> {
    let PageForm {
        page_context,
        state: form,
        ..
    } = form;
    let t = page_context.texts();
    let Some(Problem::Email(EmailRefusal::Suggestion { suggestion })) = form.problem("email")
    else {
        let answer = form.value("confirmed");
        let answered = (!answer.is_empty())
            .then(|| view! { <input type="hidden" name="confirmed" value=answer/> });
        return Either::Left(answered);
    };
    let typed = form.value("email");
    let choices = [
        (
            page_context.fill(t.email_use(), &[("suggestion", suggestion)]),
            suggestion.clone(),
        ),
        (
            page_context.fill(t.email_keep(), &[("typed", &typed)]),
            typed,
        ),
    ]
    .map(|(label, value)| {
        view! {
            <label class="choice">
                <input type="radio" name="confirmed" value=value/>
                {label}
            </label>
        }
    });
    Either::Right(view! {
        <fieldset class="choices" aria-describedby="email-error">
            <legend>{t.email_question()}</legend>
            {choices.into_iter().collect_view()}
        </fieldset>
    })
}

/// The page of a link that does not work: the reason and a link to sign-in.
#[cfg(feature = "ssr")]
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
#[cfg(feature = "ssr")]
fn leads_to_sign_in(page_context: &PageContext, title: &str, sentence: &'static str) -> DrawnPage {
    PageFrame::new(page_context, title).headed(view! {
        <p class="lead">{sentence}</p>
        <div class="actions">
            <a class="button primary" href=routes::SIGN_IN>{page_context.texts().go_sign_in()}</a>
        </div>
    })
}

/// Where somebody goes whose account or enrolment was just closed: to the support team, or to sign-in.
#[cfg(feature = "ssr")]
fn call_or_sign_in(page_context: &PageContext) -> impl IntoView + use<> {
    view! {
        <div class="actions">
            {call_link(page_context, "button primary")}
            <a class="button quiet" href=routes::SIGN_IN>{page_context.texts().back_to_sign_in()}</a>
        </div>
    }
}

/// The island that shows the outcomes at the other instances on the page with this path.
fn wait_for_sync(
    page_context: &PageContext,
    initial: SyncReport,
    page: &str,
) -> impl IntoView + use<> {
    let island = Island::WaitForSync(WaitForSync {
        initial,
        reload: page_context.texts().sync_reload().to_owned(),
        page: page.to_owned(),
    });
    island.place()
}
