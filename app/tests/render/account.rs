//! The account pages, the pages for a lost phone, and those of the support team.

use super::fake::{NOW, Shown};
use super::samples::{Sample, active, enrol, home, sample};
use app::model::{IdentityCheck, LinkRefusal};
use app::routes;
use app::view::{
    AuthenticatorsView, CodesNotice, EnrolView, EntryView, FormState, HistoryLine, HistoryView,
    HomeView, LostPhoneView, MailboxWay, PageView, RecoveryCodesView, RecoveryLinkView,
    SessionView, SessionsView, ShownCodes, SupportDeskView, WaitingEntry, WhatHappened,
};

fn lost_phone(form: FormState) -> LostPhoneView {
    LostPhoneView {
        form,
        has_codes: true,
        has_other_authenticator: true,
        mailbox: Some(MailboxWay {
            wait: 86_400,
            mailed_at: None,
        }),
        entry: None,
    }
}

fn entry(form: FormState) -> EntryView {
    EntryView {
        form,
        number: "042913".into(),
        name: "Ana Souza".into(),
        sigla: "ana.souza".into(),
        profiles: vec!["lawyer".into()],
        emails: vec!["a•••@correio.example".into()],
        browser: "Firefox, Linux".into(),
        ip: "203.0.113.7".into(),
        happened: WhatHappened {
            password_at: NOW - 60,
            wrong_codes: 1,
            clock_steps: Some(-3),
            locked_until: Some(NOW + 60),
        },
        until: NOW + 3_000,
        is_stolen: false,
        checks: IdentityCheck::ALL.to_vec(),
        needs_second: false,
        approvals: 0,
    }
}

fn recovery_codes(form: FormState) -> RecoveryCodesView {
    RecoveryCodesView {
        form,
        needs_proof: false,
        shown: Some(ShownCodes {
            codes: vec!["01234-56789".into(), "ABCDE-FGHJK".into()],
            sigla: "ana.souza".into(),
        }),
        unused: 10,
        made: Some(NOW),
        kept: false,
    }
}

fn authenticators(form: FormState, count: usize) -> AuthenticatorsView {
    AuthenticatorsView {
        form,
        needs_proof: false,
        factors: vec![active(); count],
        may_add: count < 5,
    }
}

/// The account pages in the states in which no form comes back.
pub(super) fn pages() -> Vec<Sample> {
    let empty = FormState::default;
    let mut found = Vec::new();
    for (unused, made, kept) in [
        (0, None, false),
        (2, Some(NOW), true),
        (9, Some(NOW), false),
    ] {
        let view = RecoveryCodesView {
            shown: None,
            unused,
            made,
            kept,
            ..recovery_codes(empty())
        };
        found.push(sample("recovery codes", routes::RECOVERY_CODES, view));
    }
    let proof = RecoveryCodesView {
        shown: None,
        needs_proof: true,
        ..recovery_codes(empty())
    };
    found.push(sample(
        "recovery codes, proof",
        routes::RECOVERY_CODES,
        proof,
    ));
    for path in [routes::NEW_PHONE, routes::AUTHENTICATORS] {
        let proof = AuthenticatorsView {
            needs_proof: true,
            ..authenticators(empty(), 1)
        };
        found.push(sample("authenticators, proof", path, proof));
        for count in [1, 5] {
            found.push(sample(
                "authenticators",
                path,
                authenticators(empty(), count),
            ));
        }
    }
    let session = |is_this, waits_for_code, browser: &str| SessionView {
        id: "00ff".into(),
        is_this,
        waits_for_code,
        browser: browser.into(),
        ip: String::new(),
        since: NOW - 90_000,
        last_seen: NOW,
    };
    let sessions = SessionsView {
        sessions: vec![
            session(true, false, "Firefox, Linux"),
            session(false, true, "Chrome, Windows"),
            session(false, false, ""),
        ],
    };
    found.push(sample("sessions", routes::SESSIONS, sessions));
    let line = |event: &str, outcome: &str| HistoryLine {
        at: NOW - 60,
        event: event.into(),
        outcome: outcome.into(),
        ip: "203.0.113.7".into(),
    };
    let lines = vec![line("code", "accepted"), line("alarm", "given")];
    found.push(sample("history", routes::HISTORY, HistoryView { lines }));
    for (path, view) in [
        (routes::BLOCK, PageView::Block),
        (routes::BLOCKED, PageView::Blocked),
    ] {
        found.push(sample("block", path, Shown::nothing(view)));
    }
    let few = HomeView {
        codes_notice: Some(CodesNotice::Few(2)),
        codes_left: Some(2),
        ..home(vec![active()], false)
    };
    found.push(sample("home, few codes", routes::HOME, few));
    let known = EnrolView {
        known_email: Some("a•••@correio.example".into()),
        ..enrol(empty())
    };
    found.push(sample("enrol, known email", routes::ENROL, known));
    found
}

/// The pages without the phone, and of the support team, in the states in which no form comes back.
pub(super) fn lost_phones() -> Vec<Sample> {
    let empty = FormState::default;
    let mut found = Vec::new();
    let bare = LostPhoneView {
        has_codes: false,
        has_other_authenticator: false,
        mailbox: None,
        ..lost_phone(empty())
    };
    for path in [routes::LOST_PHONE, routes::STOLEN_PHONE] {
        found.push(sample("lost phone, nothing", path, bare.clone()));
    }
    for (mailed_at, is_stolen) in [(NOW + 3_600, true), (NOW - 60, false)] {
        let asked = LostPhoneView {
            mailbox: Some(MailboxWay {
                wait: 86_400,
                mailed_at: Some(mailed_at),
            }),
            entry: Some(WaitingEntry {
                number: "042913".into(),
                until: NOW + 3_000,
                is_stolen,
            }),
            ..lost_phone(empty())
        };
        found.push(sample("lost phone, asked", routes::LOST_PHONE, asked));
    }
    let entry = |needs_second, approvals| EntryView {
        is_stolen: needs_second,
        needs_second,
        approvals,
        ..entry(empty())
    };
    for (needs_second, approvals) in [(true, 0), (true, 1)] {
        let path = routes::entry("042913");
        found.push(sample("entry", &path, entry(needs_second, approvals)));
    }
    for outcome in ["done", "second"] {
        let form = FormState::default().keep("approved", outcome);
        let view = SupportDeskView { form };
        found.push(sample("desk, approved", routes::SUPPORT_DESK, view));
    }
    let refused = RecoveryLinkView::Refused(LinkRefusal::Cancelled);
    let path = routes::recovery_link("aB-_9");
    found.push(sample("recovery link, refused", &path, refused));
    found
}

/// The pages with a form, showing what `form` makes.
pub(super) fn forms(form: &dyn Fn() -> FormState) -> Vec<Sample> {
    vec![
        sample("lost phone", routes::LOST_PHONE, lost_phone(form())),
        sample("stolen phone", routes::STOLEN_PHONE, lost_phone(form())),
        sample(
            "recovery link",
            &routes::recovery_link("aB-_9"),
            RecoveryLinkView::Ask {
                form: form(),
                token: "aB-_9".into(),
                who: "Ana (a•••a)".into(),
            },
        ),
        sample(
            "desk",
            routes::SUPPORT_DESK,
            SupportDeskView { form: form() },
        ),
        sample("entry", &routes::entry("042913"), entry(form())),
        sample(
            "recovery codes, made",
            routes::RECOVERY_CODES,
            recovery_codes(form()),
        ),
        sample("new phone", routes::NEW_PHONE, authenticators(form(), 1)),
        sample(
            "authenticators",
            routes::AUTHENTICATORS,
            authenticators(form(), 2),
        ),
    ]
}
