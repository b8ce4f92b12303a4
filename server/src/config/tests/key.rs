//! The key file.

use super::*;
use crate::config::key;
use crate::ports::Entropy;

struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

#[test]
fn a_new_key_is_private_opens_and_is_never_overwritten() {
    let folder = Folder::new();
    let path = folder.path().join("jmu.key");
    key::create(&path, "JMU", &Sevens).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("# Key of the eproc-2fa instance JMU."));
    assert!(text.ends_with("\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n"));
    let keyring = key::load(&path).unwrap();
    let same = crate::domain::Keyring::new(&[7; 32]);
    assert_eq!(
        keyring.blind_index("cpf", "1"),
        same.blind_index("cpf", "1")
    );
    assert_eq!(
        key::instance_keys(&keyring).public(),
        key::instance_keys(&same).public()
    );
    let sentence = key::create(&path, "JMU", &Sevens).unwrap_err();
    assert!(sentence.contains("jmu.key cannot be made: "), "{sentence}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[cfg(unix)]
#[test]
fn r5_a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let path = folder.path().join("jmu.key");
    key::create(&path, "JMU", &Sevens).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    for mode in [0o640, 0o604, 0o660, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let sentence = key::load(&path).unwrap_err();
        let shown = path.display();
        assert_eq!(
            sentence,
            format!(
                "{shown} can be read by others than its owner (mode {mode:04o}): chmod 600 {shown}"
            )
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    key::load(&path).unwrap();
}

#[test]
fn damaged_keys_are_refused_without_showing_them() {
    let folder = Folder::new();
    let path = folder.path().join("jmu.key");
    let good = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    for (text, what) in [
        (String::new(), "does not hold exactly one key"),
        ("# nothing\n".to_owned(), "does not hold exactly one key"),
        (format!("{good}\n{good}\n"), "does not hold exactly one key"),
        (
            good[..40].to_owned(),
            "is damaged: a key is 32 bytes in base64, 44 characters",
        ),
        (
            format!("Bw{good}"),
            "is damaged: a key is 32 bytes in base64, 44 characters",
        ),
        (
            good.replace('B', "*"),
            "is damaged: a key is 32 bytes in base64, 44 characters",
        ),
    ] {
        let _ = fs::remove_file(&path);
        key::write_new(&path, text.as_bytes()).unwrap();
        assert_eq!(
            key::load(&path).unwrap_err(),
            format!("{} {what}", path.display())
        );
    }
    let _ = fs::remove_file(&path);
    key::write_new(&path, format!("\n# mine\n  {good}  \r\n").as_bytes()).unwrap();
    key::load(&path).unwrap();
    assert!(
        key::load(&folder.path().join("none"))
            .unwrap_err()
            .contains("cannot be read")
    );
}
