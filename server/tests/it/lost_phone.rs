//! Ways in without the phone: by the support team and its number, by the personal email after a wait, and after a theft.

use crate::recovery_codes::make_codes;
use crate::support::{
    Answer, Browser, Database, Options, PASSWORD, PT, TestApp, both, both_ways, code_at,
};
use server::domain::RecoveryPolicy;

pub const ANA: &str = "ana@correio.example";
pub const CONTACT: &str = "ana@advocacia.example";
pub const LOST: &str = "/entrar/sem-celular";

/// A lawyer, two members of the support team, a supervisor and a judge, all with a factor; the setup keys by sigla.
pub struct Court {
    pub app: TestApp,
    keys: Vec<(&'static str, String)>,
}

impl Court {
    pub async fn new(database: Database, recovery: RecoveryPolicy) -> Self {
        let options = Options {
            recovery,
            ..Options::default()
        };
        let app = TestApp::new(database, options).await;
        let mut keys = Vec::new();
        for (sigla, profile, email) in [
            ("ana.souza", "lawyer", ANA),
            ("sup.um", "support", "um@correio.example"),
            ("sup.dois", "support", "dois@correio.example"),
            ("chefe", "supervisor", "chefe@correio.example"),
            ("juiza", "magistrate", "juiza@correio.example"),
        ] {
            let contacts: &[&str] = if sigla == "ana.souza" {
                &[CONTACT]
            } else {
                &[]
            };
            app.person_with(sigla, &[profile], contacts, None).await;
            let (key, _) = app.browser().enrol(&app, sigla, email).await;
            keys.push((sigla, key));
        }
        app.next_step();
        Self { app, keys }
    }

    pub fn key(&self, sigla: &str) -> &str {
        &self.keys.iter().find(|(of, _)| *of == sigla).unwrap().1
    }

    /// A browser of this person that has given the password.
    pub async fn at_code(&self, sigla: &str) -> Browser {
        let mut browser = self.app.browser();
        browser.sign_in(sigla, "enter").await.at("/entrar/codigo");
        browser
    }

    /// A browser of this person with a full session.
    pub async fn inside(&self, sigla: &str) -> Browser {
        self.app.next_step();
        let mut browser = self.app.browser();
        browser
            .sign_in_with_code(&self.app, sigla, self.key(sigla))
            .await
            .at("/inicio");
        browser
    }

    pub async fn approve(&self, member: &mut Browser, sigla: &str, number: &str) -> Answer {
        self.app.next_step();
        let code = code_at(self.key(sigla), self.app.now());
        member
            .post(
                "/api/entry-approve",
                &[
                    ("number", number),
                    ("check", "video"),
                    ("reason", "chamado 7: perdeu o celular"),
                    ("code", &code),
                ],
            )
            .await
    }
}

pub async fn court(database: Database) -> Court {
    Court::new(database, RecoveryPolicy::default()).await
}

/// The number on the page.
pub async fn ask(browser: &mut Browser) -> String {
    let page = browser.post("/api/entry-ask", &[]).await;
    number_on(page.at(LOST))
}

pub fn number_on(page: &Answer) -> String {
    let rest = page
        .body
        .split("class=\"number\"")
        .nth(1)
        .expect("no number");
    rest.chars()
        .skip_while(|c| !c.is_ascii_digit())
        .filter(char::is_ascii_digit)
        .take(6)
        .collect()
}

/// From the notice to the confirmed link, in a session that may enrol; returns the setup key.
pub async fn enrol(app: &TestApp, browser: &mut Browser, email: Option<&str>) -> String {
    // mails of one second come in any order
    app.clock.forward(1);
    let page = browser.post("/api/enrolment-begin", &[]).await;
    let key = page.at("/habilitar").setup_key();
    let code = code_at(&key, app.now());
    let mut form = vec![("code", &*code)];
    match email {
        Some(email) => form.push(("email", email)),
        None => {
            page.hides("name=\"email\"");
        }
    }
    browser
        .post("/api/enrolment-submit", &form)
        .await
        .at("/habilitar/email-enviado");
    app.confirm(email.unwrap_or(ANA)).await.at("/ativada");
    key
}

pub async fn opens(court: &Court, key: &str) -> bool {
    court.app.next_step();
    let mut browser = court.app.browser();
    let answer = browser
        .sign_in_with_code(&court.app, "ana.souza", key)
        .await;
    answer.path == "/inicio"
}

both_ways!(
    the_mailbox_is_a_way_in_after_a_wait_and_with_the_password,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let mut ana = court.at_code("ana.souza").await;
        ana.get(LOST).await.shows("Em 24 horas enviamos um link");
        ana.post("/api/recovery-ask", &[])
            .await
            .at(LOST)
            .shows("O link será enviado ao seu e-mail pessoal em");
        // told at once to every address, once, however often it is asked for
        for _ in 0..200 {
            ana.post_once("/api/recovery-ask", &[]).await;
        }
        for address in [ANA, CONTACT] {
            let told = app.kinds_to(address).await;
            let changes = told.iter().filter(|kind| **kind == "security_changed");
            assert_eq!(changes.count(), 1, "{told:?}");
        }
        app.clock.forward(86_399);
        assert_eq!(app.services.mail_recovery_links().await.unwrap(), 0);
        app.clock.forward(1);
        assert_eq!(app.services.mail_recovery_links().await.unwrap(), 1);
        assert_eq!(app.services.mail_recovery_links().await.unwrap(), 0);
        let link = app.link_to(ANA).await;
        assert!(!app.kinds_to(CONTACT).await.contains(&"recovery_link"));
        // the link alone opens nothing
        let page = format!("/recuperar/{link}");
        let mut phone = app.browser();
        phone
            .get(&page)
            .await
            .at(&page)
            .shows(PT.recovery_link_title());
        let form =
            |password: &'static str| [("token", link.clone()), ("password", password.to_owned())];
        let post = async |browser: &mut Browser, password| {
            let form = form(password);
            let form: Vec<_> = form.iter().map(|(name, value)| (*name, &**value)).collect();
            browser.post("/api/recovery-link", &form).await
        };
        post(&mut phone, "wrong")
            .await
            .at(&page)
            .shows(PT.problem_credentials());
        post(&mut phone, PASSWORD).await.at("/habilitar/aviso");
        // once
        post(&mut app.browser(), PASSWORD)
            .await
            .shows(PT.refused_used_title());
        let key = enrol(app, &mut phone, None).await;
        assert!(opens(&court, &key).await);
        assert!(!opens(&court, court.key("ana.souza")).await);
    }
);

both!(
    whoever_has_the_phone_ends_the_way_by_the_mailbox,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let mut thief = court.at_code("ana.souza").await;
        thief.post("/api/recovery-ask", &[]).await;
        app.clock.forward(3_600);
        // the owner goes on as every day, and has read no mail
        assert!(opens(&court, court.key("ana.souza")).await);
        app.clock.forward(86_400);
        assert_eq!(app.services.mail_recovery_links().await.unwrap(), 0);
        // or signs in after the link was mailed
        let mut thief = court.at_code("ana.souza").await;
        thief.post("/api/recovery-ask", &[]).await;
        app.clock.forward(86_400);
        assert_eq!(app.services.mail_recovery_links().await.unwrap(), 1);
        let link = app.link_to(ANA).await;
        assert!(opens(&court, court.key("ana.souza")).await);
        let form = [("token", &*link), ("password", PASSWORD)];
        app.browser()
            .post("/api/recovery-link", &form)
            .await
            .shows(PT.refused_cancelled_title());
        // what a thief had asked for does not stop the owner from asking
        let mut ana = court.at_code("ana.souza").await;
        app.clock.forward(1);
        ana.get(LOST).await.shows(PT.mailbox_ask());
        ana.post("/api/recovery-ask", &[])
            .await
            .shows("O link será enviado");
        // or presses Não fui eu
        app.clock.forward(2 * 86_401);
        let mut thief = court.at_code("ana.souza").await;
        thief.post("/api/recovery-ask", &[]).await;
        let not_me = app.link_to(CONTACT).await;
        app.browser()
            .post("/api/not-me", &[("token", &not_me)])
            .await
            .shows(PT.reported_title());
        app.give_back("ana.souza").await;
        app.clock.forward(86_400);
        assert_eq!(app.services.mail_recovery_links().await.unwrap(), 0);
    }
);

both!(
    where_the_operator_wants_no_wait_the_mailbox_is_no_way_in,
    |database: Database| async move {
        let policy = RecoveryPolicy {
            mailbox_wait: None,
            ..RecoveryPolicy::default()
        };
        let court = Court::new(database, policy).await;
        let mut ana = court.at_code("ana.souza").await;
        ana.get(LOST).await.hides(PT.mailbox_heading());
        ana.post("/api/recovery-ask", &[]).await.at(LOST);
        assert_eq!(court.app.database.dump().await.rows("entry_request"), 0);
    }
);

both!(
    links_of_one_purpose_do_nothing_on_another,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let mut ana = court.at_code("ana.souza").await;
        ana.post("/api/recovery-ask", &[]).await;
        let not_me = app.link_to(ANA).await;
        app.clock.forward(86_400);
        app.services.mail_recovery_links().await.unwrap();
        let recovery = app.link_to(ANA).await;
        for (path, token) in [
            ("/api/recovery-link", &not_me),
            ("/api/not-me", &recovery),
            ("/api/activation-confirm", &recovery),
            ("/api/sign-in-link", &recovery),
        ] {
            app.browser()
                .post(path, &[("token", token), ("password", PASSWORD)])
                .await
                .shows(PT.refused_unknown_title());
        }
    }
);

both_ways!(
    a_stolen_phone_stops_working_at_once_with_a_recovery_code,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let mut elsewhere = court.inside("ana.souza").await;
        let codes = make_codes(app, &mut elsewhere, court.key("ana.souza")).await;
        app.clock.forward(11 * 86_400);
        let mut elsewhere = court.inside("ana.souza").await;
        let mut ana = court.at_code("ana.souza").await;
        ana.get("/entrar/celular-roubado")
            .await
            .shows(PT.stolen_effect());
        ana.post("/api/report-stolen", &[("code", "00000-00000")])
            .await
            .shows(PT.problem_code_wrong());
        ana.post("/api/report-stolen", &[("code", &codes[0])])
            .await
            .at("/habilitar/aviso");
        // the thief has the phone, the password and the mailbox
        elsewhere.get("/conta").await.at("/");
        app.next_step();
        let mut thief = app.browser();
        thief
            .sign_in("ana.souza", "enter")
            .await
            .at("/")
            .shows(PT.problem_blocked());
        // the address is asked for again, in this session only
        let key = enrol(app, &mut ana, Some("nova@correio.example")).await;
        assert!(opens(&court, &key).await);
        assert!(!opens(&court, court.key("ana.souza")).await);
        let told = app.mails_to(CONTACT).await;
        assert!(
            told.iter()
                .any(|mail| mail.text.contains("informado como roubado"))
        );
    }
);

both!(
    another_authenticator_reports_the_theft_and_is_in,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let mut browser = court.inside("ana.souza").await;
        let page = browser
            .post("/api/new-phone", &[("replaces", ""), ("label", "Tablet")])
            .await;
        let tablet = page.at("/habilitar").setup_key();
        let code = code_at(&tablet, app.now());
        browser
            .post("/api/enrolment-submit", &[("code", &code)])
            .await;
        app.confirm(ANA).await.at("/ativada");
        let mut ana = court.at_code("ana.souza").await;
        app.next_step();
        let code = code_at(&tablet, app.now());
        ana.post("/api/report-stolen", &[("code", &code)])
            .await
            .at("/inicio");
        assert!(opens(&court, &tablet).await);
        assert!(!opens(&court, court.key("ana.souza")).await);
        // the mailbox is no way in until it is confirmed again
        let mut thief = court.at_code("ana.souza").await;
        thief.get(LOST).await.hides(PT.mailbox_heading());
        thief.post("/api/recovery-ask", &[]).await;
        assert_eq!(app.database.dump().await.rows("entry_request"), 0);
    }
);

both!(
    after_a_theft_the_support_team_revokes_and_changes_no_address,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let mut elsewhere = court.inside("ana.souza").await;
        let mut ana = court.at_code("ana.souza").await;
        let page = ana.post("/api/entry-ask", &[("stolen", "1")]).await;
        let number = number_on(page.shows(PT.entry_stolen()));
        let mut desk = court.inside("sup.um").await;
        desk.get(&format!("/suporte/pedido/{number}"))
            .await
            .shows(PT.desk_stolen());
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .shows(PT.desk_approved());
        elsewhere.get("/conta").await.at("/");
        let mut thief = app.browser();
        thief
            .sign_in("ana.souza", "enter")
            .await
            .at("/")
            .shows(PT.problem_blocked());
        // one member of the support team changes no address
        let key = enrol(app, &mut ana, None).await;
        assert!(opens(&court, &key).await);
    }
);
