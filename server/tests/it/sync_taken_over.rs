//! Both instances, one taken over: whoever has JMU's database, key file and network place, and what that is worth at STM (R24).

use crate::authenticators::{inside, opens};
use crate::support::pair::CPF;
use crate::support::{Browser, Database, Options, TestApp, both};
use server::domain::envelope::{PATH, seal_message};
use server::domain::password::decoy;
use server::domain::{
    Authority, Batch, Change, Cpf, Email, EndedAs, EndedFactor, FactorName, InstanceName,
    MessageHeader, PeerRights, PersonChange, Proof, Seconds, SharedFactor, Sigla, SyncMessage,
    Timestamp, TotpSecret,
};

const OWN: &str = "ana@stm.example";

/// STM, and JMU's keys in the hands of somebody else.
struct Attack {
    stm: TestApp,
    jmu: TestApp,
    browser: Browser,
    sent: i64,
}

fn name(text: &str) -> InstanceName {
    InstanceName::parse(text).unwrap()
}

impl Attack {
    async fn new(database: Database, rights: PeerRights) -> (Self, String) {
        let options = Options {
            name: "STM",
            peers: vec!["JMU"],
            peer_rights: rights,
            ..Options::default()
        };
        let stm = TestApp::new(database, options).await;
        let jmu = Options {
            name: "JMU",
            ..Options::default()
        };
        let jmu = TestApp::over(Database::sqlite(), jmu, stm.clock.clone()).await;
        stm.person_with("ana.souza", &["lawyer"], &[], Some(CPF))
            .await;
        let (key, _) = stm.browser().enrol(&stm, "ana.souza", OWN).await;
        let browser = stm.browser();
        let attack = Self {
            stm,
            jmu,
            browser,
            // beyond what its own enrolment has counted at STM
            sent: 10,
        };
        (attack, key)
    }

    /// A factor of the attacker, named as one of JMU.
    fn factor(&self) -> SharedFactor {
        SharedFactor {
            factor: FactorName {
                home: name("JMU"),
                id: format!("evil{}", self.sent),
            },
            label: String::new(),
            secret: TotpSecret::new([9; 20]),
            last_step: 0,
            email: Email::parse("thief@correio.example").unwrap(),
        }
    }

    /// Signs with JMU's key, seals to STM, posts, and returns the body of the answer.
    async fn send(&mut self, proof: Proof, change: Change) -> String {
        self.sent += 1;
        let message = SyncMessage {
            header: MessageHeader {
                id: format!("m{}", self.sent),
                issuer: "JMU".to_owned(),
                audience: "STM".to_owned(),
            },
            change: PersonChange {
                cpf: Some(Cpf::parse(CPF).unwrap()),
                sigla: Sigla::parse("ana.souza").unwrap(),
                counter: self.sent,
                // it claims to know whatever STM has done
                seen: [(name("STM"), 1_000_000)].into(),
                made_at: Timestamp(self.stm.now()),
                proof,
                change,
            },
        };
        let fill = |buffer: &mut [u8]| buffer.fill(7);
        let (own, to) = (&self.jmu.keys, self.stm.keys.public());
        let now = Timestamp(self.stm.now());
        let sets = vec![seal_message(&message, own, &to, now, &fill).unwrap()];
        let request = http::Request::post(PATH)
            .header("content-type", "application/json")
            .body(serde_json::to_string(&Batch { sets }).unwrap().into())
            .unwrap();
        let answer = self.browser.send(request).await;
        assert_eq!(answer.status, 200);
        let reply = answer.body.split('.').nth(1).unwrap().as_bytes();
        String::from_utf8(data_encoding::BASE64URL_NOPAD.decode(reply).unwrap()).unwrap()
    }

    /// The name of the factor that its owner enrolled at STM.
    async fn own_factor(&self) -> FactorName {
        let dump = self.stm.database.dump().await;
        let id = dump.column("factor", "home_id").remove(0).unwrap();
        FactorName {
            home: name("STM"),
            id: String::from_utf8(id).unwrap(),
        }
    }
}

/// Every proof that a message can claim.
fn proofs(own: &FactorName) -> Vec<Proof> {
    vec![
        Proof::FirstEnrolment,
        Proof::OneTimeCode(own.clone()),
        Proof::RecoveryCode {
            of: vec![own.clone()],
        },
        Proof::Mailbox {
            of: vec![own.clone()],
            waited: Seconds::days(365),
        },
        Proof::Support {
            approvals: vec![Authority::Operator, Authority::Supervisor],
        },
        Proof::Operator,
        Proof::AlertLink,
        Proof::ToldAgain { active: vec![] },
    ]
}

/// Every change that a message can tell, aimed at the owner's factor.
fn changes(own: &FactorName, factor: &SharedFactor) -> Vec<Change> {
    let ended = vec![EndedFactor {
        factor: own.clone(),
        ended_as: EndedAs::Revoked,
    }];
    vec![
        Change::FactorActivated(factor.clone()),
        Change::FactorAdded(factor.clone()),
        Change::FactorReplaced {
            new: factor.clone(),
            ended: ended.clone(),
            all: false,
        },
        Change::FactorReplaced {
            new: factor.clone(),
            ended: ended.clone(),
            all: true,
        },
        Change::FactorsRevoked {
            ended: ended.clone(),
            all: false,
            stolen: false,
        },
        Change::FactorsRevoked {
            ended: ended.clone(),
            all: true,
            stolen: true,
        },
        Change::FactorsTakenBack {
            ended: ended.clone(),
        },
        Change::FactorDeactivated { ended },
        Change::EmailChanged {
            email: factor.email.clone(),
        },
        Change::PasswordChanged {
            hash: decoy().clone(),
        },
        Change::Blocked,
        Change::Unblocked,
    ]
}

both!(
    r24_a_peer_with_the_right_to_activate_alone_weakens_no_active_factor,
    |database: Database| async move {
        let rights = PeerRights {
            may_activate: true,
            match_by_sigla: true,
            ..PeerRights::default()
        };
        let (mut attack, key) = Attack::new(database, rights).await;
        let mut working = inside(&attack.stm, &key).await;
        let own = attack.own_factor().await;
        let watched = ["factor", "totp", "person", "enrolment", "session", "link"];
        let before = attack.stm.database.dump().await;
        for proof in proofs(&own) {
            for change in changes(&own, &attack.factor()) {
                let told = change.kind();
                let answer = attack.send(proof.clone(), change).await;
                assert!(!answer.contains("synchronised"), "{told}: {answer}");
            }
        }
        let after = attack.stm.database.dump().await;
        for table in watched {
            let (before, after) = (before.rows(table), after.rows(table));
            assert_eq!(before, after, "{table}");
        }
        working.get("/inicio").await.at("/inicio");
        assert!(opens(&attack.stm, &key).await);
        assert_eq!(attack.stm.kinds_to(OWN).await.len(), 2, "nothing was told");
    }
);

both!(
    r24_each_right_gives_its_own_kind_of_change_and_no_other,
    |database: Database| async move {
        let none = PeerRights {
            match_by_sigla: true,
            ..PeerRights::default()
        };
        let cases: [(PeerRights, &[&str]); 4] = [
            (
                PeerRights {
                    may_replace: true,
                    ..none.clone()
                },
                &["factor_added", "factor_replaced", "email_changed"],
            ),
            (
                PeerRights {
                    may_revoke: true,
                    ..none.clone()
                },
                &[
                    "factors_revoked",
                    "factors_taken_back",
                    "factor_deactivated",
                ],
            ),
            (
                PeerRights {
                    may_block: true,
                    ..none.clone()
                },
                &["blocked", "unblocked"],
            ),
            (
                PeerRights {
                    may_set_password: true,
                    ..none.clone()
                },
                &["password_changed"],
            ),
        ];
        for (rights, given) in cases {
            let (mut attack, _) = Attack::new(Database::sqlite(), rights.clone()).await;
            let own = attack.own_factor().await;
            let proof = Proof::OneTimeCode(own.clone());
            // what is refused changes nothing, so one account serves for all of it
            let (allowed, refused): (Vec<_>, Vec<_>) = changes(&own, &attack.factor())
                .into_iter()
                .partition(|change| given.contains(&change.kind()));
            for change in refused {
                let kind = change.kind();
                let answer = attack.send(proof.clone(), change).await;
                assert!(!answer.contains("synchronised"), "{kind}: {answer}");
            }
            let kind = allowed[0].kind();
            let answer = attack.send(proof, allowed[0].clone()).await;
            assert!(answer.contains("synchronised"), "{kind}: {answer}");
        }
        drop(database);
    }
);

both!(
    r24_taking_back_what_was_never_carried_leaves_the_account_closed,
    |database: Database| async move {
        let rights = PeerRights {
            may_activate: true,
            may_revoke: true,
            match_by_sigla: true,
            ..PeerRights::default()
        };
        let (mut attack, _) = Attack::new(database, rights).await;
        let ended = vec![EndedFactor {
            factor: attack.own_factor().await,
            ended_as: EndedAs::Revoked,
        }];
        let taken = Change::FactorsTakenBack { ended };
        attack.send(Proof::AlertLink, taken).await;
        // the password alone neither opens nor enrols, and no first enrolment of JMU counts
        let activated = Change::FactorActivated(attack.factor());
        let answer = attack.send(Proof::FirstEnrolment, activated).await;
        assert!(answer.contains("refused"), "{answer}");
        let dump = attack.stm.database.dump().await;
        let states = dump.column("person_security", "factor_state");
        assert_eq!(states, [Some(b"revoked".to_vec())]);
    }
);

both!(
    r24_a_peer_changes_no_factor_under_a_name_that_is_known,
    |database: Database| async move {
        let all = PeerRights {
            may_activate: true,
            may_replace: true,
            may_revoke: true,
            may_block: true,
            match_by_sigla: true,
            ..PeerRights::default()
        };
        let (mut attack, key) = Attack::new(database, all).await;
        let own = attack.own_factor().await;
        let first = attack.factor();
        let proof = Proof::OneTimeCode(own);
        let answer = attack
            .send(proof.clone(), Change::FactorAdded(first.clone()))
            .await;
        assert!(answer.contains("synchronised"), "{answer}");
        let secrets = attack.stm.database.dump().await;
        let secrets = secrets.column("totp", "secret_sealed");
        // the same name with another secret, and one that is ended under the name
        let other = SharedFactor {
            secret: TotpSecret::new([8; 20]),
            ..first.clone()
        };
        attack
            .send(proof.clone(), Change::FactorAdded(other.clone()))
            .await;
        let after = attack.stm.database.dump().await;
        assert_eq!(after.column("totp", "secret_sealed"), secrets);
        let ended = vec![EndedFactor {
            factor: first.factor,
            ended_as: EndedAs::Revoked,
        }];
        let revoked = Change::FactorsTakenBack { ended };
        attack.send(Proof::AlertLink, revoked).await;
        let answer = attack.send(proof, Change::FactorAdded(other)).await;
        assert!(answer.contains("superseded"), "{answer}");
        assert!(opens(&attack.stm, &key).await);
    }
);
