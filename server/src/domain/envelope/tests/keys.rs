use super::*;

#[test]
fn text_and_back() {
    let keys = jmu().public();
    let text = keys.to_string();
    assert!(
        text.starts_with("eproc1.") && text.len() == 7 + 86 + 1 + 8,
        "{text}"
    );
    assert_eq!(text.parse(), Ok(keys));
    assert_eq!(format!("  {text}\n").parse(), Ok(keys));
    assert_eq!(keys.fingerprint().len(), 39);
    assert_ne!(keys.fingerprint(), stm().public().fingerprint());
}

#[test]
fn every_mistyped_character_is_refused() {
    let text = jmu().public().to_string();
    for at in 0..text.len() {
        let mut typed = text.clone().into_bytes();
        typed[at] = if typed[at] == b'A' { b'B' } else { b'A' };
        let typed = String::from_utf8(typed).unwrap();
        assert!(typed.parse::<PeerKeys>().is_err(), "{typed}");
        assert!(text[..at].parse::<PeerKeys>().is_err());
    }
    assert_eq!("eproc2.a.b".parse::<PeerKeys>(), Err(KeyTextError::Shape));
}

#[test]
fn a_weak_key_is_refused_despite_its_checksum() {
    let mut verify = [0; 32];
    verify[0] = 1; // the neutral element: verifies anything loosely
    let weak = PeerKeys {
        verify,
        seal: jmu().public().seal,
    };
    assert_eq!(
        weak.to_string().parse::<PeerKeys>(),
        Err(KeyTextError::Unusable)
    );
    let weak = PeerKeys {
        verify: jmu().public().verify,
        seal: [0; 32],
    };
    assert_eq!(
        weak.to_string().parse::<PeerKeys>(),
        Err(KeyTextError::Unusable)
    );
    let refused = seal_message(&message(), &jmu(), &weak, NOW, &fill);
    assert_eq!(refused, Err(EnvelopeError::UnusableKey));
}

#[test]
fn derived_keys_stay_as_they_are() {
    // a change here cuts off every configured peer
    let text = InstanceKeys::derive(&[0; 32]).public().to_string();
    let expected = "eproc1.a4pvtXYCoBrVKaeKqNvTlsScE5RB5-c1JLJgaz5LxcFOhXod2NvmrK6UbsO1jvCXLPVglgB7HSJ4uHS5QhlXWQ.naJzWBRU";
    assert_eq!(text, expected);
}

#[test]
fn debug_shows_the_fingerprint_only() {
    let keys = jmu();
    assert_eq!(
        format!("{keys:?}"),
        format!("InstanceKeys({})", keys.public().fingerprint())
    );
}
