//! *A autenticação em 2 fatores foi ativada.*, with the outcome at each other instance. Only the receipt or the browser that
//! began the enrolment opens it; its path has no id (R14).

use crate::components::frame::{DrawnPage, PageFrame};
use crate::page_context::PageContext;
use crate::routes;
use crate::view::{SyncReport, Tone};
use leptos::either::Either;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivatedView {
    /// One line for each other instance.
    pub sync: SyncReport,
    pub way_on: WayOn,
    /// Whether an older phone stopped working here.
    pub replaced_phone: bool,
    /// Other instances at which the older phone still works.
    pub old_works_at: Vec<String>,
    /// Account label in the authenticator app: `e-Proc/JMU`.
    pub account_label: String,
}

/// Where the person goes from here, by the session that this browser has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WayOn {
    SignIn,
    Code,
    Home,
}

/// The activated page; without a view, the page for a request that has neither receipt nor cookie.
pub fn draw(
    page_context: &PageContext,
    view: Option<ActivatedView>,
) -> DrawnPage<impl IntoView + use<>> {
    let t = page_context.texts();
    let Some(view) = view else {
        let gone = view! {
            <h1>{t.activated_gone_title()}</h1>
            <p class="lead">{t.activated_gone()}</p>
            <div class="actions">
                <a class="button primary" href=routes::SIGN_IN>{t.go_sign_in()}</a>
            </div>
        };
        return PageFrame::new(page_context, t.activated_gone_title()).around(Either::Left(gone));
    };
    let entry = page_context.fill(t.activated_entry(), &[("entry", &view.account_label)]);
    // another instance that keeps its own account in the app may still need the older entries, so nothing is said of them
    // then
    let all_well = view.sync.lines.iter().all(|line| line.tone != Tone::Failed);
    let sync = (!view.sync.lines.is_empty()).then(|| {
        view! {
            <h2>{t.sync_title()}</h2>
            {super::wait_for_sync(page_context, view.sync, routes::ACTIVATED)}
        }
    });
    let (href, label) = match view.way_on {
        WayOn::Code => (routes::CODE, t.activated_enter()),
        WayOn::Home => (routes::HOME, t.account_back()),
        WayOn::SignIn => (routes::SIGN_IN, t.go_sign_in()),
    };
    let old_phone = view.replaced_phone.then(|| {
        let delete = page_context.fill(t.activated_old_phone(), &[("entry", &view.account_label)]);
        let works_at = (!view.old_works_at.is_empty()).then(|| {
            let instances = view.old_works_at.join(", ");
            page_context.fill(t.activated_old_works(), &[("instances", &instances)])
        });
        view! { <p>{delete}" "{works_at}</p> }
    });
    PageFrame::new(page_context, t.activated_title()).around(Either::Right(view! {
        <div class="outcome" data-tone="success">
            <h1>{if view.replaced_phone { t.activated_replaced() } else { t.activated() }}</h1>
        </div>
        // as on the manual's screen, both messages stand together
        {sync}
        {old_phone}
        <div class="actions">
            <a class="button primary" href=href>{label}</a>
        </div>
        <p>{t.activated_next()}</p>
        {(all_well && !view.replaced_phone).then(|| view! { <p>{entry}</p> })}
    }))
}
