//! The outcomes at the other instances in the words of the manual, for the activated page. The server makes the sentences, so
//! that the wasm needs none of these texts.

use super::{Locale, fill};
use crate::{
    model::{MaskedIdentifiers, PeerSync, SyncOutcome},
    view::{SyncLine, SyncReport, Tone},
};

/// One line for each other instance.
pub fn sync_report(locale: &Locale, peers: &[PeerSync], person: &MaskedIdentifiers) -> SyncReport {
    SyncReport {
        lines: peers
            .iter()
            .map(|peer| sync_line(locale, peer, person))
            .collect(),
        settled: peers.iter().all(|peer| peer.outcome.is_some()),
    }
}

fn sync_line(locale: &Locale, sync: &PeerSync, person: &MaskedIdentifiers) -> SyncLine {
    let t = locale.language.texts();
    let peer = [("peer", sync.peer.as_str())];
    let plain = |tone, text| SyncLine {
        peer: sync.peer.clone(),
        tone,
        sentence: fill(text, &peer).into_owned(),
        details: Vec::new(),
        details_title: String::new(),
        consequence: String::new(),
    };
    let reason = match sync.outcome {
        None => return plain(Tone::Pending, t.sync_pending()),
        Some(SyncOutcome::Synchronised) => return plain(Tone::Success, t.sync_success()),
        Some(SyncOutcome::NoRecord) => t.sync_no_record(),
        Some(SyncOutcome::AlreadyActive) => t.sync_already(),
        Some(SyncOutcome::Ambiguous) => t.sync_ambiguous(),
        Some(SyncOutcome::Refused) => t.sync_refused(),
    };
    let details = [
        (t.sync_cpf(), person.cpf.as_str()),
        (t.sync_sigla(), person.sigla.as_str()),
        (t.sync_reason(), reason),
    ];
    let consequence = fill(t.sync_consequence(), &peer);
    SyncLine {
        peer: sync.peer.clone(),
        tone: Tone::Failed,
        sentence: fill(t.sync_error(), &[("id", &person.id), peer[0]]).into_owned(),
        details: details
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .to_vec(),
        details_title: t.sync_identifiers().to_owned(),
        consequence: if sync.outcome == Some(SyncOutcome::AlreadyActive) {
            format!("{consequence} {}", fill(t.sync_already_keep(), &peer))
        } else {
            consequence.into_owned()
        },
    }
}
