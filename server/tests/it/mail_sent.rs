//! The link on its way: its state, another one, another address (R14, R17).

use crate::support::{Database, both, both_ways, with_ana};
use app::view::Progress;

both_ways!(
    r17_the_mail_waits_in_the_outbox_and_its_state_is_told_truthfully,
    |database: Database| async move {
        use server::ports::MailError;
        let app = with_ana(database.clone()).await;
        let mut browser = app.browser();
        browser
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        browser
            .get("/habilitar/email-enviado")
            .await
            .shows("O e-mail está sendo enviado.");
        app.mailer
            .fail_with(Some(MailError::Transient("451 greylisted".to_owned())));
        app.services.deliver_next_mail(&*app.mailer).await.unwrap();
        browser
            .get("/habilitar/email-enviado")
            .await
            .shows("O servidor de correio não aceitou o e-mail. Tentaremos de novo.");
        app.mailer.fail_with(None);
        assert!(
            app.mails_to("ana@correio.example").await.is_empty(),
            "back-off"
        );
        app.clock.forward(10);
        assert_eq!(app.mails_to("ana@correio.example").await.len(), 1);
        browser
            .get("/habilitar/email-enviado")
            .await
            .shows("Enviado às 12:00.")
            .hides("entregue");
        // wiped once final
        let mut conn = database.connect().await;
        let (left,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM outbox WHERE payload_sealed IS NOT NULL")
                .fetch_one(&mut conn)
                .await
                .unwrap();
        assert_eq!(left, 0);
    }
);

both_ways!(r17_resending_is_capped, |database: Database| async move {
    let app = with_ana(database).await;
    let mut browser = app.browser();
    browser
        .reach_mail(&app, "ana.souza", "ana@correio.example")
        .await;
    browser
        .post("/api/enrolment-resend", &[])
        .await
        .at("/habilitar/email-enviado")
        .shows("Um novo e-mail só pode ser enviado às 12:01");
    for _ in 0..8 {
        app.clock.forward(61);
        browser
            .post("/api/enrolment-resend", &[])
            .await
            .at("/habilitar/email-enviado");
    }
    assert_eq!(app.mails_to("ana@correio.example").await.len(), 5);
});

both_ways!(
    correcting_the_address_voids_the_links_to_the_old_one,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        browser
            .reach_mail(&app, "ana.souza", "errado@correio.example")
            .await;
        let old = app.link_to("errado@correio.example").await;
        browser
            .get("/habilitar/corrigir-email")
            .await
            .shows("value=\"errado@correio.example\"");
        browser
            .post("/api/enrolment-address", &[("email", "ana@tjm.jus.br")])
            .await
            .at("/habilitar/corrigir-email")
            .shows("Endereços terminados em jus.br");
        browser
            .post(
                "/api/enrolment-address",
                &[("email", "ana@correio.example")],
            )
            .await
            .at("/habilitar/email-enviado")
            .shows("ana@correio.example");
        app.browser()
            .get(&format!("/ativar/{old}"))
            .await
            .shows("Use o link enviado ao novo endereço ou entre para receber outro.");
        let new = app.link_to("ana@correio.example").await;
        app.browser()
            .get(&format!("/ativar/{new}"))
            .await
            .shows("Confirma a ativação");
    }
);

both_ways!(
    the_address_is_shown_in_full_only_in_the_browser_that_typed_it,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        browser
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        browser
            .get("/habilitar/email-enviado")
            .await
            .shows("ana@correio.example");
        let mut other = app.browser();
        other
            .sign_in("ana.souza", "second-factor")
            .await
            .at("/habilitar/email-enviado")
            .hides("ana@correio.example");
    }
);

both_ways!(
    a_browser_whose_own_enrolment_was_voided_waits_for_the_one_that_is_pending,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut first = app.browser();
        first.reach_qr("ana.souza").await;
        // another browser begins anew, which voids the first, and gets as far as the mail
        app.browser()
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        first
            .get("/habilitar/email-enviado")
            .await
            .at("/habilitar/email-enviado")
            .hides("ana@correio.example");
        let asked: Progress = first.ask("/api/enrolment-progress").await;
        assert_eq!(asked.go, None, "{asked:?}");
    }
);

both!(
    the_waiting_page_is_led_on_once_its_link_is_confirmed,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        let email = "ana@correio.example";
        browser.reach_mail(&app, "ana.souza", email).await;
        let asked: Progress = browser.ask("/api/enrolment-progress").await;
        assert_eq!(asked.go, None, "{asked:?}");
        app.confirm(email).await.at("/ativada");
        let asked: Progress = browser.ask("/api/enrolment-progress").await;
        assert_eq!(asked.go.as_deref(), Some("/ativada"), "{asked:?}");
    }
);

both_ways!(
    the_waiting_page_says_that_its_link_has_run_out_and_the_notice_that_all_has,
    |database: Database| async move {
        let app = with_ana(database).await;
        let mut browser = app.browser();
        browser
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        app.clock.forward(61);
        browser
            .post("/api/enrolment-resend", &[])
            .await
            .at("/habilitar/email-enviado")
            .shows("Um novo e-mail está a caminho de ana@correio.example.");
        browser
            .post("/api/enrolment-resend", &[])
            .await
            .shows("Um novo e-mail só pode ser enviado");
        browser
            .get("/habilitar/email-enviado?agora")
            .await
            .hides("Há um problema");
        app.clock.forward(3601);
        browser.sign_in("ana.souza", "second-factor").await;
        browser
            .get("/habilitar")
            .await
            .at("/habilitar/aviso")
            .shows("O prazo terminou; o QR code será outro.");
    }
);
