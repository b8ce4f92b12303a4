//! Registration and listing on a real database.

use super::*;
use crate::ambient::LocalLeaseClock;
use crate::domain::{
    AlarmThresholds, AttemptKind, DatabaseUrl, InstanceName, Keyring, NetworkBudget, PasswordHash,
    Policy, RecoveryPolicy, Seconds, SessionLimits, Timestamp, TokenHash,
};
use crate::import::parse_people;
use crate::ports::{Clock, Entropy};
use crate::services::Settings;
use crate::storage::{Attempt, AttemptSource, InstanceNames, Store, ThrottleKey, ThrottleSubject};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const NOW: Timestamp = Timestamp(1_795_453_380);
const HASH: &str = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// Counts up, and draws each person's id twice.
#[derive(Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        let count = if buffer.len() == 8 { count / 2 } else { count };
        for (at, byte) in buffer.iter_mut().enumerate() {
            *byte = count.to_le_bytes()[at % 8];
        }
    }
}

struct TestInstance {
    services: Services,
    folder: std::path::PathBuf,
}

impl Drop for TestInstance {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn instance() -> TestInstance {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = format!(
        "eproc-2fa-people-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let url = DatabaseUrl::Sqlite(folder.join("jmu.db"));
    let entropy = Arc::new(Counting::default());
    let names = InstanceNames {
        own: InstanceName::parse("JMU").unwrap(),
        peers: Vec::new(),
        password_peers: Vec::new(),
    };
    let store = Store::open(&url, Keyring::new(&[7; 32]), entropy.clone(), names, NOW)
        .await
        .unwrap();
    let settings = Settings {
        network_budget: NetworkBudget::default(),
        alarms: AlarmThresholds::default(),
        recovery: RecoveryPolicy::default(),
        audit_kept: Seconds::days(365),
        instance: "JMU".into(),
        label: "e-Proc/JMU".into(),
        public_url: "http://127.0.0.1:3000".into(),
        policy: Policy::default(),
        sessions: SessionLimits::default(),
        enrolments: crate::domain::EnrolmentLimits::default(),
        suffixes: crate::domain::InstitutionalSuffixes::default(),
        system_url: None,
        peers: Vec::new(),
        refusal_floor_ms: 0,
    };
    TestInstance {
        services: {
            let clock = Arc::new(Fixed);
            let lease_clock = Arc::new(LocalLeaseClock(clock.clone()));
            Services::new(store, clock, lease_clock, entropy, settings)
        },
        folder,
    }
}

fn people(rows: &[&str]) -> Vec<NewPerson> {
    let rows: Vec<_> = rows.iter().map(|row| row.replace('H', HASH)).collect();
    let header = "id,name,sigla,cpf,password_hash,profiles,contacts,language";
    let file = format!("{header}\n{}\n", rows.join("\n"));
    parse_people(file.as_bytes()).unwrap().people
}

#[tokio::test]
async fn people_are_registered_with_contacts_and_listed_without_secrets() {
    let instance = instance().await;
    let operator = &instance.services.for_operator("op");
    let new = people(&[
        "711681573057297,Maria da Silva,RJ123456,12345678909,H,lawyer;expert,m@a.com;m@b.com,",
        ",João Souza,52998224725,52998224725,H,staff,,",
        ",Ana,ana,,H,support,a@b.com,",
    ]);
    let ids = operator.register(new).await.unwrap().unwrap();
    assert_eq!(ids[0].get(), 711_681_573_057_297);
    let listed = operator.list_people().await.unwrap();
    assert_eq!(listed.len(), 3);
    let of = |id| listed.iter().find(|person| person.id == id).unwrap();
    assert_eq!(
        (
            of(ids[0]).contacts,
            of(ids[1]).contacts,
            of(ids[2]).contacts
        ),
        (2, 0, 1)
    );
    assert_eq!(
        of(ids[0]).profiles,
        [ProfileKind::EXPERT, ProfileKind::LAWYER]
    );
    assert_eq!(of(ids[1]).sigla_masked, "529", "a sigla that is a CPF");
    assert!(
        listed
            .iter()
            .all(|person| person.factor == "none" && !person.blocked)
    );
    assert!(
        operator
            .register(Vec::new())
            .await
            .unwrap()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn every_conflict_is_named_and_nobody_is_half_imported() {
    let instance = instance().await;
    let operator = &instance.services.for_operator("op");
    let before = people(&[
        "711681573057297,Maria,RJ123456,12345678909,H,lawyer,,",
        ",João,52998224725,,H,staff,,",
    ]);
    operator.register(before).await.unwrap().unwrap();
    let new = people(&[
        ",Nova,nova,,H,staff,,",
        "711681573057297,Outra,rj123456,123.456.789-09,H,lawyer,,",
    ]);
    let conflict = |line, field| Conflict { line, field };
    assert_eq!(
        operator.register(new).await.unwrap().unwrap_err(),
        [
            conflict(1, UniqueField::Id),
            conflict(1, UniqueField::Sigla),
            conflict(1, UniqueField::Cpf),
        ]
    );
    // R24: a sigla that is another person's CPF, a CPF that is another person's sigla
    let sigla = people(&[",Outra,12345678909,,H,lawyer,,"]);
    assert_eq!(
        operator.register(sigla).await.unwrap().unwrap_err(),
        [conflict(0, UniqueField::Sigla)]
    );
    let cpf = people(&[",Outro João,outro,52998224725,H,staff,,"]);
    assert_eq!(
        operator.register(cpf).await.unwrap().unwrap_err(),
        [conflict(0, UniqueField::Cpf)]
    );
    assert_eq!(operator.list_people().await.unwrap().len(), 2);
    // a person's own sigla may be the own CPF
    let own = people(&[",C,11144477735,11144477735,H,staff,,"]);
    operator.register(own).await.unwrap().unwrap();
    assert_eq!(operator.list_people().await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_one_list_has_twice_stops_it_before_anybody_is_registered() {
    let instance = instance().await;
    let operator = &instance.services.for_operator("op");
    // an import file would have refused it before
    let twice = [
        people(&["711681573057297,A,aa,11144477735,H,staff,,"]),
        people(&["711681573057297,B,AA,11144477735,H,staff,,"]),
    ];
    let refused = operator.register(twice.concat()).await.unwrap();
    let fields: Vec<_> = refused
        .unwrap_err()
        .iter()
        .map(|c| (c.line, c.field))
        .collect();
    let all = [UniqueField::Id, UniqueField::Sigla, UniqueField::Cpf];
    assert_eq!(fields, all.map(|field| (1, field)));
    assert!(operator.list_people().await.unwrap().is_empty());
}

#[tokio::test]
async fn of_two_imports_of_one_login_one_is_registered() {
    let instance = instance().await;
    let operator = &instance.services.for_operator("op");
    // R24: the sigla of one is the CPF of the other, which no unique key sees
    let files = [
        people(&[",A,12345678909,,H,staff,,", ",C,cc,,H,staff,,"]),
        people(&[",B,bb,12345678909,H,staff,,", ",D,dd,,H,staff,,"]),
    ];
    let mut imports = Vec::new();
    for file in files {
        let mut import = operator.begin_import().await.unwrap();
        import.stage((2..).zip(file).collect()).await.unwrap();
        imports.push(import.finish(|_| {}));
    }
    let results = futures_util::future::join_all(imports).await;
    let refused = results
        .iter()
        .filter(|result| result.as_ref().unwrap().is_err());
    assert_eq!(refused.count(), 1);
    let registered = operator.list_people().await.unwrap();
    assert_eq!(registered.len(), 2);
    // what is left of the other one goes
    assert!(instance.services.forget().await.unwrap() > 0);
    assert_eq!(instance.services.forget().await.unwrap(), 0);
}

#[tokio::test]
async fn a_decided_import_is_carried_through_by_whoever_finds_it() {
    let instance = instance().await;
    let (services, store) = (&instance.services, instance.services.store());
    let operator = &services.for_operator("op");
    let mut import = operator.begin_import().await.unwrap();
    let new = people(&[
        ",A,aa,,H,staff,a@b.com,",
        ",B,bb,12345678909,H,staff;expert,,",
    ]);
    import.stage((2..).zip(new).collect()).await.unwrap();
    // its process ends here; a day later the import is as good as new
    let mut db = store.reader().await.unwrap();
    let (decided, unfinished) = db.decided_imports().await.unwrap();
    assert_eq!((decided, unfinished), (0, None));
    drop(db);
    let decide = |decided: i64| {
        let input = (import.id().to_owned(), decided);
        store.write_with(input, |tx, (id, decided)| {
            Box::pin(tx.decide_import(id, *decided, NOW - Seconds::days(2)))
        })
    };
    assert!(!decide(1).await.unwrap(), "compared with another state");
    assert!(decide(0).await.unwrap());
    services.forget().await.unwrap();
    // the next registration finds it, and the conflict with it
    let refused = operator
        .register(people(&[",C,bb,,H,staff,,"]))
        .await
        .unwrap();
    assert_eq!(refused.unwrap_err().len(), 1);
    let listed = operator.list_people().await.unwrap();
    let contacts: usize = listed.iter().map(|person| person.contacts).sum();
    assert_eq!((listed.len(), contacts), (2, 1));
    services.complete_imports(|_| {}).await.unwrap();
    // and one that is over is not decided, nor counted
    decide(1).await.unwrap_err();
    assert_eq!(
        store
            .reader()
            .await
            .unwrap()
            .decided_imports()
            .await
            .unwrap()
            .0,
        1
    );
}

#[tokio::test]
async fn a_number_drawn_twice_is_drawn_again() {
    let instance = instance().await;
    for at in 0..4 {
        let row = format!(",P,person{at},,H,staff,,");
        instance
            .services
            .for_operator("op")
            .register(people(&[&row]))
            .await
            .unwrap()
            .unwrap();
    }
    assert_eq!(
        instance
            .services
            .for_operator("op")
            .list_people()
            .await
            .unwrap()
            .len(),
        4
    );
}

#[tokio::test]
async fn r4_blocking_is_undone_together_with_the_counters() {
    let instance = instance().await;
    let operator = &instance.services.for_operator("op");
    let new = people(&[",Maria,RJ123456,12345678909,H,lawyer,,"]);
    let id = operator.register(new).await.unwrap().unwrap()[0];
    let act = async |login: &str, act: AccountAct| operator.act(login, act, "").await.unwrap();
    let block = AccountAct::Block { keep_factor: false };
    let done = DoneAct {
        person: id,
        took_factor_back: false,
        still_active_at: Vec::new(),
    };
    assert_eq!(act("rj123456", block.clone()).await, Ok(done.clone()));
    assert!(operator.list_people().await.unwrap()[0].blocked);
    let attempt = || {
        let key = ThrottleKey {
            subject: ThrottleSubject::Person(id),
            kind: AttemptKind::Code,
            source: AttemptSource::KnownBrowser(TokenHash(vec![7; 32])),
        };
        let store = instance.services.store();
        store.write_with(key, |tx, key| Box::pin(tx.count_attempt(key, NOW)))
    };
    for failures in 1..=3 {
        assert_eq!(attempt().await.unwrap(), Attempt::Counted { failures });
    }
    assert!(matches!(attempt().await.unwrap(), Attempt::Locked { .. }));
    let cpf = "123.456.789-09";
    assert_eq!(
        act(cpf, AccountAct::Unblock).await,
        Err(ActRefusal::NewPasswordNeeded)
    );
    let password = PasswordHash::parse(HASH).unwrap();
    let new_password = AccountAct::SetPassword(password);
    assert_eq!(act(cpf, new_password).await, Ok(done.clone()));
    assert_eq!(act(cpf, AccountAct::Unblock).await, Ok(done));
    assert!(!operator.list_people().await.unwrap()[0].blocked);
    assert_eq!(attempt().await.unwrap(), Attempt::Counted { failures: 1 });
    for nobody in ["ana", "", "a b"] {
        let refused = act(nobody, block.clone()).await;
        assert_eq!(refused, Err(ActRefusal::UnknownLogin));
    }
}

#[tokio::test]
async fn r29_an_approval_holds_for_a_day() {
    let instance = instance().await;
    let new = people(&[",Maria,RJ123456,,H,lawyer,,"]);
    let id = instance
        .services
        .for_operator("op")
        .register(new)
        .await
        .unwrap()
        .unwrap()[0];
    instance
        .services
        .for_operator("op")
        .act("RJ123456", AccountAct::ApproveEnrolment, "")
        .await
        .unwrap()
        .unwrap();
    let person = instance
        .services
        .store()
        .reader()
        .await
        .unwrap()
        .person(id)
        .await
        .unwrap();
    assert_eq!(
        person.enrolment_approved_until,
        Some(NOW + Seconds::hours(24))
    );
}

#[tokio::test]
async fn m7_many_are_approved_together_or_nobody() {
    let instance = instance().await;
    let operator = &instance.services.for_operator("op");
    let new = people(&[
        ",Maria,RJ123456,12345678909,H,lawyer,,",
        ",Ana,RJ654321,,H,lawyer,,",
    ]);
    let ids = operator.register(new).await.unwrap().unwrap();
    let until = NOW + Seconds::days(3);
    let approve = async |logins: &[&str], is_dry_run| {
        let logins: Vec<_> = logins.iter().map(|login| (*login).to_owned()).collect();
        let approved = operator.approve_all(&logins, until, "list of the bar", is_dry_run);
        approved.await.unwrap()
    };
    let approved = async || {
        let mut db = instance.services.store().reader().await.unwrap();
        let mut approved = 0;
        for id in &ids {
            let person = db.person(*id).await.unwrap();
            approved += usize::from(person.enrolment_approved_until == Some(until));
        }
        approved
    };
    let both = ["rj123456", "RJ654321"];
    assert_eq!(approve(&both, true).await, (2, vec![]));
    assert_eq!(
        approve(&["rj123456", "nobody", ""], false).await,
        (1, vec![1, 2])
    );
    assert_eq!(approved().await, 0);
    assert_eq!(approve(&both, false).await, (2, vec![]));
    assert_eq!(approved().await, 2);
}
