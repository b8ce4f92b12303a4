//! The two islands that wait: for the confirmation of a link, and for the other instances. They ask while the page is
//! visible, with growing pauses, and announce only changes. They end with their page: then nothing more is asked, and a late
//! answer is ignored.

use super::sync_result::sync_results;
use crate::api::enrolment::{account_sync_progress, enrolment_progress, sync_progress};
use crate::routes::{ACTIVATED, MAIL_SENT};
use crate::view::{Progress, SyncReport};
use leptos::prelude::*;
use leptos::reactive::spawn_local_scoped_with_cancellation;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How an island leads to another page in the same document. The browser's entry provides it as context.
#[derive(Clone, Copy)]
pub struct Navigate(pub Callback<String>);

/// Milliseconds before question number `n`: one second at first, at last ten seconds.
fn pause(n: u32) -> u64 {
    match n {
        0..=2 => 1_000,
        3..=30 => 2_500,
        _ => 10_000,
    }
}

/// Asks until `ask` answers false or the page is left. The caller must be inside the reactive owner of a component.
fn keep_asking<F>(ask: impl Fn() -> F + 'static)
where
    F: Future<Output = bool> + 'static,
{
    // dropped with the owner, also while a question is under way
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

/// Shows the state of an enrolment, and leads to the next page when the link is confirmed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitForLink {
    /// The state when the server drew the page.
    pub initial: Progress,
}

impl WaitForLink {
    pub fn view(self) -> impl IntoView {
        let heading = self.initial.heading;
        let (sentence, say) = signal(self.initial.sentence);
        let navigate = use_context::<Navigate>();
        Effect::new(move || {
            let heading = heading.clone();
            keep_asking(move || {
                let heading = heading.clone();
                async move {
                    // a failed question is asked again, because phones lose the network for short times
                    let Ok(progress) = enrolment_progress().await else {
                        return true;
                    };
                    if let (Some(path), Some(navigate)) = (progress.go, navigate) {
                        navigate.0.run(path);
                        // asked again, because the navigation may fail and then this page is still shown
                        return true;
                    }
                    if progress.heading != heading {
                        // the page has another heading and other buttons by now; it is not replaced while the person reads in an
                        // open fold
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
}

/// Shows the outcomes at the other instances, and stops asking when all are final.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitForSync {
    /// The outcomes when the server drew the page.
    pub initial: SyncReport,
    /// Text of the link that asks again without JavaScript; it is shown while an outcome is missing.
    pub reload: String,
    /// Path of the page.
    pub page: String,
}

impl WaitForSync {
    pub fn view(self) -> impl IntoView {
        let settled = self.initial.settled;
        let is_activated = self.page == ACTIVATED;
        let (progress, set_progress) = signal(self.initial);
        Effect::new(move || {
            if settled {
                return;
            }
            keep_asking(move || async move {
                let asked = if is_activated {
                    sync_progress().await
                } else {
                    account_sync_progress().await
                };
                let Ok(now) = asked else { return true };
                let more = !now.settled;
                if progress.get_untracked() != now {
                    set_progress.set(now);
                }
                more
            });
        });
        view! {
            <div role="status">{move || sync_results(progress.get().lines)}</div>
            {move || (!progress.get().settled).then(|| view! {
                <p><a class="button" href=self.page.clone()>{self.reload.clone()}</a></p>
            })}
        }
    }
}
