//! Whatever a peer sends, the destination answers without a panic, and without more than the peer's rights give (R24).
//!
//! The first byte chooses the depth: 0 a body of anybody, 1 claims that a true peer has signed, 2 what a true peer has sealed, 3 a reply.

#![no_main]

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer as _, SigningKey};
use hkdf::Hkdf;
use libfuzzer_sys::fuzz_target;
use server::domain::envelope::{open_reply, seal_message};
use server::domain::sync::{compare, judge};
use server::domain::{
    AccountHere, AssuranceRules, Batch, Change, Effect, FactorName, FactorState, InstanceKeys,
    InstanceName, InstanceRevisions, KnownFactor, MessageHeader, PeerRights, PersonChange, Policy,
    ProfileKind, Receiver, RecoveryPolicy, SyncMessage, Timestamp,
};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

const NOW: Timestamp = Timestamp(1_800_000_000);
const PEER_SEED: [u8; 32] = [1; 32];

static PEER: LazyLock<InstanceKeys> = LazyLock::new(|| InstanceKeys::derive(&PEER_SEED));
static OWN: LazyLock<Arc<InstanceKeys>> =
    LazyLock::new(|| Arc::new(InstanceKeys::derive(&[2; 32])));
static RECEIVER: LazyLock<Receiver> = LazyLock::new(|| {
    let peers = [("JMU".to_owned(), vec![PEER.public()])];
    Receiver::new("STM", vec![OWN.clone()], peers)
});
/// The peer's signing key, derived as docs/sync.md says, because the program never signs what it has not made.
static SIGN: LazyLock<SigningKey> = LazyLock::new(|| {
    let mut key = [0; 32];
    let derived = Hkdf::<Sha256>::new(None, &PEER_SEED).expand(b"eproc-2fa sync sign 1", &mut key);
    derived.expect("one block");
    SigningKey::from_bytes(&key)
});

fn name(text: &str) -> InstanceName {
    InstanceName::parse(text).expect("a name")
}

/// Somebody here with a phone of JMU and one of STM.
fn account() -> AccountHere {
    let known = |home: &str, id: &str| KnownFactor {
        id: id.to_owned(),
        name: FactorName {
            home: name(home),
            id: id.to_owned(),
        },
        added: 1,
        proven_by: None,
        replaced_all: false,
        seen: BTreeMap::new(),
        end: None,
    };
    let seen = InstanceRevisions {
        seen: 1,
        ..InstanceRevisions::default()
    };
    AccountHere {
        factor_state: FactorState::Active,
        is_blocked: false,
        is_approved: false,
        profiles: vec![ProfileKind::LAWYER],
        contacts: 1,
        counter: 2,
        closed_by: None,
        factors: vec![known("JMU", "a1"), known("STM", "b1")],
        revisions: BTreeMap::from([(name("JMU"), seen)]),
        password: (0, String::new()),
        email: (0, String::new()),
    }
}

fn signed_claims(claims: &[u8]) {
    let header = format!(
        r#"{{"alg":"EdDSA","typ":"secevent+jwt","kid":"{}"}}"#,
        PEER.public().fingerprint()
    );
    let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let input = format!("{}.{}", encode(header.as_bytes()), encode(claims));
    let signature = SIGN.sign(input.as_bytes()).to_bytes();
    // nobody without the key can seal, so nothing of it may open
    assert!(
        RECEIVER
            .open(&format!("{input}.{}", encode(&signature)), NOW)
            .is_err()
    );
}

fn sealed_change(json: &[u8]) {
    let Ok(change) = serde_json::from_slice::<PersonChange>(json) else {
        return;
    };
    // what is parsed is written again as the same
    let again = serde_json::to_vec(&change).expect("it was read");
    assert_eq!(
        serde_json::from_slice::<PersonChange>(&again).ok().as_ref(),
        Some(&change)
    );
    let header = MessageHeader {
        id: "m1".to_owned(),
        issuer: "JMU".to_owned(),
        audience: "STM".to_owned(),
    };
    let message = SyncMessage { header, change };
    let fill = |bytes: &mut [u8]| bytes.fill(7);
    let Ok(token) = seal_message(&message, &PEER, &OWN.public(), NOW, &fill) else {
        return;
    };
    assert_eq!(RECEIVER.open(&token, NOW).as_ref(), Ok(&message));
    let (jmu, here, policy, recovery) = (
        name("JMU"),
        account(),
        Policy::default(),
        RecoveryPolicy::default(),
    );
    if matches!(message.change.change, Change::Compared { .. }) {
        compare(&jmu, &name("STM"), &message.change, &here);
    }
    let none = PeerRights {
        name: "JMU".to_owned(),
        may_activate: false,
        may_replace: false,
        may_revoke: false,
        may_block: false,
        may_set_password: false,
        match_by_sigla: false,
    };
    let rules = |rights| AssuranceRules {
        rights,
        policy: &policy,
        recovery: &recovery,
        is_email_accepted: true,
    };
    // a peer without any right takes back its own, and nothing else
    for effect in judge(&jmu, &message.change, &here, rules(&none)).effects {
        match effect {
            Effect::End { id, .. } => assert_eq!(id, "a1", "another instance's phone ended"),
            Effect::Note { .. }
            | Effect::NoteRevokedAll { .. }
            | Effect::NoteReplacedAll(..)
            | Effect::TellState => {}
            opening => panic!("without a right: {opening:?}"),
        }
    }
    let all = PeerRights {
        may_activate: true,
        may_replace: true,
        may_revoke: true,
        may_block: true,
        may_set_password: true,
        ..none.clone()
    };
    let verdict = judge(&jmu, &message.change, &here, rules(&all));
    assert!(verdict.is_noted || verdict.effects.is_empty());
}

fuzz_target!(|data: &[u8]| {
    let Some((depth, rest)) = data.split_first() else {
        return;
    };
    match depth % 4 {
        0 => {
            if let Ok(batch) = Batch::parse(rest) {
                for token in batch.sets {
                    assert!(
                        RECEIVER.open(&token, NOW).is_err(),
                        "a forged message opened"
                    );
                }
            }
        }
        1 => signed_claims(rest),
        2 => sealed_change(rest),
        _ => {
            if let Ok(token) = std::str::from_utf8(rest) {
                let opened = open_reply(token, "m1", "JMU", &[PEER.public()], "STM");
                assert!(opened.is_err(), "a forged reply opened");
            }
        }
    }
});
