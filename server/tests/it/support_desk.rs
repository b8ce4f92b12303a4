//! Entries that the support team approves by number: for one browser, once, in time, within the team's limits.

use crate::lost_phone::{ANA, CONTACT, Court, LOST, ask, court, enrol, opens};
use crate::support::{Database, PASSWORD, PT, both, both_ways};
use app::model::{EntryRefusal, IdentityCheck};
use app::view::Progress;
use futures_util::future::join;
use server::domain::{HashMemory, PasswordHash, RecoveryPolicy, SecretText};
use server::services::people::AccountAct;
use server::services::support_desk::Approved;

both_ways!(
    the_support_team_lets_one_browser_enrol_by_number,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        // the person: 1 user, 2 password, 3 Entrar, 4 the link, 5 the button
        let mut ana = court.at_code("ana.souza").await;
        ana.post("/api/verify-code", &[("code", "000000")]).await;
        ana.get("/entrar/codigo").await.shows(LOST);
        let number = ask(&mut ana).await;
        assert_eq!(ask(&mut ana).await, number, "pressing again gives the same");
        let asked: Progress = ana.ask("/api/enrolment-progress").await;
        assert_eq!((&*asked.sentence, asked.go), (PT.entry_waiting(), None));
        // the desk: 1 number, 2 open, 3 check, 4 reason, 5 own code, 6 approve
        let mut desk = court.inside("sup.um").await;
        desk.get("/inicio").await.shows(PT.desk_link());
        let typed = format!("{} {}", &number[..3], &number[3..]);
        desk.post("/api/entry-find", &[("number", &typed)])
            .await
            .at(&format!("/suporte/pedido/{number}"))
            .shows("senha certa, 1 código errado.")
            .shows("a…@c….example")
            .hides(ANA);
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .at("/suporte")
            .shows(PT.desk_approved());
        for address in [ANA, CONTACT] {
            let mails = app.mails_to(address).await;
            let told = mails.last().unwrap();
            assert!(
                told.text.contains("a equipe de suporte liberou"),
                "{}",
                told.text
            );
            assert!(told.link.is_some());
        }
        // only that browser goes on, by itself or by a press; 6: it is in the enrolment
        let asked: Progress = ana.ask("/api/enrolment-progress").await;
        assert_eq!(asked.go.as_deref(), Some("/habilitar/aviso"));
        ana.get(LOST).await.at("/habilitar/aviso");
        let mut other = court.at_code("ana.souza").await;
        other.get("/habilitar/aviso").await.at("/entrar/codigo");
        other
            .post("/api/enrolment-begin", &[])
            .await
            .at("/entrar/codigo");
        // the old phone works until the new one is confirmed
        assert!(opens(&court, court.key("ana.souza")).await);
        let key = enrol(app, &mut ana, None).await;
        let asked: Progress = ana.ask("/api/enrolment-progress").await;
        assert_eq!(asked.go.as_deref(), Some("/ativada"));
        assert!(opens(&court, &key).await);
        assert!(!opens(&court, court.key("ana.souza")).await);
        // the right is used up
        ana.get("/entrar/codigo").await.at("/entrar/codigo");
        ana.post("/api/enrolment-begin", &[])
            .await
            .at("/entrar/codigo");
    }
);

both!(
    an_approval_twice_late_or_after_a_new_password_does_nothing,
    |database: Database| async move {
        let court = court(database).await;
        let app = &court.app;
        let gone = PT.entry_unknown();
        let mut desk = court.inside("sup.um").await;
        // twice
        let mut ana = court.at_code("ana.souza").await;
        let number = ask(&mut ana).await;
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .shows(PT.desk_approved());
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .at("/suporte")
            .shows(gone);
        // its session has ended
        let mut ana = court.at_code("ana.souza").await;
        let number = ask(&mut ana).await;
        ana.post("/api/sign-out", &[]).await;
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .shows(gone);
        // the password was changed
        let mut ana = court.at_code("ana.souza").await;
        let number = ask(&mut ana).await;
        let memory = &mut HashMemory::default();
        let hash = PasswordHash::create(&SecretText::new(PASSWORD), [5; 16], memory);
        app.act("ana.souza", AccountAct::SetPassword(hash)).await;
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .shows(gone);
        // after its time
        let mut ana = court.at_code("ana.souza").await;
        let number = ask(&mut ana).await;
        app.clock.forward(3_601);
        let mut desk = court.inside("sup.um").await;
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .shows(gone);
        // a number that nobody has
        let free = if number == "123456" {
            "123457"
        } else {
            "123456"
        };
        court.approve(&mut desk, "sup.um", free).await.shows(gone);
        let dump = app.database.dump().await;
        assert_eq!(dump.rows("entry_approval"), 1);
    }
);

both!(
    an_approval_gives_the_browser_half_an_hour_and_no_more,
    |database: Database| async move {
        let court = court(database).await;
        let mut desk = court.inside("sup.um").await;
        let mut ana = court.at_code("ana.souza").await;
        let number = ask(&mut ana).await;
        court.approve(&mut desk, "sup.um", &number).await;
        court.app.clock.forward(1_801);
        ana.post("/api/enrolment-begin", &[]).await.at("/");
        assert!(opens(&court, court.key("ana.souza")).await);
    }
);

both!(
    the_desk_keeps_to_its_limits_also_at_the_endpoint,
    |database: Database| async move {
        let policy = RecoveryPolicy {
            approvals_per_day: 2,
            ..RecoveryPolicy::default()
        };
        let court = Court::new(database, policy).await;
        let app = &court.app;
        // others have no such page
        let mut lawyer = court.inside("ana.souza").await;
        lawyer.get("/suporte").await.at("/inicio");
        let mut judge = court.at_code("juiza").await;
        let of_judge = ask(&mut judge).await;
        lawyer
            .get(&format!("/suporte/pedido/{of_judge}"))
            .await
            .at("/inicio");
        court
            .approve(&mut lawyer, "ana.souza", &of_judge)
            .await
            .at("/inicio");
        // a member after the password alone
        let mut half = court.at_code("sup.um").await;
        half.get("/suporte").await.at("/entrar/codigo");
        court
            .approve(&mut half, "sup.um", &of_judge)
            .await
            .at("/entrar/codigo");
        // oneself
        let mut desk = court.inside("sup.um").await;
        let mut own = court.at_code("sup.um").await;
        let number = ask(&mut own).await;
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .shows(PT.entry_own());
        // without a check, a reason, a code, or with a code of before
        let mut ana = court.at_code("ana.souza").await;
        let number = ask(&mut ana).await;
        for (check, reason, code, problem) in [
            ("", "chamado", "123456", PT.problem_missing_check()),
            (
                "personal_data",
                "chamado",
                "123456",
                PT.problem_missing_check(),
            ),
            ("video", " ", "123456", PT.problem_missing_reason()),
            ("video", "chamado", "", PT.problem_missing_code()),
            ("video", "chamado", "000000", PT.problem_code_wrong()),
        ] {
            let form = [
                ("number", &*number),
                ("check", check),
                ("reason", reason),
                ("code", code),
            ];
            desk.post("/api/entry-approve", &form).await.shows(problem);
        }
        assert_eq!(app.database.dump().await.rows("entry_approval"), 0);
        // the cap
        for _ in 0..2 {
            let mut ana = court.at_code("ana.souza").await;
            let number = ask(&mut ana).await;
            court
                .approve(&mut desk, "sup.um", &number)
                .await
                .shows(PT.desk_approved());
        }
        let mut ana = court.at_code("ana.souza").await;
        let number = ask(&mut ana).await;
        court
            .approve(&mut desk, "sup.um", &number)
            .await
            .shows(PT.entry_too_many());
        let mut another = court.inside("sup.dois").await;
        court
            .approve(&mut another, "sup.dois", &number)
            .await
            .shows(PT.desk_approved());
    }
);

both!(
    people_with_privileges_need_two_members_and_a_supervisor,
    |database: Database| async move {
        let court = court(database).await;
        let mut judge = court.at_code("juiza").await;
        let number = ask(&mut judge).await;
        let mut one = court.inside("sup.um").await;
        let mut two = court.inside("sup.dois").await;
        let mut chief = court.inside("chefe").await;
        court
            .approve(&mut one, "sup.um", &number)
            .await
            .shows(PT.desk_second_needed());
        court
            .approve(&mut one, "sup.um", &number)
            .await
            .shows(PT.entry_twice());
        court
            .approve(&mut two, "sup.dois", &number)
            .await
            .shows(PT.desk_second_needed());
        judge.get(LOST).await.at(LOST);
        court
            .approve(&mut chief, "chefe", &number)
            .await
            .shows(PT.desk_approved());
        judge.get(LOST).await.at("/habilitar/aviso");
        // a supervisor alone lets nobody in who has privileges, not even of the desk
        let mut member = court.at_code("sup.um").await;
        let number = ask(&mut member).await;
        court
            .approve(&mut chief, "chefe", &number)
            .await
            .shows(PT.desk_second_needed());
        member.get(LOST).await.at(LOST);
    }
);

both!(
    an_operator_lists_and_approves_when_the_web_is_down,
    |database: Database| async move {
        let court = court(database).await;
        let mut judge = court.at_code("juiza").await;
        let number = ask(&mut judge).await;
        let operator = court.app.operator();
        let listed = operator.list_entries().await.unwrap();
        assert_eq!((listed.len(), &*listed[0].number), (1, &*number));
        assert!(listed[0].is_supervised && listed[0].approvals == 0);
        let check = IdentityCheck::InPerson;
        let approved = operator
            .approve_entry(&number, check, "ticket 7")
            .await
            .unwrap();
        assert_eq!(approved, Ok(Approved::Done));
        let again = operator
            .approve_entry(&number, check, "ticket 7")
            .await
            .unwrap();
        assert_eq!(again, Err(EntryRefusal::Unknown));
        judge.get(LOST).await.at("/habilitar/aviso");
    }
);

both!(
    two_approvals_at_the_same_moment_are_one,
    |database: Database| async move {
        let court = court(database).await;
        let mut ana = court.at_code("ana.souza").await;
        let number = ask(&mut ana).await;
        let operator = court.app.operator();
        let check = IdentityCheck::Video;
        let (one, two) = join(
            operator.approve_entry(&number, check, "ticket 7"),
            operator.approve_entry(&number, check, "ticket 8"),
        )
        .await;
        let done = [one.unwrap(), two.unwrap()];
        assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 1);
        assert_eq!(court.app.database.dump().await.rows("entry_approval"), 1);
    }
);
