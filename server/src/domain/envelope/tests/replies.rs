use super::*;
use crate::domain::Difference;
use app::model::SyncOutcome;
use serde_json::json;
use std::sync::Arc;

fn reply() -> String {
    sign_reply(
        "m-1",
        SyncAnswer::of(SyncOutcome::NoRecord),
        &stm(),
        "STM",
        "JMU",
    )
    .unwrap()
}

fn open_at_jmu(token: &str) -> Result<SyncAnswer, EnvelopeError> {
    open_reply(token, "m-1", "STM", &[stm().public()], "JMU")
}

#[test]
fn round_trip_by_the_receiver() {
    let peers = [("JMU".to_owned(), vec![jmu().public()])];
    let receiver = Receiver::new("STM", vec![Arc::new(stm())], peers);
    let opened = receiver.open(&sealed(&message(), NOW), NOW).unwrap();
    for outcome in [
        SyncOutcome::Synchronised,
        SyncOutcome::NoRecord,
        SyncOutcome::AlreadyActive,
        SyncOutcome::Ambiguous,
        SyncOutcome::Refused,
        SyncOutcome::Superseded,
        SyncOutcome::Stale,
    ] {
        let answer = SyncAnswer {
            known: (outcome == SyncOutcome::Stale).then_some(7),
            differs: (outcome == SyncOutcome::Synchronised).then_some(Difference::Factors),
            ..SyncAnswer::of(outcome)
        };
        let reply = receiver.reply(&opened.header, answer).unwrap();
        assert_eq!(open_at_jmu(&reply), Ok(answer));
    }
}

#[test]
fn a_reply_answers_one_message_between_two_instances() {
    let open = |jti, from, to| open_reply(&reply(), jti, from, &[stm().public()], to);
    assert_eq!(open("m-2", "STM", "JMU"), Err(EnvelopeError::OtherMessage));
    assert_eq!(open("m-1", "TJX", "JMU"), Err(EnvelopeError::UnknownPeer));
    assert_eq!(open("m-1", "STM", "TJX"), Err(EnvelopeError::NotForUs));
}

#[test]
fn forged_replies() {
    let (header, claims) = (part(&reply(), 0), part(&reply(), 1));
    let forged = forge(&header, &claims, &attacker());
    assert_eq!(open_at_jmu(&forged), Err(EnvelopeError::BadSignature));
    let other = sign_reply(
        "m-1",
        SyncAnswer::of(SyncOutcome::Synchronised),
        &attacker(),
        "STM",
        "JMU",
    )
    .unwrap();
    assert_eq!(open_at_jmu(&other), Err(EnvelopeError::UnknownKey));
    assert_eq!(
        open_at_jmu(&sealed(&message(), NOW)),
        Err(EnvelopeError::WrongType)
    );
    for (field, value) in [("outcome", json!("fine")), ("v", json!(3))] {
        let mut newer = claims.clone();
        newer[field] = value;
        let newer = forge(&header, &newer, &stm());
        assert_eq!(open_at_jmu(&newer), Err(EnvelopeError::UnknownVersion));
    }
}

#[test]
fn every_changed_character_is_refused() {
    let reply = reply();
    for at in 0..reply.len() {
        let mut changed = reply.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        assert!(
            open_at_jmu(&String::from_utf8(changed).unwrap()).is_err(),
            "at {at}"
        );
    }
}
