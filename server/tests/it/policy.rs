//! Optional or required; provisional entry.

use crate::support::{Database, Options, TestApp, both_ways, code_at};
use app::view::Progress;
use server::domain::{Demand, FirstEnrolment, Policy, WithoutContact};

fn required() -> Policy {
    Policy {
        default: Demand::Required,
        ..Policy::default()
    }
}

async fn with(database: Database, policy: Policy, profiles: &[&str]) -> TestApp {
    let app = TestApp::new(
        database,
        Options {
            policy,
            ..Options::default()
        },
    )
    .await;
    app.person_with("ana.souza", profiles, &[], None).await;
    app
}

both_ways!(
    optional_lets_in_on_the_password,
    |database: Database| async move {
        let app = with(database, Policy::default(), &["lawyer"]).await;
        let mut browser = app.browser();
        browser
            .sign_in("ana.souza", "enter")
            .await
            .at("/inicio")
            .shows("Não habilitada.");
        // and from there into enrolment
        browser.get("/habilitar/aviso").await.at("/habilitar/aviso");
        browser
            .post("/api/enrolment-begin", &[])
            .await
            .at("/habilitar");
        browser
            .post("/api/enrolment-cancel", &[])
            .await
            .at("/inicio");
    }
);

both_ways!(
    required_leads_into_enrolment_and_nowhere_else,
    |database: Database| async move {
        let app = with(database, required(), &["lawyer"]).await;
        let mut browser = app.browser();
        browser
            .sign_in("ana.souza", "enter")
            .await
            .at("/habilitar/aviso")
            .shows("Seu perfil exige: habilite para continuar.");
        for page in ["/inicio", "/conta", "/entrar/codigo"] {
            browser.get(page).await.at("/habilitar/aviso");
        }
    }
);

both_ways!(
    with_several_profiles_the_strictest_policy_wins,
    |database: Database| async move {
        use server::domain::ProfileKind;
        let mut policy = Policy::default();
        policy
            .by_profile
            .insert(ProfileKind::MAGISTRATE, Demand::Required);
        let app = with(database, policy, &["lawyer", "magistrate"]).await;
        app.browser()
            .sign_in("ana.souza", "enter")
            .await
            .at("/habilitar/aviso");
    }
);

both_ways!(
    provisional_entry_three_times_with_password_and_pending_code,
    |database: Database| async move {
        let app = with(database, required(), &["lawyer"]).await;
        let mut browser = app.browser();
        let key = browser
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        for left in (1..=3).rev() {
            app.next_step();
            let mut browser = app.browser();
            browser
                .sign_in("ana.souza", "enter")
                .await
                .at("/entrar/codigo")
                .shows(&format!("você pode entrar mais {left} vez"));
            browser
                .post("/api/verify-code", &[("code", "000000")])
                .await
                .at("/entrar/codigo");
            browser
                .post("/api/verify-code", &[("code", &code_at(&key, app.now()))])
                .await
                .at("/inicio")
                .shows("Entrada provisória");
        }
        app.next_step();
        let mut browser = app.browser();
        browser
            .sign_in("ana.souza", "enter")
            .await
            .at("/habilitar/email-enviado");
        browser
            .post("/api/verify-code", &[("code", &code_at(&key, app.now()))])
            .await
            .at("/habilitar/email-enviado");
    }
);

both_ways!(
    provisional_entry_survives_a_late_mail_but_not_a_day,
    |database: Database| async move {
        let app = with(database, required(), &["lawyer"]).await;
        let key = app
            .browser()
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        let mut waiting = app.browser();
        waiting
            .sign_in("ana.souza", "second-factor")
            .await
            .at("/habilitar/email-enviado")
            .shows("O link vale até");
        app.clock.forward(3601);
        waiting.sign_in("ana.souza", "second-factor").await;
        waiting
            .get("/habilitar/email-enviado")
            .await
            .shows("O link venceu")
            .shows("Peça um novo.")
            .hides("O link vale até");
        let asked: Progress = waiting.ask("/api/enrolment-progress").await;
        assert!(asked.sentence.contains("Peça um novo."), "{asked:?}");
        app.clock.forward(4 * 3600);
        app.browser()
            .sign_in_with_code(&app, "ana.souza", &key)
            .await
            .at("/inicio");
        app.clock.forward(20 * 3600);
        app.browser()
            .sign_in("ana.souza", "enter")
            .await
            .at("/habilitar/aviso");
    }
);

both_ways!(
    twenty_parallel_provisional_entries_with_one_code_make_one,
    |database: Database| async move {
        let app = with(database, required(), &["lawyer"]).await;
        let key = app
            .browser()
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        app.next_step();
        let code = code_at(&key, app.now());
        let mut posts = Vec::new();
        for _ in 0..20 {
            let mut browser = app.browser();
            browser.sign_in("ana.souza", "enter").await;
            let code = code.clone();
            posts.push(tokio::spawn(async move {
                browser
                    .post("/api/verify-code", &[("code", &code)])
                    .await
                    .path
            }));
        }
        let mut inside = 0;
        for post in posts {
            inside += usize::from(post.await.unwrap() == "/inicio");
        }
        assert_eq!(inside, 1);
    }
);

both_ways!(
    no_provisional_entry_for_desk_roles_or_approved_enrolments,
    |database: Database| async move {
        let desk = with(database, required(), &["lawyer", "support"]).await;
        desk.browser()
            .reach_mail(&desk, "ana.souza", "ana@correio.example")
            .await;
        desk.browser()
            .sign_in("ana.souza", "enter")
            .await
            .at("/habilitar/email-enviado");
    }
);

both_ways!(
    no_provisional_entry_where_enrolments_are_approved,
    |database: Database| async move {
        let policy = Policy {
            first_enrolment: FirstEnrolment::Approved,
            ..required()
        };
        let app = with(database, policy, &["lawyer"]).await;
        app.approve("ana.souza").await;
        app.browser()
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        app.browser()
            .sign_in("ana.souza", "enter")
            .await
            .at("/habilitar/email-enviado");
    }
);

both_ways!(
    not_me_ends_provisional_entry,
    |database: Database| async move {
        let app = with(database, required(), &["lawyer"]).await;
        app.browser()
            .reach_mail(&app, "ana.souza", "ana@correio.example")
            .await;
        let token = app.link_to("ana@correio.example").await;
        app.browser()
            .post("/api/activation-deny", &[("token", &token)])
            .await;
        app.browser()
            .sign_in("ana.souza", "enter")
            .await
            .at("/habilitar/aviso");
    }
);

both_ways!(
    m7_without_a_contact_an_enrolment_can_be_made_to_need_an_approval,
    |database: Database| async move {
        let options = Options {
            policy: Policy {
                without_contact: WithoutContact::Approved,
                ..Policy::default()
            },
            ..Options::default()
        };
        let app = TestApp::new(database, options).await;
        app.person("ana.souza").await;
        let contact = ["bruno@advocacia.example"];
        app.person_with("bruno.lima", &["lawyer"], &contact, None)
            .await;
        assert_eq!(app.operator().count_without_contact().await.unwrap(), 1);
        app.browser().reach_qr("bruno.lima").await;
        let mut ana = app.browser();
        ana.sign_in("ana.souza", "second-factor").await;
        ana.post("/api/enrolment-begin", &[])
            .await
            .shows("A primeira habilitação precisa ser liberada pelo suporte: ligue para");
        app.approve("ana.souza").await;
        ana.post("/api/enrolment-begin", &[]).await.at("/habilitar");
    }
);

both_ways!(
    l5_an_enrolling_session_is_not_extended_for_ever,
    |database: Database| async move {
        let app = crate::support::with_ana(database).await;
        let mut browser = app.browser();
        browser.reach_qr("ana.souza").await;
        for _ in 0..15 {
            app.clock.forward(15 * 60);
            browser.post("/api/enrolment-extend", &[]).await;
        }
        app.clock.forward(15 * 60);
        browser.get("/habilitar/aviso").await.at("/");
    }
);
