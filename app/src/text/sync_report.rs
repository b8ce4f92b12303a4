//! The outcomes at the other instances in the words of the manual, for the activated page. The server makes the sentences, so
//! that the wasm needs none of these texts.

use super::{Locale, fill};
use crate::model::{MaskedIdentifiers, PeerSync, SyncOutcome};
use crate::view::{SyncLine, SyncReport, Tone};

/// One line for each other instance.
pub fn sync_report(locale: &Locale, peers: &[PeerSync], person: &MaskedIdentifiers) -> SyncReport {
    report(peers, |peer| sync_line(locale, peer, person))
}

fn report(peers: &[PeerSync], line: impl Fn(&PeerSync) -> SyncLine) -> SyncReport {
    SyncReport {
        lines: peers.iter().map(line).collect(),
        // what was stale is told again as a newer change
        settled: peers
            .iter()
            .all(|peer| !matches!(peer.outcome, None | Some(SyncOutcome::Stale))),
    }
}

/// One line for each other instance, for the pages of the account: without identifiers, and with the instances at which an older phone
/// may still work.
pub fn account_sync_report(
    locale: &Locale,
    peers: &[PeerSync],
    old_works_at: &[String],
) -> SyncReport {
    let t = locale.language.texts();
    report(peers, |sync| {
        let peer = [("peer", sync.peer.as_str())];
        let (tone, text) = match sync.outcome {
            None | Some(SyncOutcome::Stale) => (Tone::Pending, t.account_sync_pending()),
            Some(SyncOutcome::Synchronised) => (Tone::Success, t.sync_success()),
            Some(SyncOutcome::NoRecord) => (Tone::Failed, t.account_no_record()),
            Some(SyncOutcome::AlreadyActive) => (Tone::Failed, t.account_already()),
            Some(SyncOutcome::Superseded) => (Tone::Failed, t.account_superseded()),
            Some(_) => (Tone::Failed, t.account_failed()),
        };
        let mut sentence = fill(text, &peer);
        if old_works_at.contains(&sync.peer) {
            sentence.push(' ');
            sentence.push_str(t.account_old_works());
        }
        plain_line(sync, tone, sentence)
    })
}

fn plain_line(sync: &PeerSync, tone: Tone, sentence: String) -> SyncLine {
    SyncLine {
        peer: sync.peer.clone(),
        tone,
        sentence,
        details: Vec::new(),
        details_title: String::new(),
        consequence: String::new(),
    }
}

fn sync_line(locale: &Locale, sync: &PeerSync, person: &MaskedIdentifiers) -> SyncLine {
    let t = locale.language.texts();
    let peer = [("peer", sync.peer.as_str())];
    let plain = |tone, text| plain_line(sync, tone, fill(text, &peer));
    let reason = match sync.outcome {
        // a stale one is told again as a newer change
        None | Some(SyncOutcome::Stale) => return plain(Tone::Pending, t.sync_pending()),
        Some(SyncOutcome::Synchronised) => return plain(Tone::Success, t.sync_success()),
        Some(SyncOutcome::NoRecord) => t.sync_no_record(),
        Some(SyncOutcome::AlreadyActive) => t.sync_already(),
        Some(SyncOutcome::Ambiguous) => t.sync_ambiguous(),
        Some(SyncOutcome::Refused) => t.sync_refused(),
        Some(SyncOutcome::Superseded) => t.sync_superseded(),
    };
    let details = [
        (t.sync_cpf(), person.cpf.as_str()),
        (t.sync_sigla(), person.sigla.as_str()),
        (t.sync_reason(), reason),
    ];
    let mut consequence = fill(t.sync_consequence(), &peer);
    if sync.outcome == Some(SyncOutcome::AlreadyActive) {
        consequence = format!("{consequence} {}", fill(t.sync_already_keep(), &peer));
    }
    let sentence = fill(t.sync_error(), &[("id", &person.id), peer[0]]);
    SyncLine {
        details: details
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .to_vec(),
        details_title: t.sync_identifiers().to_owned(),
        consequence,
        ..plain_line(sync, Tone::Failed, sentence)
    }
}
