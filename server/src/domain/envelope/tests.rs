//! Messages and replies between two instances, and attacks on them.

mod keys;
mod messages;
mod random;
mod replies;
mod vectors;

use super::*;
use crate::domain::{
    Change, Cpf, Email, FactorName, InstanceName, MessageHeader, PersonChange, Proof, SharedFactor,
    Sigla, SyncAnswer, SyncMessage, Timestamp, TotpSecret,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use std::cell::Cell;

const NOW: Timestamp = Timestamp(1_790_000_000);

fn jmu() -> InstanceKeys {
    InstanceKeys::derive(&[1; 32])
}

fn stm() -> InstanceKeys {
    InstanceKeys::derive(&[2; 32])
}

fn attacker() -> InstanceKeys {
    InstanceKeys::derive(&[3; 32])
}

const FACTOR_ACTIVATED: &str = "urn:eproc-2fa:event:factor-activated";

fn header() -> MessageHeader {
    MessageHeader {
        id: "m-1".to_owned(),
        issuer: "JMU".to_owned(),
        audience: "STM".to_owned(),
    }
}

fn factor() -> SharedFactor {
    SharedFactor {
        factor: FactorName {
            home: InstanceName::parse("JMU").unwrap(),
            id: "f1".to_owned(),
        },
        label: String::new(),
        secret: TotpSecret::new([7; 20]),
        last_step: NOW.0 / 30,
        email: Email::parse("maria@exemplo.com.br").unwrap(),
    }
}

fn change() -> PersonChange {
    PersonChange {
        cpf: Some(Cpf::parse("52998224725").unwrap()),
        sigla: Sigla::parse("maria").unwrap(),
        counter: 1,
        seen: [].into(),
        made_at: NOW,
        proof: Proof::FirstEnrolment,
        change: Change::FactorActivated(factor()),
    }
}

fn told(change: PersonChange) -> SyncMessage {
    SyncMessage {
        header: header(),
        change,
    }
}

fn activated(factor: SharedFactor) -> SyncMessage {
    told(PersonChange {
        change: Change::FactorActivated(factor),
        ..change()
    })
}

fn message() -> SyncMessage {
    told(change())
}

/// Counts up; the tests need no randomness but equal bytes in each run.
fn fill(buffer: &mut [u8]) {
    thread_local!(static NEXT: Cell<u8> = const { Cell::new(0) });
    for byte in buffer {
        *byte = NEXT.replace(NEXT.get().wrapping_add(1));
    }
}

fn sealed(message: &SyncMessage, now: Timestamp) -> String {
    seal_message(message, &jmu(), &stm().public(), now, &fill).unwrap()
}

fn find(name: &str) -> Vec<PeerKeys> {
    match name {
        "JMU" => vec![jmu().public()],
        "TJX" => vec![attacker().public()],
        _ => Vec::new(),
    }
}

fn open(token: &str) -> Result<SyncMessage, EnvelopeError> {
    open_message(token, "STM", &[stm().into()], &find, NOW)
}

/// The decoded header (0) or claims (1) of a token.
fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// A token of these parts, signed by `keys` even where the header says something else.
fn forge(header: &Value, claims: &Value, keys: &InstanceKeys) -> String {
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let input = format!("{}.{}", encode(header), encode(claims));
    let signature = keys.sign(input.as_bytes()).to_bytes();
    format!("{input}.{}", BASE64URL_NOPAD.encode(&signature))
}
