//! The outcomes of the synchronisation in the words of the manual.

use crate::view::SyncLine;
use leptos::prelude::*;

/// One item for each other instance.
pub fn sync_results(lines: Vec<SyncLine>) -> impl IntoView {
    let items = lines
        .into_iter()
        .map(|line| {
            let details = line
                .details
                .into_iter()
                .map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
                .collect_view();
            let has_details = !line.details_title.is_empty();
            view! {
                <li class="sync-item" data-state=line.tone.code()>
                    <p>{line.sentence}</p>
                    {has_details.then(|| view! {
                        <p class="small">{line.details_title}</p>
                        <dl class="facts">{details}</dl>
                        <p class="small muted">{line.consequence}</p>
                    })}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="sync">{items}</ul> }
}
