//! Known answers of the standards on which the envelope stands.

use super::*;
use data_encoding::HEXLOWER;
use ed25519_dalek::{Signer as _, SigningKey};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem as _, OpModeR, single_shot_open};

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

/// RFC 8037, appendix A.4 and A.5: a JWS with Ed25519.
#[test]
fn jws_of_rfc_8037() {
    let private = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    let private = BASE64URL_NOPAD.decode(private.as_bytes()).unwrap();
    let key = SigningKey::from_bytes(&private.try_into().unwrap());
    let public = BASE64URL_NOPAD.encode(key.verifying_key().as_bytes());
    assert_eq!(public, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = BASE64URL_NOPAD.encode(&key.sign(input.as_bytes()).to_bytes());
    assert_eq!(
        signature,
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    // the same bytes are no token here: it has no type
    let token = format!("{input}.{signature}");
    assert_eq!(open(&token), Err(EnvelopeError::WrongType));
}

/// RFC 9180, appendix A.2.1.1: base mode of DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, sequence number 0.
#[test]
fn hpke_of_rfc_9180() {
    let private = hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
    let enc = hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
    let info = hex("4f6465206f6e2061204772656369616e2055726e");
    let aad = hex("436f756e742d30");
    let sealed = hex(
        "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
    );
    let private = <X25519HkdfSha256 as hpke::Kem>::PrivateKey::from_bytes(&private).unwrap();
    let public = hpke::Serializable::to_bytes(&X25519HkdfSha256::sk_to_pk(&private));
    assert_eq!(
        HEXLOWER.encode(&public),
        "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"
    );
    let enc = <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(&enc).unwrap();
    let opened = single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &enc,
        &info,
        &sealed,
        &aad,
    );
    assert_eq!(opened.unwrap(), b"Beauty is truth, truth beauty");
}
