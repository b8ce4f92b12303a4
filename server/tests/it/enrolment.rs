//! QR, code and address: R6, R8, R16, R29.

use crate::support::{Database, Options, TestApp, both_ways, code_at, with_ana};

both_ways!(
    r6_the_pending_secret_belongs_to_the_browser_that_began,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut first = app.browser();
        let key = first.reach_qr("ana.souza").await;
        // reload, back and a new sign-in there: the same secret
        let page = first.get("/habilitar").await;
        assert_eq!(page.setup_key(), key);
        page.shows("* Não são aceitos sufixos institucionais, como \"jus.br\" e \"gov.br\".");
        // too early: back to the QR
        let early = first.get("/habilitar/email-enviado").await;
        assert_eq!(early.at("/habilitar").setup_key(), key);
        first.get("/habilitar/aviso").await;
        assert_eq!(
            first.post("/api/enrolment-begin", &[]).await.setup_key(),
            key
        );
        assert_eq!(first.reach_qr("ana.souza").await, key);
        let headers = first.get("/habilitar").await.headers;
        assert_eq!(headers["cache-control"], "no-store, no-transform");
        assert!(!headers.contains_key("content-encoding"));
        // another browser gets another, which voids the first; both pages say so
        let mut second = app.browser();
        second
            .sign_in("ana.souza", "second-factor")
            .await
            .at("/habilitar/aviso")
            .shows("o QR code e os links anteriores deixam de valer");
        let other = second.post("/api/enrolment-begin", &[]).await.setup_key();
        assert_ne!(other, key);
        first
            .get("/habilitar")
            .await
            .at("/habilitar/aviso")
            .shows("Esta habilitação terminou ou foi substituída.");
        let code = code_at(&key, app.now());
        let form = [("code", code.as_str()), ("email", "ana@correio.example")];
        first
            .post("/api/enrolment-submit", &form)
            .await
            .at("/habilitar/aviso");
        assert!(app.mails_to("ana@correio.example").await.is_empty());
    }
);

both_ways!(
    r6_the_secret_is_never_shown_again_once_code_and_address_are_accepted,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        let key = browser
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        for page in [
            "/habilitar",
            "/habilitar/aviso",
            "/habilitar/email-enviado",
            "/habilitar/corrigir-email",
        ] {
            browser.get(page).await.hides(&key).hides("secret=");
        }
        // and the mail holds none
        for mail in app.mails_to("ana@correio.example").await {
            assert!(!mail.text.contains(&key) && !mail.html.contains(&key));
        }
    }
);

both_ways!(
    r8_an_enrolment_cookie_of_another_person_opens_nothing,
    |database: Database| async move {
        let app = with_ana(database).await;
        app.person("bruno.lima").await;
        let mut ana = app.browser();
        let key = ana.reach_qr("ana.souza").await;
        let cookie = ana.cookies["jmu-enrolment"].clone();
        let mut bruno = app.browser();
        bruno.sign_in("bruno.lima", "second-factor").await;
        bruno.cookies.insert("jmu-enrolment".to_owned(), cookie);
        bruno
            .get("/habilitar")
            .await
            .at("/habilitar/aviso")
            .hides(&key);
        let form = [
            ("code", code_at(&key, app.now())),
            ("email", "b@correio.example".to_owned()),
        ];
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        bruno
            .post("/api/enrolment-submit", &form)
            .await
            .at("/habilitar/aviso");
        assert!(app.mails_to("b@correio.example").await.is_empty());
    }
);

both_ways!(
    wrong_code_and_bad_address_keep_the_secret_and_what_was_typed,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        let key = browser.reach_qr("ana.souza").await;
        let form = [("code", "000000"), ("email", "ana@correio.example")];
        let page = browser.post("/api/enrolment-submit", &form).await;
        page.at("/habilitar")
            .shows("<title>Erro: Habilitação da autenticação em dois fatores")
            .shows("O código não confere. Digite o código que o aplicativo mostra agora.")
            .shows("value=\"ana@correio.example\"")
            .hides("000000");
        assert_eq!(page.setup_key(), key);
        // reload keeps it
        browser
            .get("/habilitar")
            .await
            .shows("value=\"ana@correio.example\"");
        let page = browser.post("/api/enrolment-submit", &[]).await;
        page.shows("Digite o código de 6 dígitos")
            .shows("Digite o seu e-mail pessoal.");
        let code = code_at(&key, app.now());
        for (email, says) in [
            ("ana", "O endereço não está completo."),
            (
                "ana@stm.jus.br",
                "Endereços terminados em jus.br não são aceitos.",
            ),
            (
                "ana@JUS.BR",
                "Endereços terminados em jus.br não são aceitos.",
            ),
            (
                "ana@gov.br",
                "Endereços terminados em gov.br não são aceitos.",
            ),
            (
                "ana@tre.sp.GOV.BR",
                "Endereços terminados em gov.br não são aceitos.",
            ),
            ("ana@gmial.com", "você quis dizer ana@gmail.com?"),
            (
                "ana@correio.example\r\nBcc: x@y.z",
                "O endereço não está completo.",
            ),
        ] {
            let form = [("code", code.as_str()), ("email", email)];
            browser
                .post("/api/enrolment-submit", &form)
                .await
                .at("/habilitar")
                .shows(says);
        }
        // the code was not used up by any of it; and the owner may insist on the address
        let form = [
            ("code", code.as_str()),
            ("email", "ana@gmial.com"),
            ("confirmed", "ana@gmial.com"),
        ];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .at("/habilitar/email-enviado");
    }
);

both_ways!(
    a_clock_that_is_off_is_told_at_enrolment_and_not_accepted,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        let key = browser.reach_qr("ana.souza").await;
        for (off, says) in [
            (120, "cerca de 2 minutos adiantado"),
            (-300, "cerca de 5 minutos atrasado"),
        ] {
            let code = code_at(&key, app.now() + off);
            let form = [("code", code.as_str()), ("email", "ana@correio.example")];
            browser
                .post("/api/enrolment-submit", &form)
                .await
                .at("/habilitar")
                .shows(says);
        }
        assert!(app.mails_to("ana@correio.example").await.is_empty());
    }
);

both_ways!(
    cancelling_ends_the_enrolment_and_its_links,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        browser
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        let token = app.link_to("ana@correio.example").await;
        browser.post("/api/enrolment-cancel", &[]).await.at("/");
        browser.get("/habilitar").await.at("/");
        app.browser()
            .get(&format!("/ativar/{token}"))
            .await
            .shows("Habilitação cancelada");
        let mut phone = app.browser();
        phone
            .post("/api/activation-confirm", &[("token", &token)])
            .await
            .hides("foi ativada");
    }
);

both_ways!(
    r29_contacts_are_told_of_the_start_and_their_button_blocks,
    |database: Database| async move {
        let app = TestApp::new(database, Options::default()).await;
        let contact = "ana@advocacia.example";
        app.person_with("ana.souza", &["lawyer"], &[contact], None)
            .await;
        let mut thief = app.browser();
        let key = thief.reach_qr("ana.souza").await;
        assert_eq!(app.kinds_to(contact).await, ["enrolment_started"]);
        let token = app.link_to(contact).await;
        let mut owner = app.browser();
        owner
            .get(&format!("/nao-fui-eu/{token}"))
            .await
            .shows("Alguém começou a habilitar a autenticação em dois fatores de Ana (ana.souza).");
        // opening changed nothing
        thief.get("/habilitar").await.at("/habilitar");
        owner
            .post("/api/not-me", &[("token", &token)])
            .await
            .shows("Ninguém entra até o suporte entregar uma senha nova.");
        let code = code_at(&key, app.now());
        let form = [("code", code.as_str()), ("email", "ladrao@correio.example")];
        thief.post("/api/enrolment-submit", &form).await.at("/");
        thief
            .sign_in("ana.souza", "second-factor")
            .await
            .shows("Conta bloqueada: ligue para");
        owner
            .get(&format!("/nao-fui-eu/{token}"))
            .await
            .shows("A conta foi bloqueada");
    }
);

both_ways!(
    r29_first_enrolment_approved_needs_an_approval,
    |database: Database| async move {
        use server::domain::{FirstEnrolment, Policy};
        let policy = Policy {
            first_enrolment: FirstEnrolment::Approved,
            ..Policy::default()
        };
        let app = TestApp::new(
            database,
            Options {
                policy,
                ..Options::default()
            },
        )
        .await;
        app.person("ana.souza").await;
        let mut browser = app.browser();
        browser.sign_in("ana.souza", "second-factor").await;
        browser
            .post("/api/enrolment-begin", &[])
            .await
            .at("/habilitar/aviso")
            .shows("A primeira habilitação precisa ser liberada pelo suporte: ligue para");
        app.approve("ana.souza").await;
        browser
            .post("/api/enrolment-begin", &[])
            .await
            .at("/habilitar");
    }
);

both_ways!(
    a_probable_slip_is_answered_once_and_the_answer_is_kept,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        let key = browser.reach_qr("ana.souza").await;
        let form = [("code", ""), ("email", "ana@gmial.com")];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .shows("você quis dizer ana@gmail.com?")
            .shows("Usar ana@gmail.com")
            .shows("ana@gmial.com está certo assim");
        // the suggestion is taken; the code is still to come, and the question is not asked again
        let form = [
            ("code", "12"),
            ("email", "ana@gmial.com"),
            ("confirmed", "ana@gmail.com"),
        ];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .hides("você quis dizer")
            .shows("value=\"ana@gmail.com\"");
        let code = code_at(&key, app.now());
        let form = [
            ("code", code.as_str()),
            ("email", "ana@gmail.com"),
            ("confirmed", "ana@gmail.com"),
        ];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .at("/habilitar/email-enviado")
            .shows("ana@gmail.com");
        // or insisted on, with something else to mend in between; an answer to another question is none
        app.person("bruno.lima").await;
        let mut browser = app.browser();
        let key = browser.reach_qr("bruno.lima").await;
        let form = [
            ("code", "12"),
            ("email", "b@gmial.com"),
            ("confirmed", "ana@gmail.com"),
        ];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .shows("você quis dizer b@gmail.com?");
        let form = [
            ("code", "12"),
            ("email", "b@gmial.com"),
            ("confirmed", "b@gmial.com"),
        ];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .hides("você quis dizer")
            .shows("type=\"hidden\" name=\"confirmed\" value=\"b@gmial.com\"");
        // edited since: the answer was about another address
        let form = [
            ("code", "12"),
            ("email", "b@gmail.com"),
            ("confirmed", "b@gmial.com"),
        ];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .shows("value=\"b@gmail.com\"")
            .hides("gmial");
        let code = code_at(&key, app.now());
        let form = [
            ("code", code.as_str()),
            ("email", "b@gmial.com"),
            ("confirmed", "b@gmial.com"),
        ];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .at("/habilitar/email-enviado")
            .shows("b@gmial.com");
    }
);

both_ways!(
    code_and_address_are_told_together_and_a_code_that_is_not_kept_is_asked_for_again,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        let key = browser.reach_qr("ana.souza").await;
        let code = code_at(&key, app.now());
        let form = [("code", code.as_str()), ("email", "ana@stm.jus.br")];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .shows("Endereços terminados em jus.br não são aceitos.")
            .shows("Digite o código outra vez");
        let form = [("code", "000000"), ("email", "ana@stm.jus.br")];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .shows("Endereços terminados em jus.br não são aceitos.")
            .shows("O código não confere.");
        // it was not used up
        let form = [("code", code.as_str()), ("email", "ana@correio.example")];
        browser
            .post("/api/enrolment-submit", &form)
            .await
            .at("/habilitar/email-enviado");
    }
);

both_ways!(
    more_time_keeps_what_was_typed_and_says_so,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        let key = browser.reach_qr("ana.souza").await;
        app.clock.forward(20 * 60);
        let page = browser
            .post(
                "/api/enrolment-extend",
                &[("code", "123456"), ("email", "ana@correio.exa")],
            )
            .await;
        page.at("/habilitar")
            .shows("Pronto: página válida até 12:50")
            .shows("value=\"ana@correio.exa\"")
            .hides("Há um problema");
        assert_eq!(page.setup_key(), key);
    }
);

both_ways!(
    l6_signing_out_leaves_no_address_to_the_next_at_the_computer,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut shared = app.browser();
        shared
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        shared.post("/api/sign-out", &[]).await.at("/");
        shared
            .get("/habilitar/email-enviado")
            .await
            .at("/habilitar/email-enviado")
            .shows("Abra o link que enviamos")
            .hides("ana@correio.example");
        shared.sign_in("ana.souza", "second-factor").await;
        shared
            .get("/habilitar/email-enviado")
            .await
            .shows("ana@correio.example");
    }
);
