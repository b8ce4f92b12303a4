//! The two islands that wait: for the confirmation of a link, and for the other instances. Both
//! ask while the page is visible, ever more slowly, speak only when something changed, and end
//! with their page: no question is asked, and no answer heeded, for a page that was left.

use super::sync_result::SyncResults;
use crate::{
    api::enrolment::{enrolment_progress, sync_progress},
    routes::MAIL_SENT,
    view::{Progress, SyncReport},
};
use leptos::{prelude::*, reactive::spawn_local_scoped_with_cancellation};
use std::time::Duration;

/// How an island leads to another page: in the same document. The browser's entry provides it.
#[derive(Clone, Copy)]
pub struct Navigate(pub Callback<String>);

/// Milliseconds before the `n`-th question: quick at first, then every ten seconds.
fn pause(n: u32) -> u64 {
    match n {
        0..=2 => 1_000,
        3..=30 => 2_500,
        _ => 10_000,
    }
}

/// Asks again and again until `ask` says that nothing more is to come, or the page is left. Needs
/// the owner of a component.
fn keep_asking<F>(ask: impl Fn() -> F + 'static)
where
    F: Future<Output = bool> + 'static,
{
    // dropped with the owner wherever it stands, a question under way included
    spawn_local_scoped_with_cancellation(async move {
        let mut asked = 0;
        loop {
            sleep(pause(asked)).await;
            asked += 1;
            if !document().hidden() && !ask().await {
                break;
            }
        }
    });
}

async fn sleep(milliseconds: u64) {
    let (done, woken) = futures_channel::oneshot::channel();
    set_timeout(
        move || {
            let _ = done.send(());
        },
        Duration::from_millis(milliseconds),
    );
    let _ = woken.await;
}

/// Shows the state of an enrolment and goes on when it is confirmed elsewhere.
#[component]
pub fn WaitForLink(
    /// State when the page was drawn.
    initial: Progress,
) -> impl IntoView {
    let heading = initial.heading;
    let (sentence, say) = signal(initial.sentence);
    let navigate = use_context::<Navigate>();
    Effect::new(move || {
        let heading = heading.clone();
        keep_asking(move || {
            let heading = heading.clone();
            async move {
                // a failed question is asked again: the network comes and goes on phones
                let Ok(progress) = enrolment_progress().await else {
                    return true;
                };
                if let (Some(path), Some(navigate)) = (progress.go, navigate) {
                    navigate.0.run(path);
                    // asked again all the same: the way on may fail, and then this page is still here
                    return true;
                }
                if progress.heading != heading {
                    // another page by now, with another way on; not under the eyes of somebody who
                    // reads in a fold of this one
                    let reading = document().query_selector("main details[open]");
                    if let (Some(navigate), Ok(None)) = (navigate, reading) {
                        navigate.0.run(MAIL_SENT.to_owned());
                        return true;
                    }
                }
                if sentence.get_untracked() != progress.sentence {
                    say.set(progress.sentence);
                }
                true
            }
        });
    });
    view! { <p role="status">{sentence}</p> }
}

/// Shows the other instances' results and settles by itself.
#[component]
pub fn WaitForSync(
    /// Results when the page was drawn.
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
        keep_asking(move || async move {
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
