//! *O sistema abrirá normalmente*: home, and the account's security page.

use crate::{
    api::sign_in::SignOut,
    components::{
        frame::{DrawnPage, PageFrame},
        support::support_links,
    },
    routes,
    speech::Speech,
    view::{FactorView, HomeView, PeerState, SyncState},
};
use leptos::{either::EitherOf3, prelude::*};

/// Home, signed in.
pub fn draw(speech: &Speech, view: HomeView) -> DrawnPage {
    let t = speech.texts();
    let welcome = speech.fill(t.home_welcome(), &[("name", &view.name)]);
    let signed_in = speech.fill(t.home_signed_in(), &[("instance", &speech.label)]);
    let account = account_facts(speech, &view);
    let factor = factor_panel(speech, &view);
    PageFrame::new(speech, t.home_title())
        .around(view! {
            <h1>{welcome}</h1>
            <p class="lead">{signed_in}</p>
            {view.provisional.then(|| view! {
                <div class="note" data-tone="warning">
                    <p>{t.home_provisional()}" "<a href=routes::MAIL_SENT>{t.factor_go_pending()}</a></p>
                </div>
            })}
            <div class="actions">
                {view.system_url.map(|url| view! {
                    <a class="button primary" href=url>{t.home_door()}</a>
                })}
                {super::button_form::<SignOut>("button quiet", t.leave())}
            </div>
            <div class="panels">
                {factor}
                <section class="panel">
                    <h2>{t.home_person()}</h2>
                    {account}
                </section>
            </div>
        })
        .erased()
}

/// *Segurança da conta*.
pub fn draw_account(speech: &Speech, view: HomeView) -> DrawnPage {
    let t = speech.texts();
    let state = factor_state(speech, &view);
    let factor = factor_details(speech, &view);
    PageFrame::new(speech, t.account_title())
        .around(view! {
            <h1>{t.account_title()}</h1>
            <dl class="facts">
                <div><dt>{t.home_factor()}</dt><dd>{state}</dd></div>
                {view.email.map(|email| view! {
                    <div><dt>{t.account_email()}</dt><dd>{email}</dd></div>
                })}
            </dl>
            <div class="actions">
                <a class="button primary" href=routes::HOME>{t.account_back()}</a>
                {super::button_form::<SignOut>("button quiet", t.leave())}
            </div>
            {factor}
            <p>{t.account_lost()}" "{support_links(speech)}"."</p>
        })
        .erased()
}

fn account_facts(speech: &Speech, view: &HomeView) -> impl IntoView + use<> {
    let t = speech.texts();
    let profiles: Vec<_> = view
        .profiles
        .iter()
        .map(|code| speech.locale.profile(code))
        .collect();
    let profiles = if profiles.is_empty() {
        t.home_no_profiles().to_owned()
    } else {
        profiles.join(", ")
    };
    let previous = view.previous_sign_in.map_or_else(
        || t.home_first().to_owned(),
        |at| speech.locale.day_and_time(at),
    );
    view! {
        <dl class="facts">
            <div><dt>{t.home_user()}</dt><dd>{view.sigla.clone()}</dd></div>
            <div><dt>{t.home_profiles()}</dt><dd>{profiles}</dd></div>
            <div><dt>{t.home_instance()}</dt><dd>{speech.label.clone()}</dd></div>
            <div><dt>{t.home_previous()}</dt><dd>{previous}</dd></div>
        </dl>
    }
}

/// The factor's state in one sentence.
fn factor_state(speech: &Speech, view: &HomeView) -> String {
    let t = speech.texts();
    match &view.factor {
        FactorView::Active { since, .. } => {
            let since = speech.locale.day_and_time(*since);
            speech.fill(t.factor_active(), &[("since", &since)])
        }
        FactorView::Pending => t.factor_pending().to_owned(),
        FactorView::None if view.required => {
            format!("{} {}", t.factor_none(), t.factor_none_required())
        }
        FactorView::None => t.factor_none().to_owned(),
    }
}

/// Where an active factor was enrolled, when it was used, how the other instances took it; or the
/// way to have one.
fn factor_details(speech: &Speech, view: &HomeView) -> impl IntoView + use<> {
    let t = speech.texts();
    match &view.factor {
        FactorView::Active {
            origin, last_used, ..
        } => {
            let origin = speech.fill(t.factor_origin(), &[("origin", origin)]);
            let used = last_used.map(|at| {
                let at = speech.locale.day_and_time(at);
                speech.fill(t.factor_used(), &[("at", &at)])
            });
            EitherOf3::A(view! {
                <p>{origin}" "{used}</p>
                {peers(speech, &view.peers)}
            })
        }
        FactorView::Pending => EitherOf3::B(view! {
            <p><a href=routes::MAIL_SENT>{t.factor_go_pending()}</a></p>
        }),
        FactorView::None => EitherOf3::C(view! {
            <p><a class="button" href=routes::NOTICE>{t.factor_enable()}</a></p>
        }),
    }
}

fn factor_panel(speech: &Speech, view: &HomeView) -> impl IntoView + use<> {
    let t = speech.texts();
    view! {
        <section class="panel">
            <h2>{t.home_factor()}</h2>
            <p><strong>{factor_state(speech, view)}</strong></p>
            {factor_details(speech, view)}
            <p><a href=routes::ACCOUNT>{t.home_account_link()}</a></p>
        </section>
    }
}

fn peers(speech: &Speech, peers: &[PeerState]) -> impl IntoView + use<> {
    let t = speech.texts();
    let rows = peers
        .iter()
        .map(|peer| {
            let state = match peer.state {
                SyncState::Success => t.peer_success(),
                SyncState::Pending => t.peer_pending(),
                SyncState::AlreadyActive => t.peer_already(),
                SyncState::NoRecord => t.peer_no_record(),
                SyncState::Ambiguous | SyncState::Refused => t.peer_failed(),
            };
            view! { <div><dt>{peer.peer.clone()}</dt><dd>{state}</dd></div> }
        })
        .collect_view();
    (!peers.is_empty()).then(|| view! { <dl class="facts">{rows}</dl> })
}
