//! The screens of the manual and the pages around them, one file each: the view, and the page drawn from it. The browser
//! draws those of [`ClientPage`]; the server draws all of them.

pub mod activated;
pub mod enrol;
pub mod mail_sent;
#[cfg(feature = "ssr")]
pub mod server_only;

#[cfg(feature = "ssr")]
pub use server_only::{draw, render, to_html};

use crate::components::action;
use crate::components::frame::DrawnPage;
use crate::components::island::Island;
use crate::components::poll::WaitForSync;
use crate::components::problems::PageForm;
use crate::model::EmailRefusal;
use crate::page_context::PageContext;
use crate::view::{Problem, SyncReport};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

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
        ClientPage::Enrol(view) => enrol::draw(page_context, &view).map(EitherOf3::A),
        ClientPage::MailSent(view) => mail_sent::draw(page_context, &view).map(EitherOf3::B),
        ClientPage::Activated { view } => activated::draw(page_context, view).map(EitherOf3::C),
    }
}

/// A form with one button and no fields.
fn button_form<F: ServerFn>(class: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <form method="post" action={action::<F>()}>
            <button class=class>{label}</button>
        </form>
    }
}

/// The question about an email that may have a typing error: take the suggestion or keep the email. An answer stays while
/// other fields are corrected.
fn address_question(form: PageForm<'_>) -> impl IntoView + use<> {
    let (page_context, form) = (form.page_context, form.state);
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
