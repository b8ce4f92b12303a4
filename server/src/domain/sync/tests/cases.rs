//! The rule, case by case.

use super::*;
use SyncOutcome::{AlreadyActive, Refused, Stale, Superseded, Synchronised};

fn pair() -> (Side, Side) {
    (Side::new("JMU"), Side::new("STM"))
}

fn first() -> FactorName {
    FactorName {
        home: name("JMU"),
        id: "first".to_owned(),
    }
}

/// Each gets what the other has told.
fn exchange(
    (jmu, told): (&mut Side, &PersonChange),
    (stm, told_back): (&mut Side, &PersonChange),
) -> (SyncOutcome, SyncOutcome) {
    let (from, back) = (jmu.name.clone(), stm.name.clone());
    (stm.receive(&from, told), jmu.receive(&back, told_back))
}

#[test]
fn a_replacement_is_carried_and_its_repetition_is_stale() {
    let (mut jmu, mut stm) = pair();
    let told = jmu.enrol(&first(), Some(&first()));
    assert_eq!(stm.receive(&name("JMU"), &told), Synchronised);
    assert_eq!(stm.active(), jmu.active());
    assert_eq!(stm.receive(&name("JMU"), &told), Stale);
}

#[test]
fn of_two_replacements_at_the_same_time_the_greater_revision_wins() {
    let (mut jmu, mut stm) = pair();
    let one = jmu.enrol(&first(), Some(&first()));
    let other = stm.enrol(&first(), Some(&first()));
    let outcomes = exchange((&mut jmu, &one), (&mut stm, &other));
    assert_eq!(outcomes, (Superseded, Synchronised), "STM is after JMU");
    assert_eq!(jmu.active(), stm.active());
    assert_eq!(jmu.active()[0].home, name("STM"));
    // the loser's phone proves nothing any more
    let lost = jmu.account.factors.iter().find(|f| f.name.id == "JMU1");
    let lost = lost.unwrap().name.clone();
    let late = jmu.enrol(&lost, None);
    assert_eq!(stm.receive(&name("JMU"), &late), Superseded);
}

#[test]
fn a_theft_told_at_one_wins_over_the_thief_at_the_other() {
    let (mut jmu, mut stm) = pair();
    let thief = jmu.enrol(&first(), Some(&first()));
    let owner = stm.revoke_all();
    let outcomes = exchange((&mut jmu, &thief), (&mut stm, &owner));
    assert_eq!(outcomes, (Superseded, Synchronised));
    assert!(jmu.active().is_empty() && stm.active().is_empty());
    assert_eq!(jmu.account.factor_state, FactorState::Revoked);
    // and the owner's next enrolment at STM reopens both
    let again = stm.recover(Side::code());
    assert_eq!(jmu.receive(&name("STM"), &again), Synchronised);
    assert_eq!(jmu.active(), stm.active());
}

#[test]
fn removing_one_authenticator_also_ends_what_it_proved_elsewhere_meanwhile() {
    let (mut jmu, mut stm) = pair();
    let added = stm.enrol(&first(), None);
    jmu.receive(&name("STM"), &added);
    // a thief with the first phone replaces it at JMU while its owner removes it at STM with the other one
    let thief = jmu.enrol(&first(), Some(&first()));
    let owner = stm.revoke(&first());
    let outcomes = exchange((&mut jmu, &thief), (&mut stm, &owner));
    assert_eq!(outcomes, (Superseded, Synchronised));
    assert_eq!(jmu.active(), stm.active());
    assert_eq!(
        jmu.active(),
        [added.change.new_factor().unwrap().factor.clone()]
    );
}

#[test]
fn what_was_known_when_a_factor_was_removed_stays() {
    let (mut jmu, mut stm) = pair();
    let added = jmu.enrol(&first(), None);
    stm.receive(&name("JMU"), &added);
    let removed = stm.revoke(&first());
    assert_eq!(jmu.receive(&name("STM"), &removed), Synchronised);
    assert_eq!(jmu.active(), stm.active());
    assert_eq!(jmu.active().len(), 1);
}

#[test]
fn a_first_enrolment_never_touches_an_active_factor() {
    let (mut jmu, mut stm) = pair();
    let (revision, new) = (jmu.begin(), jmu.new_factor());
    let told = jmu.tell(
        &revision,
        Proof::FirstEnrolment,
        Change::FactorActivated(new),
    );
    assert_eq!(stm.receive(&name("JMU"), &told), AlreadyActive);
    assert_eq!(stm.active(), [first()]);
}

#[test]
fn every_change_needs_its_right_and_a_proof_that_is_enough() {
    let none = PeerRights::default();
    let (jmu, stm) = pair();
    let refused = |told: PersonChange, rights: &PeerRights| {
        let mut there = stm.clone();
        let outcome = there.receive_with(&name("JMU"), &told, rights);
        assert_eq!(there.active(), [first()], "{told:?}");
        assert!(!there.account.is_blocked);
        outcome
    };
    let replaced = jmu.clone().enrol(&first(), Some(&first()));
    assert_eq!(refused(replaced.clone(), &none), Refused);
    let added = jmu.clone().enrol(&first(), None);
    assert_eq!(refused(added, &none), Refused);
    assert_eq!(refused(jmu.clone().recover(Side::code()), &none), Refused);
    for change in [Change::Blocked, Change::Unblocked] {
        let told = jmu.tell(&jmu.clone().begin(), Proof::Operator, change);
        assert_eq!(refused(told, &none), Refused);
    }
    // with every right, but a proof that is none here
    let unknown = FactorName {
        home: name("JMU"),
        id: "unknown".to_owned(),
    };
    for proof in [
        Proof::FirstEnrolment,
        Proof::Operator,
        Proof::AlertLink,
        Proof::OneTimeCode(unknown.clone()),
        Proof::Mailbox {
            of: vec![first()],
            waited: Seconds::hours(23),
        },
        // of somebody who has enrolled at the issuer alone
        Proof::Mailbox {
            of: vec![],
            waited: Seconds::hours(25),
        },
        Proof::RecoveryCode {
            of: vec![unknown.clone()],
        },
        Proof::Support { approvals: vec![] },
    ] {
        let told = PersonChange {
            proof,
            ..replaced.clone()
        };
        assert_eq!(refused(told, &all_rights()), Refused);
    }
}

#[test]
fn whoever_has_enrolled_at_the_issuer_alone_ends_and_adds_nothing_here() {
    // the owner has a factor at STM alone; a thief with the password has enrolled at JMU, which STM refused
    let (mut jmu, mut stm) = pair();
    stm.account.factors[0].name.home = name("STM");
    let own_factor = stm.active();
    jmu.account.factors.clear();
    jmu.account.factor_state = FactorState::None;
    let (revision, evil) = (jmu.begin(), jmu.new_factor());
    jmu.add_here(&evil, &revision, &Proof::FirstEnrolment, false, [].into());
    let own = vec![evil.factor.clone()];
    let told = jmu.tell(
        &revision,
        Proof::FirstEnrolment,
        Change::FactorActivated(evil),
    );
    assert_eq!(stm.receive(&name("JMU"), &told), AlreadyActive);
    let code = Proof::RecoveryCode { of: own.clone() };
    let mailbox = Proof::Mailbox {
        of: own,
        waited: Seconds::days(9),
    };
    for proof in [code, mailbox] {
        let mut told = jmu.revoke_all();
        told.proof = proof.clone();
        stm.receive(&name("JMU"), &told);
        let told = jmu.recover(proof.clone());
        assert_eq!(stm.receive(&name("JMU"), &told), Refused);
        let (revision, new) = (jmu.begin(), jmu.new_factor());
        let told = jmu.tell(&revision, proof, Change::FactorAdded(new));
        assert_eq!(stm.receive(&name("JMU"), &told), Refused);
        assert_eq!(stm.active(), own_factor);
        assert!(stm.account.closed_by.is_none());
    }
}

#[test]
fn no_peer_counts_so_far_that_nobody_can_follow() {
    let (jmu, mut stm) = pair();
    for counter in [GREATEST_LEAP + 2, GREATEST_COUNTER, i64::MAX] {
        let mut told = jmu.tell(&jmu.clone().begin(), Proof::Operator, Change::Blocked);
        told.counter = counter;
        assert_eq!(stm.receive(&name("JMU"), &told), Refused);
    }
    let told = jmu.tell(&jmu.clone().begin(), Proof::Operator, Change::Blocked);
    assert_eq!(
        stm.receive(&name("JMU"), &told),
        Synchronised,
        "the next one counts"
    );
}

#[test]
fn a_closed_account_stays_closed_by_whoever_has_closed_it() {
    let (mut jmu, mut stm) = pair();
    let closed = stm.revoke_all();
    jmu.receive(&name("STM"), &closed);
    let (revision, change) = (
        jmu.begin(),
        Change::FactorsRevoked {
            ended: vec![],
            all: true,
            stolen: false,
        },
    );
    let told = jmu.tell(&revision, Proof::Operator, change);
    assert_eq!(stm.receive(&name("JMU"), &told), Synchronised);
    let told = jmu.recover(Side::code());
    assert_eq!(stm.receive(&name("JMU"), &told), Refused);
}

#[test]
fn people_with_privileges_here_need_two_approvals_from_there() {
    for (approvals, outcome) in [
        (vec![Authority::Support], Refused),
        (
            vec![Authority::Support, Authority::Supervisor],
            Synchronised,
        ),
    ] {
        let (mut jmu, mut stm) = pair();
        stm.account.profiles = vec![ProfileKind::MAGISTRATE];
        let told = jmu.recover(Proof::Support { approvals });
        assert_eq!(stm.receive(&name("JMU"), &told), outcome);
    }
}

#[test]
fn what_a_peer_carried_it_may_always_take_back_and_nothing_else() {
    let (mut jmu, mut stm) = pair();
    let own = stm.enrol(&first(), None);
    jmu.receive(&name("STM"), &own);
    let revision = jmu.begin();
    let ended = [first(), own.change.new_factor().unwrap().factor.clone()];
    let ended = ended.map(|factor| EndedFactor {
        factor,
        ended_as: EndedAs::Revoked,
    });
    let change = Change::FactorsTakenBack {
        ended: ended.to_vec(),
    };
    let told = jmu.tell(&revision, Proof::AlertLink, change);
    let outcome = stm.receive_with(&name("JMU"), &told, &PeerRights::default());
    assert_eq!(outcome, Refused, "one of the two stays");
    assert_eq!(stm.active(), [ended[1].factor.clone()]);
}

#[test]
fn a_block_is_lifted_by_its_maker_alone() {
    let (mut jmu, mut stm) = pair();
    let told = |side: &mut Side, change| {
        let revision = side.begin();
        side.tell(&revision, Proof::Operator, change)
    };
    let blocked = told(&mut jmu, Change::Blocked);
    assert_eq!(stm.receive(&name("JMU"), &blocked), Synchronised);
    assert!(stm.account.is_blocked);
    // STM blocks too, by itself
    let own = stm.account.revisions.entry(name("STM")).or_default();
    own.blocked = 9;
    let lifted = told(&mut jmu, Change::Unblocked);
    assert_eq!(stm.receive(&name("JMU"), &lifted), Refused);
    assert!(stm.account.is_blocked);
    assert_eq!(
        stm.account.revisions[&name("JMU")].blocked,
        0,
        "its own part"
    );
    let lifted = told(&mut jmu, Change::Unblocked);
    assert_eq!(stm.receive(&name("JMU"), &lifted), Refused, "not its own");
    stm.account.revisions.get_mut(&name("STM")).unwrap().blocked = 0;
    let blocked = told(&mut jmu, Change::Blocked);
    assert_eq!(stm.receive(&name("JMU"), &blocked), Synchronised);
    let lifted = told(&mut jmu, Change::Unblocked);
    assert_eq!(stm.receive(&name("JMU"), &lifted), Synchronised);
    assert!(!stm.account.is_blocked);
}

#[test]
fn a_blocked_account_loses_what_is_replaced_and_gains_nothing() {
    let (mut jmu, mut stm) = pair();
    stm.account.is_blocked = true;
    let told = jmu.enrol(&first(), Some(&first()));
    assert_eq!(stm.receive(&name("JMU"), &told), Refused);
    assert!(stm.active().is_empty(), "the old phone is not left alone");
}

#[test]
fn what_is_told_again_ends_everything_that_followed_from_a_revoked_factor() {
    let (mut jmu, mut stm) = pair();
    let added = stm.enrol(&first(), None);
    jmu.receive(&name("STM"), &added);
    // JMU revoked the first phone, was restored to before that, and its thief enrols again
    let backup = jmu.clone();
    let revoked = jmu.revoke(&first());
    stm.receive(&name("JMU"), &revoked);
    let mut jmu = backup;
    let thief = jmu.enrol(&first(), Some(&first()));
    assert_eq!(stm.receive(&name("JMU"), &thief), Stale);
    let revision = stm.begin();
    let change = Change::FactorsRevoked {
        ended: stm.ended(),
        all: false,
        stolen: false,
    };
    let told_again = Proof::ToldAgain {
        active: stm.active(),
    };
    let again = stm.tell(&revision, told_again, change);
    assert_eq!(jmu.receive(&name("STM"), &again), Synchronised);
    assert_eq!(jmu.active(), stm.active());
}

#[test]
fn the_newest_password_wins_where_the_right_is_given() {
    let rights = PeerRights {
        may_set_password: true,
        ..PeerRights::default()
    };
    let (mut jmu, mut stm) = pair();
    let revision = jmu.begin();
    let hash = crate::domain::password::decoy().clone();
    let told = jmu.tell(&revision, Proof::Operator, Change::PasswordChanged { hash });
    stm.account.password = (revision.counter, "STM".to_owned());
    let newer_here = stm.clone().receive_with(&name("JMU"), &told, &rights);
    assert_eq!(newer_here, Superseded);
    stm.account.password = (revision.counter, "AAA".to_owned());
    assert_eq!(stm.clone().receive(&name("JMU"), &told), Refused);
    assert_eq!(stm.receive_with(&name("JMU"), &told, &rights), Synchronised);
}

#[test]
fn a_comparison_tells_the_first_that_differs_and_who_has_lost_changes() {
    let comparison = |from: &Side, to: &Side| {
        let revision = Revision {
            counter: from.counter,
            instance: from.name.clone(),
        };
        let change = Change::Compared {
            active: from.active(),
            is_blocked: from.account.is_blocked,
        };
        let told = from.tell(&revision, Proof::Operator, change);
        compare(&from.name, &to.name, &told, &to.account)
    };
    let same = SyncAnswer::of(Synchronised);
    let differs = |what| SyncAnswer {
        differs: Some(what),
        ..same
    };
    let (mut jmu, mut stm) = pair();
    assert_eq!(comparison(&jmu, &stm), same);
    stm.account.is_blocked = true;
    assert_eq!(comparison(&jmu, &stm), differs(Difference::Block));
    let backup = jmu.clone();
    let told = jmu.enrol(&first(), Some(&first()));
    assert_eq!(comparison(&jmu, &stm), differs(Difference::Factors));
    stm.account.is_blocked = false;
    assert_eq!(stm.receive(&name("JMU"), &told), Synchronised);
    assert_eq!(comparison(&jmu, &stm), same);
    assert_eq!(comparison(&stm, &jmu), same);
    // JMU is restored from a backup of before: whoever of the two asks, it is seen
    assert_eq!(comparison(&backup, &stm), SyncAnswer::stale(jmu.counter));
    assert_eq!(comparison(&stm, &backup), differs(Difference::Lost));
    // and what cannot be is not believed
    let mut liar = stm.clone();
    let jmu_there = liar.account.revisions.get_mut(&name("JMU")).unwrap();
    jmu_there.seen = backup.counter + GREATEST_LEAP + 1;
    assert_eq!(comparison(&liar, &backup), differs(Difference::Factors));
}
