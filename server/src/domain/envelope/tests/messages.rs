use super::*;
use crate::domain::SecretBytes;
use serde_json::json;

#[test]
fn round_trip() {
    let opened = open(&sealed(&message(), NOW)).unwrap();
    assert_eq!(opened, message());
    let without = told(PersonChange {
        cpf: None,
        ..change()
    });
    assert_eq!(open(&sealed(&without, NOW)), Ok(without));
    for length in [16, 32, 64] {
        let moved_in = activated(SharedFactor {
            secret: TotpSecret::from_bytes(SecretBytes::new(vec![9; length])).unwrap(),
            ..factor()
        });
        assert_eq!(
            open(&sealed(&moved_in, NOW)),
            Ok(moved_in),
            "{length} bytes"
        );
    }
}

#[test]
fn nothing_about_the_person_is_readable() {
    let token = sealed(&message(), NOW);
    let mut claims = part(&token, 1);
    let event = &mut claims["events"][FACTOR_ACTIVATED];
    assert_eq!(event["v"], 2);
    assert!(event["sealed"].take().is_string());
    let expected = json!({
        "iss": "JMU", "aud": "STM", "iat": NOW.0, "jti": "m-1",
        "events": { (FACTOR_ACTIVATED): { "v": 2, "sealed": null } },
    });
    assert_eq!(claims, expected);
    let kid = jmu().public().fingerprint();
    assert_eq!(
        part(&token, 0),
        json!({ "alg": "EdDSA", "typ": "secevent+jwt", "kid": kid })
    );
    assert_ne!(
        token,
        sealed(&message(), NOW),
        "each sealing has its own key"
    );
}

#[test]
fn another_signer() {
    let token = sealed(&message(), NOW);
    let (header, claims) = (part(&token, 0), part(&token, 1));
    let refused = open(&forge(&header, &claims, &attacker()));
    assert_eq!(refused, Err(EnvelopeError::BadSignature));
    let own = seal_message(&message(), &attacker(), &stm().public(), NOW, &fill).unwrap();
    assert_eq!(open(&own), Err(EnvelopeError::UnknownKey));
    let mut stranger = message();
    stranger.header.issuer = "TRX".to_owned();
    stranger.change.change = Change::Blocked;
    assert_eq!(
        open(&sealed(&stranger, NOW)),
        Err(EnvelopeError::UnknownPeer)
    );
}

#[test]
fn another_destination() {
    let mut other = message();
    other.header.audience = "TJX".to_owned();
    assert_eq!(open(&sealed(&other, NOW)), Err(EnvelopeError::NotForUs));
    let mistaken = seal_message(&message(), &jmu(), &jmu().public(), NOW, &fill).unwrap();
    assert_eq!(open(&mistaken), Err(EnvelopeError::Unsealable));
}

#[test]
fn every_changed_character_is_refused() {
    let token = sealed(&message(), NOW);
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(open(&changed).is_err(), "at {at}");
        assert!(open(&token[..at]).is_err(), "cut at {at}");
    }
    assert!(open(&format!("{token}=")).is_err());
    assert!(open(&format!("{token}.")).is_err());
}

#[test]
fn another_algorithm_or_type() {
    let token = sealed(&message(), NOW);
    let claims = part(&token, 1);
    for alg in ["none", "None", "HS256", "ES256", "Ed25519", "eddsa", ""] {
        let mut header = part(&token, 0);
        header["alg"] = json!(alg);
        let forged = forge(&header, &claims, &jmu());
        assert_eq!(open(&forged), Err(EnvelopeError::WrongAlgorithm), "{alg}");
        let unsigned = format!("{}.", forged.rsplit_once('.').unwrap().0);
        assert_eq!(open(&unsigned), Err(EnvelopeError::WrongAlgorithm), "{alg}");
    }
    for (field, value, error) in [
        ("typ", json!("JWT"), EnvelopeError::WrongType),
        ("crit", json!(["b64"]), EnvelopeError::Malformed),
        ("kid", json!("0000"), EnvelopeError::UnknownKey),
    ] {
        let mut header = part(&token, 0);
        header[field] = value;
        assert_eq!(
            open(&forge(&header, &claims, &jmu())),
            Err(error),
            "{field}"
        );
    }
    let reply = sign_reply(
        "m-1",
        SyncAnswer::of(app::model::SyncOutcome::NoRecord),
        &jmu(),
        "JMU",
        "STM",
    );
    assert_eq!(open(&reply.unwrap()), Err(EnvelopeError::WrongType));
}

#[test]
fn a_sealed_part_opens_only_where_it_belongs() {
    let token = sealed(&message(), NOW);
    let (header, claims) = (part(&token, 0), part(&token, 1));
    // not even the issuer can move the sealed part to another message
    let mut moved = claims.clone();
    moved["jti"] = json!("m-2");
    assert_eq!(
        open(&forge(&header, &moved, &jmu())),
        Err(EnvelopeError::Unsealable)
    );
    // no other known peer can send it as its own
    let mut stolen = claims;
    stolen["iss"] = json!("TJX");
    let header = json!({
        "alg": "EdDSA", "typ": "secevent+jwt", "kid": attacker().public().fingerprint(),
    });
    assert_eq!(
        open(&forge(&header, &stolen, &attacker())),
        Err(EnvelopeError::Unsealable)
    );
}

#[test]
fn age_within_its_bounds() {
    let at = |seconds: i64| {
        let message = told(PersonChange {
            made_at: Timestamp(0),
            change: Change::FactorActivated(SharedFactor {
                last_step: 0,
                ..factor()
            }),
            ..change()
        });
        open(&sealed(&message, Timestamp(NOW.0 + seconds))).map(|_| ())
    };
    assert_eq!(at(MAX_AHEAD.0), Ok(()));
    assert_eq!(at(MAX_AHEAD.0 + 1), Err(EnvelopeError::FromTheFuture));
    assert_eq!(at(-MAX_AGE.0), Ok(()));
    assert_eq!(at(-MAX_AGE.0 - 1), Err(EnvelopeError::TooOld));
    let token = sealed(&message(), NOW);
    for iat in [i64::MIN, i64::MAX] {
        let mut claims = part(&token, 1);
        claims["iat"] = json!(iat);
        assert!(open(&forge(&part(&token, 0), &claims, &jmu())).is_err());
    }
}

#[test]
fn unknown_events_versions_and_shapes() {
    let token = sealed(&message(), NOW);
    let event = part(&token, 1)["events"][FACTOR_ACTIVATED].clone();
    let mut second = event.clone();
    second["v"] = json!(3);
    let mut more = event.clone();
    more["more"] = json!(1);
    for (events, error) in [
        (
            json!({ (FACTOR_ACTIVATED): second }),
            EnvelopeError::UnknownVersion,
        ),
        (json!({ "urn:other": event }), EnvelopeError::UnknownVersion),
        (
            json!({ (FACTOR_ACTIVATED): event, "urn:other": event }),
            EnvelopeError::Malformed,
        ),
        (json!({}), EnvelopeError::Malformed),
        (
            json!({ (FACTOR_ACTIVATED): more }),
            EnvelopeError::Malformed,
        ),
    ] {
        let mut claims = part(&token, 1);
        claims["events"] = events;
        assert_eq!(open(&forge(&part(&token, 0), &claims, &jmu())), Err(error));
    }
}

#[test]
fn values_out_of_bounds_are_neither_sent_nor_taken() {
    let step = |last_step| {
        activated(SharedFactor {
            last_step,
            ..factor()
        })
    };
    let named = |home: &str, id: &str| {
        activated(SharedFactor {
            factor: FactorName {
                home: InstanceName::parse(home).unwrap(),
                id: id.to_owned(),
            },
            ..factor()
        })
    };
    let wrong = [
        step(i64::MAX),
        step(-1),
        told(PersonChange {
            made_at: NOW + MAX_AGE,
            ..change()
        }),
        told(PersonChange {
            counter: 0,
            ..change()
        }),
        // no peer makes a factor active that was enrolled elsewhere
        named("TJX", "f1"),
        named("JMU", ""),
        named("JMU", "a b"),
        named("JMU", &"a".repeat(65)),
    ];
    for wrong in wrong {
        let refused = seal_message(&wrong, &jmu(), &stm().public(), NOW, &fill);
        assert_eq!(refused, Err(EnvelopeError::Malformed));
    }
    // sealed by a peer whose clock is ahead
    let later = NOW + MAX_AGE;
    let early = activated(SharedFactor {
        last_step: later.0 / 30,
        ..factor()
    });
    let token = sealed(&early, later);
    let mut claims = part(&token, 1);
    claims["iat"] = json!(NOW.0);
    let refused = open(&forge(&part(&token, 0), &claims, &jmu()));
    assert_eq!(refused, Err(EnvelopeError::Malformed));
    assert_eq!(
        open(&"a".repeat(MAX_TOKEN_BYTES + 1)),
        Err(EnvelopeError::TooLarge)
    );
}

/// A token of JMU with this JSON as its sealed part.
fn sealed_json(change: &Value) -> String {
    let sealed = sealed::seal(
        change.to_string().as_bytes(),
        &header(),
        &stm().public(),
        &fill,
    );
    let mut claims = part(&sealed_message(), 1);
    claims["events"][FACTOR_ACTIVATED]["sealed"] = json!(sealed.unwrap());
    forge(&part(&sealed_message(), 0), &claims, &jmu())
}

fn sealed_message() -> String {
    sealed(&message(), NOW)
}

#[test]
fn r24_a_value_that_is_none_is_refused_and_never_dropped() {
    let good = serde_json::to_value(message().change).unwrap();
    assert!(open(&sealed_json(&good)).is_ok());
    let factor = "/change/factor_activated";
    for (place, field, value) in [
        // a CPF with wrong check digits must not count as *no CPF*
        ("", "cpf", json!("52998224724")),
        ("", "cpf", json!("11111111111")),
        ("", "cpf", json!("769")),
        ("", "sigla", json!("")),
        ("", "sigla", json!("a b")),
        ("", "counter", json!(-1)),
        ("", "seen", json!({ "jmu": 1 })),
        ("", "proof", json!("somebody_said_so")),
        ("", "more", json!(1)),
        (factor, "email", json!("a@b\r\nBcc: c")),
        (factor, "email", json!("ana")),
        (factor, "secret", json!(BASE64URL_NOPAD.encode(&[7; 15]))),
        (factor, "secret", json!(BASE64URL_NOPAD.encode(&[7; 65]))),
        (factor, "secret", json!("====")),
        (factor, "last_step", json!("1")),
        (factor, "label", json!("two\nlines")),
        (factor, "more", json!(1)),
    ] {
        let mut wrong = good.clone();
        wrong.pointer_mut(place).unwrap()[field] = value;
        let refused = open(&sealed_json(&wrong));
        assert_eq!(refused, Err(EnvelopeError::Malformed), "{field}");
    }
    let mut other = good.clone();
    other["change"] = json!({ "factor_added": good["change"]["factor_activated"] });
    assert_eq!(
        open(&sealed_json(&other)),
        Err(EnvelopeError::Malformed),
        "a change of a newer release under the name of an old one"
    );
}
