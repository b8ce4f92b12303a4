//! One view of every kind for every page.

use super::account;
use super::fake::{NOW, Shown};
use app::model::{
    CodeRefusal, EmailRefusal, EntryRefusal, LinkRefusal, MailProgress, PeerSync, SyncOutcome,
};
use app::routes;
use app::text::{Locale, account_sync_report};
use app::view::{
    ActivatedView, ChangeEmailView, CodeView, CodesNotice, EnrolView, FactorView, FormState,
    HomeView, IntroView, LinkView, MailSentView, NotMeView, PageView, Problem, ReportedAct,
    SignInLinkView, SignInView, SyncLine, SyncReport, Tone, WayOn,
};

/// The example of the key URI format, with a key of 16 characters.
pub const URI: &str =
    "otpauth://totp/JMU:ana.souza?secret=JBSWY3DPEHPK3PXP&issuer=JMU&algorithm=SHA1&digits=6";

/// A page in a state.
pub struct Sample {
    pub name: String,
    pub path: String,
    pub shown: Shown,
    /// Whether a form comes back with problems.
    pub form: bool,
}

pub fn sample(name: &str, path: &str, shown: impl Into<Shown>) -> Sample {
    Sample {
        name: name.into(),
        path: path.into(),
        shown: shown.into(),
        form: false,
    }
}

/// Every problem there is, once.
pub fn every_problem() -> Vec<Problem> {
    // a problem added to the enum fails to compile here until it stands in the list
    let complete = |problem: &Problem| match problem {
        Problem::Missing
        | Problem::TooLong
        | Problem::Credentials
        | Problem::Blocked
        | Problem::SessionOver
        | Problem::Code(
            CodeRefusal::Missing
            | CodeRefusal::Malformed
            | CodeRefusal::Wrong
            | CodeRefusal::AlreadyUsed
            | CodeRefusal::NotKept
            | CodeRefusal::ClockOff { .. },
        )
        | Problem::Entry(
            EntryRefusal::Unknown
            | EntryRefusal::Own
            | EntryRefusal::TooMany
            | EntryRefusal::Twice
            | EntryRefusal::Blocked,
        )
        | Problem::Locked { .. }
        | Problem::NetworkBusy { .. }
        | Problem::Email(
            EmailRefusal::Missing
            | EmailRefusal::TooLong
            | EmailRefusal::Malformed
            | EmailRefusal::Institutional { .. }
            | EmailRefusal::Suggestion { .. },
        )
        | Problem::ResendWait { .. }
        | Problem::NeedsApproval
        | Problem::Gone
        | Problem::Incomplete
        | Problem::Unavailable { .. } => (),
    };
    let problems = vec![
        Problem::Missing,
        Problem::TooLong,
        Problem::Credentials,
        Problem::Blocked,
        Problem::SessionOver,
        Problem::NetworkBusy { until: NOW + 20 },
        Problem::Code(CodeRefusal::Missing),
        Problem::Code(CodeRefusal::Malformed),
        Problem::Code(CodeRefusal::Wrong),
        Problem::Code(CodeRefusal::AlreadyUsed),
        Problem::Code(CodeRefusal::NotKept),
        Problem::Code(CodeRefusal::ClockOff { steps: 4 }),
        Problem::Code(CodeRefusal::ClockOff { steps: -4 }),
        Problem::Locked {
            until: Some(NOW + 120),
        },
        Problem::Locked { until: None },
        Problem::Email(EmailRefusal::Missing),
        Problem::Email(EmailRefusal::Malformed),
        Problem::Email(EmailRefusal::Institutional {
            suffix: "jus.br".into(),
        }),
        Problem::Email(EmailRefusal::Suggestion {
            suggestion: "ana@gmail.com".into(),
        }),
        Problem::Entry(EntryRefusal::Unknown),
        Problem::Entry(EntryRefusal::Own),
        Problem::Entry(EntryRefusal::TooMany),
        Problem::Entry(EntryRefusal::Twice),
        Problem::Entry(EntryRefusal::Blocked),
        Problem::ResendWait { until: NOW + 60 },
        Problem::NeedsApproval,
        Problem::Gone,
        Problem::Incomplete,
        Problem::Unavailable {
            reference: "ABC-123".into(),
        },
    ];
    problems.iter().for_each(complete);
    problems
}

fn suffixes() -> Vec<String> {
    ["jus.br", "gov.br"].map(str::to_owned).to_vec()
}

pub fn enrol(form: FormState) -> EnrolView {
    EnrolView {
        form,
        uri: URI.into(),
        setup_key: "JBSWY3DPEHPK3PXP".into(),
        account_label: "JMU (ana.souza)".into(),
        known_email: None,
        suffixes: suffixes(),
        session_until: NOW + 900,
    }
}

fn mail_sent(form: FormState) -> MailSentView {
    MailSentView {
        form,
        email: "ana@correio.example".into(),
        link_until: NOW + 7_200,
        link_over: false,
        mail: MailProgress::Queued,
        resend_at: NOW,
        may_change_email: true,
        provisional_left: None,
        signed_in: false,
    }
}

fn code(form: FormState) -> CodeView {
    CodeView {
        form,
        sigla: "ana.souza".into(),
        account_label: "JMU (ana.souza)".into(),
        locked: None,
        provisional_left: None,
    }
}

pub fn home(factors: Vec<FactorView>, enrolment_pending: bool) -> HomeView {
    HomeView {
        name: "Ana Souza".into(),
        sigla: "ana.souza".into(),
        profiles: vec!["ADVOGADO".into(), "SERVIDOR".into()],
        previous_sign_in: Some(NOW - 86_400),
        enrolment_pending,
        required: true,
        sync: SyncReport {
            lines: Vec::new(),
            settled: true,
        },
        factors,
        provisional: false,
        email: Some("a•••@correio.example".into()),
        codes_notice: Some(CodesNotice::Offer),
        codes_left: None,
        system_url: Some("https://eproc.example/".into()),
    }
}

pub fn active() -> FactorView {
    FactorView {
        id: "abc".into(),
        label: String::new(),
        since: NOW - 40 * 86_400,
        home_instance: "JMU".into(),
        last_used: Some(NOW - 60),
    }
}

/// The pages with a form, showing what `form` makes.
pub fn forms(form: &dyn Fn() -> FormState) -> Vec<Sample> {
    let intro = IntroView {
        form: form(),
        required: false,
        voids_another: false,
        expired: false,
    };
    let change = ChangeEmailView {
        form: form(),
        email: "ana@correio.example".into(),
        suffixes: suffixes(),
    };
    let mut found = vec![
        sample("sign-in", routes::SIGN_IN, SignInView { form: form() }),
        sample("intro", routes::INTRO, intro),
        sample("enrol", routes::ENROL, enrol(form())),
        sample("mail sent", routes::MAIL_SENT, mail_sent(form())),
        sample("change address", routes::CHANGE_EMAIL, change),
        sample("code", routes::CODE, code(form())),
    ];
    found.extend(account::forms(form));
    found
}

fn rejected_forms() -> Vec<Sample> {
    let fields = |path: &str| -> &[&str] {
        match path {
            routes::SIGN_IN => &["", "login", "password"],
            routes::ENROL => &["", "code", "email"],
            routes::CODE | routes::STOLEN_PHONE => &["", "code"],
            routes::SUPPORT_DESK => &["", "number"],
            "/suporte/pedido/042913" => &["", "check", "reason", "code"],
            "/recuperar/aB-_9" => &["", "password"],
            routes::LOST_PHONE | routes::RECOVERY_CODES => &["", "recovery_code"],
            routes::NEW_PHONE | routes::AUTHENTICATORS => &["", "label"],
            routes::CHANGE_EMAIL => &["", "email"],
            _ => &[""],
        }
    };
    let mut found = Vec::new();
    for problem in every_problem() {
        for field in [
            "",
            "login",
            "password",
            "code",
            "email",
            "recovery_code",
            "label",
            "number",
            "check",
            "reason",
        ] {
            let form = || FormState::with(field, problem.clone()).keep("email", "ana@gmial.com");
            for mut page in forms(&form) {
                if fields(&page.path).contains(&field) {
                    page.name = format!("{}, {field:?}: {problem:?}", page.name);
                    page.form = true;
                    found.push(page);
                }
            }
        }
    }
    found
}

fn waiting() -> Vec<Sample> {
    let mut found = Vec::new();
    for mail in [
        MailProgress::Queued,
        MailProgress::Retrying,
        MailProgress::Accepted(NOW - 30),
        MailProgress::Failed,
    ] {
        for (link_over, resend_at, provisional_left) in [
            (false, NOW + 40, None),
            (false, NOW, Some(0)),
            (true, NOW, Some(1)),
            (true, NOW + 40, Some(2)),
        ] {
            let view = MailSentView {
                mail,
                link_over,
                resend_at,
                may_change_email: link_over,
                provisional_left,
                ..mail_sent(FormState::default())
            };
            let name = format!("mail sent, {mail:?}, {link_over}, {resend_at}");
            found.push(sample(&name, routes::MAIL_SENT, view));
        }
    }
    found
}

fn links() -> Vec<Sample> {
    let mut found = Vec::new();
    let activation = routes::activation_link("aB-_9");
    let not_me = routes::not_me_link("aB-_9");
    for refusal in [
        LinkRefusal::Unknown,
        LinkRefusal::Expired,
        LinkRefusal::Used,
        LinkRefusal::NewerQr,
        LinkRefusal::EmailCorrected,
        LinkRefusal::Cancelled,
    ] {
        let name = format!("link, {refusal:?}");
        found.push(sample(&name, &activation, LinkView::Refused(refusal)));
        found.push(sample(&name, &not_me, NotMeView::Refused(refusal)));
    }
    for known in [true, false] {
        let fact = |text: &str| if known { text.into() } else { String::new() };
        let ask = LinkView::Ask {
            token: "aB-_9".into(),
            who: "Ana (a•••a)".into(),
            at: NOW - 60,
            browser: fact("Firefox, Android"),
            ip: fact("192.0.2.7"),
            until: NOW + 7_200,
        };
        found.push(sample("link, asks", &activation, ask));
        let reported = NotMeView::Reported {
            still_active_at: if known { vec!["STM".into()] } else { vec![] },
        };
        found.push(sample("not me, reported", &not_me, reported));
    }
    let sign_in_link = routes::sign_in_link("aB-_9");
    for view in [
        SignInLinkView::Ask {
            token: "aB-_9".into(),
            who: "Ana (a•••a)".into(),
        },
        SignInLinkView::Done,
        SignInLinkView::Refused(LinkRefusal::Used),
    ] {
        found.push(sample("sign-in link", &sign_in_link, view));
    }
    for reported in [
        ReportedAct::EnrolmentStarted,
        ReportedAct::FactorActivated,
        ReportedAct::PasswordWithoutCode,
        ReportedAct::SecurityChanged,
    ] {
        let ask = NotMeView::Ask {
            token: "aB-_9".into(),
            who: "Ana (a•••a)".into(),
            reported,
        };
        found.push(sample("not me, asks", &not_me, ask));
    }
    found
}

fn activated() -> Vec<Sample> {
    let line = |tone: Tone, details: &[(&str, &str)]| SyncLine {
        peer: "STM".into(),
        tone,
        sentence: "Sincronização com o STM".into(),
        details: details
            .iter()
            .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
            .collect(),
        details_title: if details.is_empty() { "" } else { "Detalhes" }.into(),
        consequence: "Nada muda aqui.".into(),
    };
    let with = |lines: Vec<SyncLine>, settled: bool, way_on: WayOn| {
        Some(ActivatedView {
            sync: SyncReport { lines, settled },
            way_on,
            replaced_phone: way_on == WayOn::Home,
            old_works_at: if settled {
                Vec::new()
            } else {
                vec!["STM".into()]
            },
            account_label: "JMU (ana.souza)".into(),
        })
    };
    let failed = line(
        Tone::Failed,
        &[("CPF", "•••.456.789-••"), ("Motivo", "Não possui cadastro")],
    );
    vec![
        sample(
            "activated, no receipt",
            routes::ACTIVATED,
            None::<ActivatedView>,
        ),
        sample(
            "activated, alone",
            routes::ACTIVATED,
            with(Vec::new(), true, WayOn::Code),
        ),
        sample(
            "activated, new phone",
            routes::ACTIVATED,
            with(Vec::new(), false, WayOn::Home),
        ),
        sample(
            "activated, new phone, alone",
            routes::ACTIVATED,
            with(Vec::new(), true, WayOn::Home),
        ),
        sample(
            "activated, pending",
            routes::ACTIVATED,
            with(vec![line(Tone::Pending, &[])], false, WayOn::SignIn),
        ),
        sample(
            "activated, mixed",
            routes::ACTIVATED,
            with(vec![line(Tone::Success, &[]), failed], true, WayOn::Code),
        ),
    ]
}

fn homes() -> Vec<Sample> {
    let mut found = Vec::new();
    for (name, factors, pending) in [
        ("active", vec![active()], false),
        ("two", vec![active(), active()], false),
        ("pending", Vec::new(), true),
        ("none", Vec::new(), false),
    ] {
        for path in [routes::HOME, routes::ACCOUNT] {
            found.push(sample(name, path, home(factors.clone(), pending)));
            let bare = HomeView {
                previous_sign_in: None,
                email: None,
                required: false,
                provisional: true,
                profiles: Vec::new(),
                ..home(factors.clone(), pending)
            };
            found.push(sample(name, path, bare));
        }
    }
    let peers = [
        None,
        Some(SyncOutcome::Synchronised),
        Some(SyncOutcome::NoRecord),
        Some(SyncOutcome::AlreadyActive),
        Some(SyncOutcome::Ambiguous),
        Some(SyncOutcome::Refused),
        Some(SyncOutcome::Superseded),
        Some(SyncOutcome::Stale),
    ]
    .map(|outcome| PeerSync {
        peer: "STM".into(),
        outcome,
    });
    let view = HomeView {
        sync: account_sync_report(&Locale::default(), &peers, &["STM".to_owned()]),
        ..home(vec![active()], false)
    };
    found.push(sample("peers", routes::ACCOUNT, view));
    found
}

fn codes() -> Vec<Sample> {
    let locked = |until| CodeView {
        locked: Some(until),
        ..code(FormState::default())
    };
    let provisional = CodeView {
        provisional_left: Some(1),
        ..code(FormState::default())
    };
    vec![
        sample("code, locked", routes::CODE, locked(Some(NOW + 60))),
        sample("code, locked for good", routes::CODE, locked(None)),
        sample("code, provisional", routes::CODE, provisional),
    ]
}

/// Every page in every state.
pub fn samples() -> Vec<Sample> {
    let intro = IntroView {
        form: FormState::default(),
        required: true,
        voids_another: true,
        expired: true,
    };
    let mut found = vec![
        sample("intro, required", routes::INTRO, intro),
        sample("denied", routes::DENIED, Shown::nothing(PageView::Denied)),
        sample(
            "privacy",
            routes::PRIVACY,
            Shown::nothing(PageView::Privacy),
        ),
    ];
    found.extend(forms(&FormState::default));
    found.extend(rejected_forms());
    found.extend(waiting());
    found.extend(links());
    found.extend(activated());
    found.extend(homes());
    found.extend(codes());
    found.extend(account::pages());
    found.extend(account::lost_phones());
    found
}
