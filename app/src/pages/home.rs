//! *O sistema abrirá normalmente*: home, and the account's security page.

use crate::{
    api::sign_in::SignOut,
    components::frame::{DrawnPage, PageFrame},
    routes,
    speech::Speech,
    view::{FactorView, HomeView, PeerState, SyncState},
};
use leptos::prelude::*;

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
                    <p>{t.home_provisional()}</p>
                    <p><a href=routes::MAIL_SENT>{t.factor_go_pending()}</a></p>
                </div>
            })}
            {view.system_url.map(|url| view! {
                <p><a class="button primary" href=url>{t.home_door()}</a></p>
            })}
            <div class="panels">
                <section class="panel">
                    <h2>{t.home_person()}</h2>
                    {account}
                </section>
                {factor}
            </div>
            <div class="actions">
                <a class="button" href=routes::ACCOUNT>{t.home_account_link()}</a>
                {super::button_form::<SignOut>("button quiet", t.leave())}
            </div>
        })
        .erased()
}

/// *Segurança da conta*.
pub fn draw_account(speech: &Speech, view: HomeView) -> DrawnPage {
    let t = speech.texts();
    let factor = factor_panel(speech, &view);
    PageFrame::new(speech, t.account_title())
        .around(view! {
            <h1>{t.account_title()}</h1>
            {factor}
            {view.email.map(|email| view! {
                <dl class="facts"><div><dt>{t.account_email()}</dt><dd>{email}</dd></div></dl>
            })}
            <p>{t.account_lost()}</p>
            <div class="actions">
                <a class="button primary" href=routes::HOME>{t.home_title()}</a>
                {super::button_form::<SignOut>("button quiet", t.leave())}
            </div>
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

fn factor_panel(speech: &Speech, view: &HomeView) -> impl IntoView + use<> {
    let t = speech.texts();
    let moment = |at| speech.locale.day_and_time(at);
    let state = match &view.factor {
        FactorView::Active {
            since,
            origin,
            last_used,
        } => {
            let since = speech.fill(t.factor_active(), &[("since", &moment(*since))]);
            let origin = speech.fill(t.factor_origin(), &[("origin", origin)]);
            let used = last_used.map(|at| speech.fill(t.factor_used(), &[("at", &moment(at))]));
            view! {
                <p><strong>{since}</strong></p>
                <p>{origin}" "{used}</p>
                {peers(speech, &view.peers)}
            }
            .into_any()
        }
        FactorView::Pending => view! {
            <p>{t.factor_pending()}</p>
            <p><a href=routes::MAIL_SENT>{t.factor_go_pending()}</a></p>
        }
        .into_any(),
        FactorView::None => view! {
            <p>{t.factor_none()}" "{view.required.then_some(t.factor_none_required())}</p>
            <p><a class="button" href=routes::NOTICE>{t.factor_enable()}</a></p>
        }
        .into_any(),
    };
    view! {
        <section class="panel">
            <h2>{t.home_factor()}</h2>
            {state}
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
