//! From the use cases' answers to what pages may be told.

use crate::{
    domain::{cpf::Cpf, person::Sigla, sync::SyncOutcome},
    services::{
        activated::ActivatedFacts,
        enrolment::{AddressTrouble, CodeTrouble},
        links::Refusal,
        sign_in::Next,
    },
    storage::{MailState, PersonRow, SyncRow, Voided},
};
use app::{
    routes,
    text::{Locale, fill},
    view::{LinkRefusal, MailProgress, PeerState, Problem, SyncLine, SyncReport, SyncState, Tone},
};

pub(super) const fn path(next: Next) -> &'static str {
    match next {
        Next::Home => routes::HOME,
        Next::Account => routes::ACCOUNT,
        Next::Code => routes::CODE,
        Next::Notice => routes::NOTICE,
        Next::Enrol => routes::ENROL,
        Next::MailSent => routes::MAIL_SENT,
    }
}

pub(super) fn address_problem(trouble: AddressTrouble) -> Problem {
    match trouble {
        AddressTrouble::Missing => Problem::Missing,
        AddressTrouble::Syntax => Problem::AddressSyntax,
        AddressTrouble::TooLong => Problem::TooLong,
        AddressTrouble::Institutional(suffix) => Problem::AddressInstitutional { suffix },
        AddressTrouble::Suggestion(suggestion) => Problem::AddressSuggestion { suggestion },
    }
}

pub(super) fn code_problem(trouble: CodeTrouble) -> Problem {
    match trouble {
        CodeTrouble::Missing => Problem::Missing,
        CodeTrouble::Shape => Problem::CodeShape,
        CodeTrouble::Wrong => Problem::CodeWrong,
        CodeTrouble::ClockOff(steps) => clock_off(steps),
        CodeTrouble::Again => Problem::CodeAgain,
    }
}

pub(super) fn clock_off(steps: i64) -> Problem {
    Problem::ClockOff {
        steps: i32::try_from(steps).unwrap_or_default(),
    }
}

pub(super) const fn refusal(refusal: Refusal) -> LinkRefusal {
    match refusal {
        Refusal::Unknown => LinkRefusal::Unknown,
        Refusal::Expired => LinkRefusal::Expired,
        Refusal::Used => LinkRefusal::Used,
        Refusal::Voided(Voided::NewerQr) => LinkRefusal::NewerQr,
        Refusal::Voided(Voided::Address) => LinkRefusal::AddressCorrected,
        Refusal::Voided(Voided::Cancelled) => LinkRefusal::Cancelled,
    }
}

pub(super) const fn mail(state: MailState) -> MailProgress {
    match state {
        MailState::Queued => MailProgress::Queued,
        MailState::Retrying => MailProgress::Retrying,
        MailState::Accepted { at } => MailProgress::Accepted(at.0),
        MailState::Failed => MailProgress::Failed,
    }
}

const fn sync_state(outcome: Option<SyncOutcome>) -> SyncState {
    match outcome {
        None => SyncState::Pending,
        Some(SyncOutcome::Synchronised) => SyncState::Success,
        Some(SyncOutcome::NoRecord) => SyncState::NoRecord,
        Some(SyncOutcome::AlreadyActive) => SyncState::AlreadyActive,
        Some(SyncOutcome::Ambiguous) => SyncState::Ambiguous,
        Some(SyncOutcome::Refused) => SyncState::Refused,
    }
}

pub(super) fn peers(rows: Vec<SyncRow>) -> Vec<PeerState> {
    rows.into_iter()
        .map(|row| PeerState {
            state: sync_state(row.outcome),
            peer: row.peer,
        })
        .collect()
}

/// The results in the manual's words. CPF and sigla masked: the page needs no sign-in.
pub(super) fn sync_report(facts: &ActivatedFacts, locale: &Locale) -> SyncReport {
    SyncReport {
        lines: facts
            .sync
            .iter()
            .map(|row| sync_line(row, &facts.person, locale))
            .collect(),
        settled: facts.sync.iter().all(|row| row.outcome.is_some()),
    }
}

fn sync_line(row: &SyncRow, person: &PersonRow, locale: &Locale) -> SyncLine {
    let t = locale.lang.texts();
    let peer = [("peer", row.peer.as_str())];
    let plain = |tone, text| SyncLine {
        peer: row.peer.clone(),
        tone,
        sentence: fill(text, &peer).into_owned(),
        details: Vec::new(),
        details_title: String::new(),
        consequence: String::new(),
    };
    let reason = match sync_state(row.outcome) {
        SyncState::Pending => return plain(Tone::Pending, t.sync_pending()),
        SyncState::Success => return plain(Tone::Success, t.sync_success()),
        SyncState::NoRecord => t.sync_no_record(),
        SyncState::AlreadyActive => t.sync_already(),
        SyncState::Ambiguous => t.sync_ambiguous(),
        SyncState::Refused => t.sync_refused(),
    };
    let id = person.id.to_string();
    let cpf = person.cpf.as_ref().map_or_else(String::new, Cpf::masked);
    let sigla = Sigla::parse(&person.sigla).map_or_else(|_| String::new(), |s| s.masked());
    SyncLine {
        peer: row.peer.clone(),
        tone: Tone::Failed,
        sentence: fill(t.sync_error(), &[("id", &id), ("peer", &row.peer)]).into_owned(),
        details: [
            (t.sync_cpf(), cpf),
            (t.sync_sigla(), sigla),
            (t.sync_reason(), reason.to_owned()),
        ]
        .map(|(label, value)| (label.to_owned(), value))
        .to_vec(),
        details_title: t.sync_identifiers().to_owned(),
        consequence: if row.outcome == Some(SyncOutcome::AlreadyActive) {
            let keep = fill(t.sync_already_keep(), &peer);
            format!("{} {keep}", fill(t.sync_consequence(), &peer))
        } else {
            fill(t.sync_consequence(), &peer).into_owned()
        },
    }
}
