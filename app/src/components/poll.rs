//! The two islands that wait: for the confirmation of a link, and for the other instances. Both
//! ask while the page is visible, ever more slowly, and speak only when something changed.

#![expect(
    missing_docs,
    reason = "the island macro makes a struct of the arguments"
)]

use super::sync_result::SyncResults;
use crate::{
    api::enrolment::{enrolment_progress, sync_progress},
    view::{Progress, SyncReport},
};
use leptos::prelude::*;
use std::time::Duration;

/// Milliseconds before the `n`-th question: quick at first, then every ten seconds.
fn pause(n: u32) -> u64 {
    match n {
        0..=2 => 1_000,
        3..=30 => 2_500,
        _ => 10_000,
    }
}

/// Asks again after the pause of round `n`; `ask` says whether there is more to come.
fn keep_asking<F>(n: u32, ask: impl Fn() -> F + Clone + 'static)
where
    F: Future<Output = bool> + 'static,
{
    set_timeout(
        move || {
            leptos::task::spawn_local(async move {
                let more = document().hidden() || ask().await;
                if more {
                    keep_asking(n + 1, ask);
                }
            });
        },
        Duration::from_millis(pause(n)),
    );
}

/// Shows the state of an enrolment and goes on when it is confirmed elsewhere.
#[island]
pub fn WaitForLink(
    /// State as the server drew it.
    initial: Progress,
) -> impl IntoView {
    let (sentence, say) = signal(initial.sentence);
    Effect::new(move || {
        keep_asking(0, move || async move {
            // a failed question is asked again: the network comes and goes on phones
            let Ok(progress) = enrolment_progress().await else {
                return true;
            };
            if let Some(path) = progress.go {
                let _ = window().location().assign(&path);
                return false;
            }
            if sentence.get_untracked() != progress.sentence {
                say.set(progress.sentence);
            }
            true
        });
    });
    view! { <p role="status">{sentence}</p> }
}

/// Shows the other instances' results and settles by itself.
#[island]
pub fn WaitForSync(
    /// Results as the server drew them.
    initial: SyncReport,
    /// Text of the link that asks again without JavaScript, while there is something to ask.
    reload: String,
    /// Path of the page.
    page: String,
) -> impl IntoView {
    let settled = initial.settled;
    let (progress, set_progress) = signal(initial);
    Effect::new(move || {
        if settled {
            return;
        }
        keep_asking(0, move || async move {
            let Ok(now) = sync_progress().await else {
                return true;
            };
            let more = !now.settled;
            if progress.get_untracked() != now {
                set_progress.set(now);
            }
            more
        });
    });
    view! {
        <div role="status">{move || view! { <SyncResults lines=progress.get().lines/> }}</div>
        {move || (!progress.get().settled).then(|| view! {
            <p><a class="button" href=page.clone()>{reload.clone()}</a></p>
        })}
    }
}
