//! Several authenticators: a new phone, names, removal, sessions, history, and **Bloquear minha conta**.

use crate::recovery_codes::make_codes;
use crate::support::{
    Answer, Browser, Database, Options, PT, TestApp, WILLING, both, both_ways, code_at, enrolled,
};
use app::model::{Language, SyncOutcome};
use app::text::Locale;
use app::text::history::NOT_TOLD;
use server::domain::AuditEvent;
use strum::IntoEnumIterator as _;

const ANA: &str = "ana@correio.example";

/// Ids of the authenticators that a page lets choose.
pub fn ids_on(page: &Answer) -> Vec<String> {
    let inputs = page.body.split("<input").skip(1);
    inputs
        .filter(|input| input.contains("type=\"radio\""))
        .filter_map(|input| {
            let value = input.split("value=\"").nth(1)?.split('"').next()?;
            (!value.is_empty()).then(|| value.to_owned())
        })
        .collect()
}

/// From the page for a new phone to its confirmation; returns the setup key.
pub async fn add(app: &TestApp, browser: &mut Browser, replaces: &str, label: &str) -> String {
    let page = browser
        .post(
            "/api/new-phone",
            &[("replaces", replaces), ("label", label)],
        )
        .await;
    let key = page.at("/habilitar").setup_key();
    page.hides("name=\"email\"").shows("a…@c….example");
    let code = code_at(&key, app.now());
    browser
        .post("/api/enrolment-submit", &[("code", &code)])
        .await
        .at("/habilitar/email-enviado")
        .hides(PT.change_email());
    key
}

pub async fn opens(app: &TestApp, key: &str) -> bool {
    app.next_step();
    let mut browser = app.browser();
    // where the account is blocked, or has no factor, no code is asked for
    if browser.sign_in("ana.souza", "enter").await.path != "/entrar/codigo" {
        return false;
    }
    let code = code_at(key, app.now());
    let answer = browser.post("/api/verify-code", &[("code", &code)]).await;
    answer.path == "/inicio"
}

/// A full session whose code was just given.
pub async fn inside(app: &TestApp, key: &str) -> Browser {
    app.next_step();
    let mut browser = app.browser();
    browser
        .sign_in_with_code(app, "ana.souza", key)
        .await
        .at("/inicio");
    browser
}

both_ways!(
    a_new_phone_replaces_the_old_one_when_its_link_is_confirmed,
    |database: Database| async move {
        let (app, old) = enrolled(database).await;
        let mut browser = inside(&app, &old).await;
        let page = browser.get("/conta/novo-celular").await;
        let ids = ids_on(&page);
        assert_eq!(ids.len(), 1);
        let new = add(&app, &mut browser, &ids[0], "  Celular   novo ").await;
        // until the link is confirmed the old phone works, and the new one does not
        assert!(opens(&app, &old).await);
        assert!(!opens(&app, &new).await);
        app.confirm(ANA)
            .await
            .at("/ativada")
            .shows(PT.activated_replaced())
            .shows("No celular antigo, apague a entrada e-Proc/JMU");
        assert!(opens(&app, &new).await);
        assert!(!opens(&app, &old).await);
        // the session of the change goes on, and its page says so
        browser.get("/ativada").await.shows(PT.account_back());
        browser
            .get("/conta")
            .await
            .at("/conta")
            .shows("Celular novo");
        let mails = app.mails_to(ANA).await;
        let told = mails.iter().rfind(|mail| mail.kind == "security_changed");
        assert!(
            told.unwrap()
                .text
                .contains("um novo celular passou a valer")
        );
    }
);

both!(
    two_authenticators_work_side_by_side_have_names_and_one_can_be_removed,
    |database: Database| async move {
        let (app, first) = enrolled(database).await;
        let mut browser = inside(&app, &first).await;
        let second = add(&app, &mut browser, "", "Tablet").await;
        app.confirm(ANA).await.at("/ativada");
        assert!(opens(&app, &first).await);
        assert!(opens(&app, &second).await);

        let mut browser = inside(&app, &first).await;
        let ids = ids_on(&browser.get("/conta/aplicativos").await);
        assert_eq!(ids.len(), 2);
        let rename = [("id", &*ids[0]), ("label", "Celular <b>antigo</b>")];
        browser
            .post("/api/authenticator-rename", &rename)
            .await
            .shows(PT.apps_done())
            .shows("Celular &lt;b&gt;antigo&lt;/b&gt;");
        let long = "x".repeat(41);
        browser
            .post(
                "/api/authenticator-rename",
                &[("id", &*ids[0]), ("label", &*long)],
            )
            .await
            .shows(PT.problem_too_long());
        browser
            .post("/api/authenticator-remove", &[("id", &*ids[0])])
            .await
            .at("/conta/aplicativos")
            .shows(PT.apps_done());
        assert!(!opens(&app, &first).await);
        assert!(opens(&app, &second).await);
        // the last one stays
        let mut browser = inside(&app, &second).await;
        browser
            .post("/api/authenticator-remove", &[("id", &*ids[1])])
            .await
            .shows(PT.problem_incomplete());
        assert!(opens(&app, &second).await);
    }
);

both!(
    ids_of_another_person_do_nothing,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        app.person("bia.lima").await;
        let mut bia = app.browser();
        let (other, _) = bia.enrol(&app, "bia.lima", "bia@correio.example").await;
        app.next_step();
        bia.sign_in_with_code(&app, "bia.lima", &other)
            .await
            .at("/inicio");
        let theirs = ids_on(&bia.get("/conta/novo-celular").await);
        let mut ana = inside(&app, &key).await;
        add(&app, &mut ana, "", "Tablet").await;
        app.confirm(ANA).await.at("/ativada");
        for (form, fields) in [
            ("new-phone", vec![("replaces", &*theirs[0]), ("label", "")]),
            (
                "authenticator-rename",
                vec![("id", &*theirs[0]), ("label", "mine")],
            ),
            ("authenticator-remove", vec![("id", &*theirs[0])]),
        ] {
            ana.post(&format!("/api/{form}"), &fields)
                .await
                .shows(PT.problem_incomplete());
        }
        // sessions too
        let listed = bia.get("/conta/sessoes").await;
        let hash = app.database.dump().await.column("session", "id_hash");
        for id in hash.into_iter().flatten() {
            let id = data_encoding::HEXLOWER.encode(&id);
            ana.post("/api/session-end", &[("id", &id)]).await;
        }
        listed.at("/conta/sessoes");
        bia.get("/conta").await.at("/conta").hides("mine");
        // her own she has ended herself
        ana.get("/conta").await.at("/");
    }
);

both!(
    what_is_begun_ends_with_the_right_to_it,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut browser = inside(&app, &key).await;
        let ids = ids_on(&browser.get("/conta/novo-celular").await);
        // a proof that is too old begins nothing
        app.clock.forward(601);
        browser
            .post("/api/new-phone", &[("replaces", &*ids[0]), ("label", "")])
            .await
            .at("/conta/novo-celular")
            .shows(PT.proof_why());
        // a password-only session sees nothing of an authenticator that is being added
        let mut browser = inside(&app, &key).await;
        add(&app, &mut browser, &ids[0], "").await;
        let mut thief = app.browser();
        thief
            .sign_in("ana.souza", "enter")
            .await
            .at("/entrar/codigo");
        for page in [
            "/habilitar",
            "/habilitar/aviso",
            "/habilitar/email-enviado",
            "/habilitar/corrigir-email",
        ] {
            thief.get(page).await.at("/entrar/codigo");
        }
        for form in ["begin", "submit", "extend", "resend", "address", "cancel"] {
            thief
                .post(
                    &format!("/api/enrolment-{form}"),
                    &[("email", "x@correio.example")],
                )
                .await
                .at("/entrar/codigo");
        }
        // the address stays what it was
        browser
            .post("/api/enrolment-address", &[("email", "x@correio.example")])
            .await
            .at("/habilitar/email-enviado");
        assert!(app.mails_to("x@correio.example").await.is_empty());
        // an open session alone makes no newer QR code either
        app.clock.forward(601);
        browser
            .post("/api/enrolment-begin", &[])
            .await
            .at("/conta/novo-celular")
            .shows(PT.proof_why());
        // a block ends it, and the link does nothing any more
        let link = app.link_to(ANA).await;
        app.block("ana.souza").await;
        app.browser()
            .post("/api/activation-confirm", &[("token", &link)])
            .await
            .shows(PT.refused_cancelled_title());
    }
);

both!(
    until_other_instances_have_answered_the_page_says_where_the_old_phone_may_work,
    |database: Database| async move {
        let options = Options {
            peers: vec!["STM"],
            ..Options::default()
        };
        let app = TestApp::new(database, options).await;
        app.person("ana.souza").await;
        let (key, _) = app.browser().enrol(&app, "ana.souza", ANA).await;
        assert!(app.services.deliver_next_change(&WILLING).await.unwrap());
        // the next mail to the same address is a minute later
        app.clock.forward(60);
        let mut browser = inside(&app, &key).await;
        let ids = ids_on(&browser.get("/conta/novo-celular").await);
        add(&app, &mut browser, &ids[0], "").await;
        let page = app.confirm(ANA).await;
        page.shows("Ela ainda pode valer em: STM. O aviso da troca já está a caminho.")
            .shows("Sincronização com STM em andamento.");
        browser
            .get("/conta")
            .await
            .shows("Sincronização com STM em andamento. O celular antigo ainda pode valer lá.");
        assert!(app.services.deliver_next_change(&WILLING).await.unwrap());
        browser
            .get("/conta")
            .await
            .hides("O celular antigo")
            .shows("Sincronização realizada com sucesso em STM");
    }
);

both_ways!(
    sessions_are_listed_and_ended,
    |database: Database| async move {
        let (app, key) = enrolled(database).await;
        let mut first = inside(&app, &key).await;
        let mut second = inside(&app, &key).await;
        let mut waiting = app.browser();
        waiting.sign_in("ana.souza", "enter").await;
        let page = second.get("/conta/sessoes").await;
        page.shows(PT.sessions_this()).shows(PT.sessions_waits());
        let ids: Vec<_> = page
            .body
            .split("name=\"id\" value=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect();
        // the session of the enrolment waits for a code too
        assert_eq!(ids.len(), 3);
        for id in &ids[..2] {
            second.post("/api/session-end", &[("id", id)]).await;
        }
        second.post("/api/session-end", &[("id", "zz")]).await;
        let page = second.get("/conta/sessoes").await;
        assert_eq!(page.body.matches("name=\"id\"").count(), 1);
        second
            .post("/api/sessions-end", &[])
            .await
            .at("/conta/sessoes")
            .hides(PT.sessions_end_others());
        first.get("/conta").await.at("/");
        waiting.get("/entrar/codigo").await.at("/");
        second
            .get("/conta/historico")
            .await
            .shows("Sessão encerrada a distância.")
            .shows("Entrada com senha e código.");
    }
);

both!(
    r33_the_owner_blocks_at_any_time_and_keeps_the_own_phone,
    |database: Database| async move {
        let (app, own) = enrolled(database).await;
        app.clock.forward(11 * 86_400);
        // a thief with one code adds an authenticator and makes codes
        let mut thief = inside(&app, &own).await;
        let theirs = add(&app, &mut thief, "", "").await;
        app.confirm(ANA).await.at("/ativada");
        make_codes(&app, &mut thief, &own).await;

        let mut browser = inside(&app, &own).await;
        browser
            .get("/conta/bloquear")
            .await
            .shows(PT.block_effect());
        browser
            .post("/api/block-account", &[])
            .await
            .at("/conta-bloqueada")
            .shows(PT.reported_title());
        thief.get("/conta").await.at("/");
        browser
            .sign_in("ana.souza", "enter")
            .await
            .shows(PT.problem_blocked());
        app.give_back("ana.souza").await;
        assert!(opens(&app, &own).await);
        assert!(!opens(&app, &theirs).await);
        let dump = app.database.dump().await;
        assert_eq!(dump.column("recovery_code", "code_index").len(), 0);
    }
);

#[test]
fn every_event_of_the_audit_is_told_or_left_out_on_purpose() {
    let locale = Locale {
        language: Language::Pt,
        ..Locale::default()
    };
    let english = Locale {
        language: Language::En,
        ..locale
    };
    let answers = [
        SyncOutcome::Synchronised,
        SyncOutcome::NoRecord,
        SyncOutcome::AlreadyActive,
        SyncOutcome::Ambiguous,
        SyncOutcome::Refused,
        SyncOutcome::Superseded,
        SyncOutcome::Stale,
    ];
    for event in AuditEvent::iter().chain(answers.map(AuditEvent::SyncReceived)) {
        let (event, outcome) = event.parts();
        let told = locale.history_sentence(event, outcome);
        assert_eq!(
            told.is_some(),
            english.history_sentence(event, outcome).is_some()
        );
        let is_left_out = NOT_TOLD.contains(&(event, outcome));
        assert_ne!(told.is_some(), is_left_out, "{event} {outcome}");
    }
}
