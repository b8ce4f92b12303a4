//! *O sistema abrirá normalmente*: the home page and the account page.

use super::authenticators::name_of;
use crate::api::account::HideCodesOffer;
use crate::api::sign_in::SignOut;
use crate::components::frame::{DrawnPage, PageFrame};
use crate::components::support::support_links;
use crate::model::UnixTime;
use crate::page_context::PageContext;
use crate::routes;
use crate::view::SyncReport;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;

/// An active factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorView {
    pub id: String,
    /// The name that its owner gave it; empty without one.
    pub label: String,
    pub since: UnixTime,
    /// The instance at which it was enrolled.
    pub home_instance: String,
    /// When its newest code was accepted; `None` before the first.
    pub last_used: Option<UnixTime>,
}

/// What the home page says about recovery codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodesNotice {
    /// There are none, and the offer was not hidden.
    Offer,
    /// Only so many are left.
    Few(i64),
}

/// The home page and the account page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeView {
    pub name: String,
    pub sigla: String,
    /// The codes of the person's profiles.
    pub profiles: Vec<String>,
    /// The sign-in before this one; `None` at the first.
    pub previous_sign_in: Option<UnixTime>,
    /// The active factors, oldest first.
    pub factors: Vec<FactorView>,
    /// Whether no factor is active and an enrolment waits for the confirmation of its link.
    pub enrolment_pending: bool,
    /// Whether the policy requires a second factor of this person.
    pub required: bool,
    /// What became of the newest change at each other instance.
    pub sync: SyncReport,
    /// Whether this session comes from a provisional sign-in.
    pub provisional: bool,
    /// The personal email, masked; `None` where there is none.
    pub email: Option<String>,
    /// `None` when nothing is to be said.
    pub codes_notice: Option<CodesNotice>,
    /// How many recovery codes were not used yet; `None` when none were made.
    pub codes_left: Option<i64>,
    /// URL of e-Proc; `None` where none is configured.
    pub system_url: Option<String>,
}

/// The home page, for a full session.
pub fn draw(page_context: &PageContext, view: &HomeView) -> DrawnPage {
    let t = page_context.texts();
    let welcome = page_context.fill(t.home_welcome(), &[("name", &view.name)]);
    let signed_in = page_context.fill(t.home_signed_in(), &[("instance", &page_context.label)]);
    let is_desk_role = |profile: &String| matches!(profile.as_str(), "support" | "supervisor");
    let is_desk = !view.factors.is_empty() && view.profiles.iter().any(is_desk_role);
    PageFrame::new(page_context, t.home_title())
        .around(view! {
            <h1>{welcome}</h1>
            <p class="lead">{signed_in}</p>
            {view.provisional.then(|| view! {
                <div class="note" data-tone="warning">
                    <p>{t.home_provisional()}" "<a href=routes::MAIL_SENT>{t.factor_go_pending()}</a></p>
                </div>
            })}
            <div class="actions">
                {view.system_url.clone().map(|url| view! {
                    <a class="button primary" href=url>{t.home_door()}</a>
                })}
                {super::button_form::<SignOut>("button quiet", t.leave())}
            </div>
            {is_desk.then(|| view! {
                <p><a href=routes::SUPPORT_DESK>{t.desk_link()}</a></p>
            })}
            {view.codes_notice.map(|notice| codes_notice(page_context, notice))}
            <div class="panels">
                <section class="panel">
                    <h2>{t.home_factor()}</h2>
                    <p><strong>{factor_state(page_context, view)}</strong></p>
                    {factor_details(page_context, view, routes::HOME)}
                    <p><a href=routes::ACCOUNT>{t.account_title()}</a></p>
                </section>
                <section class="panel">
                    <h2>{t.home_person()}</h2>
                    {account_facts(page_context, view)}
                </section>
            </div>
        })
        .erased()
}

/// *Segurança da conta*.
pub fn draw_account(page_context: &PageContext, view: &HomeView) -> DrawnPage {
    let t = page_context.texts();
    let has_factor = !view.factors.is_empty();
    let codes = view.codes_left.map_or_else(
        || t.codes_row_none().to_owned(),
        |left| page_context.fill(t.codes_row_left(), &[("left", &left.to_string())]),
    );
    PageFrame::new(page_context, t.account_title()).headed(view! {
        <dl class="facts">
            <div><dt>{t.home_factor()}</dt><dd>{factor_state(page_context, view)}</dd></div>
            {view.email.clone().map(|email| view! {
                <div><dt>{t.account_email()}</dt><dd>{email}</dd></div>
            })}
            {has_factor.then(|| view! {
                <div><dt>{t.codes_title()}</dt><dd>{codes}</dd></div>
            })}
        </dl>
        <div class="actions">
            <a class="button primary" href=routes::HOME>{t.account_back()}</a>
            {super::button_form::<SignOut>("button quiet", t.leave())}
        </div>
        {factor_details(page_context, view, routes::ACCOUNT)}
        {has_factor.then(|| account_pages(page_context))}
        {(!has_factor).then(|| view! {
            <p>{t.account_lost()}" "{support_links(page_context)}"."</p>
        })}
    })
}

/// Where each thing about the account is changed.
fn account_pages(page_context: &PageContext) -> impl IntoView + use<> {
    let t = page_context.texts();
    let pages = [
        (routes::NEW_PHONE, t.new_phone_title()),
        (routes::RECOVERY_CODES, t.codes_title()),
        (routes::AUTHENTICATORS, t.apps_title()),
        (routes::SESSIONS, t.sessions_title()),
        (routes::HISTORY, t.history_title()),
        (routes::BLOCK, t.block_title()),
    ]
    .map(|(page, label)| view! { <li><a href=page>{label}</a></li> });
    view! { <ul class="pages">{pages.into_iter().collect_view()}</ul> }
}

/// One line about recovery codes, below what the page is for.
fn codes_notice(page_context: &PageContext, notice: CodesNotice) -> impl IntoView + use<> {
    let t = page_context.texts();
    match notice {
        CodesNotice::Offer => Either::Left(view! {
            <div class="note offer" data-tone="info">
                <p>
                    {t.codes_offer()}" "<a href=routes::RECOVERY_CODES>{t.codes_make()}</a>
                </p>
                {super::button_form::<HideCodesOffer>("button quiet", t.codes_skip())}
            </div>
        }),
        CodesNotice::Few(left) => {
            let left = left.to_string();
            let few = page_context.fill(t.codes_few(), &[("left", &left)]);
            Either::Right(view! {
                <div class="note" data-tone="warning">
                    <p>{few}" "<a href=routes::RECOVERY_CODES>{t.codes_few_go()}</a></p>
                </div>
            })
        }
    }
}

fn account_facts(page_context: &PageContext, view: &HomeView) -> impl IntoView + use<> {
    let t = page_context.texts();
    let profiles = if view.profiles.is_empty() {
        t.home_no_profiles().to_owned()
    } else {
        page_context.locale.profiles(&view.profiles)
    };
    let previous = view.previous_sign_in.map_or_else(
        || t.home_first().to_owned(),
        |at| page_context.locale.day_and_time(at),
    );
    view! {
        <dl class="facts">
            <div><dt>{t.home_user()}</dt><dd>{view.sigla.clone()}</dd></div>
            <div><dt>{t.home_profiles()}</dt><dd>{profiles}</dd></div>
            <div><dt>{t.home_instance()}</dt><dd>{page_context.label.clone()}</dd></div>
            <div><dt>{t.home_previous()}</dt><dd>{previous}</dd></div>
        </dl>
    }
}

/// The state of the factor in one sentence.
fn factor_state(page_context: &PageContext, view: &HomeView) -> String {
    let t = page_context.texts();
    if let Some(oldest) = view.factors.first() {
        let since = page_context.locale.day_and_time(oldest.since);
        page_context.fill(t.factor_active(), &[("since", &since)])
    } else if view.enrolment_pending {
        t.factor_pending().to_owned()
    } else if view.required {
        format!("{} {}", t.factor_none(), t.factor_none_required())
    } else {
        t.factor_none().to_owned()
    }
}

/// For each active factor where it was enrolled and when it was last used, and the outcome at the other instances; without a
/// factor the link to get one.
fn factor_details(
    page_context: &PageContext,
    view: &HomeView,
    page: &str,
) -> impl IntoView + use<> {
    let t = page_context.texts();
    if view.factors.is_empty() {
        return if view.enrolment_pending {
            EitherOf3::B(view! {
                <p><a href=routes::MAIL_SENT>{t.factor_go_pending()}</a></p>
            })
        } else {
            EitherOf3::C(view! {
                <p><a class="button" href=routes::INTRO>{t.factor_enable()}</a></p>
            })
        };
    }
    let factors = view.factors.iter().map(|factor| {
        let origin = page_context.fill(t.factor_origin(), &[("origin", &factor.home_instance)]);
        let used = factor.last_used.map(|at| {
            let at = page_context.locale.day_and_time(at);
            page_context.fill(t.factor_used(), &[("at", &at)])
        });
        let name = (view.factors.len() > 1 || !factor.label.is_empty())
            .then(|| name_of(page_context, factor))
            .map(|name| view! { <strong>{name}</strong>": " });
        view! { <p>{name}{origin}" "{used}</p> }
    });
    let sync = (!view.sync.lines.is_empty())
        .then(|| super::wait_for_sync(page_context, view.sync.clone(), page));
    EitherOf3::A(view! {
        {factors.collect_view()}
        {sync}
    })
}
