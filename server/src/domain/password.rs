//! Passwords: which stored hashes are accepted, how a hash is made, how a typed password is verified (R13, R19).
//!
//! Passwords are used exactly as typed, without trimming or normalisation. `services::sign_in` bounds their length, not
//! this module.

mod scheme;

use super::SecretText;
use data_encoding::BASE64_NOPAD;
pub use scheme::HashMemory;
use scheme::{Argon2Cost, Scheme};
use std::fmt;
use std::sync::LazyLock;
use thiserror::Error;

/// A stored hash that [`PasswordHash::verify`] can judge: well formed and of bounded cost.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    text: String,
    scheme: Scheme,
}

/// Result of verifying a typed password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Match,
    /// The password is right, but the hash is weaker than ours or of another scheme: replace it by
    /// [`PasswordHash::create`] (R19).
    MatchOutdated,
    Mismatch,
}

/// Why a stored hash is refused. The text never quotes the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnknownHash {
    /// Longer than any hash of the accepted schemes.
    #[error("the hash is longer than {max} bytes", max = scheme::MAX_TEXT)]
    TooLong,
    #[error(
        "unknown scheme; accepted: $argon2id$, $2a$/$2b$/$2y$, $pbkdf2-sha256$, $pbkdf2-sha512$, \
         pbkdf2_sha256$ (Django)"
    )]
    Scheme,
    /// The scheme is known, but the named part is missing, doubled or damaged.
    #[error("{0} is missing or malformed")]
    Malformed(&'static str),
    /// A cost or size that is too high for a sign-in, or too low to protect the password.
    #[error("{what} is {found}, accepted: {min} to {max}")]
    OutOfBounds {
        /// Name and unit of the parameter.
        what: &'static str,
        /// The value in the hash.
        found: u64,
        min: u64,
        max: u64,
    },
}

impl PasswordHash {
    /// Reads a stored hash: `$argon2id$…`, bcrypt (`$2a$`, `$2b$`, `$2y$`), PBKDF2 as a PHC string
    /// (`$pbkdf2-sha256$i=…$salt$hash`, also sha512) or as Django writes it (`pbkdf2_sha256$iterations$salt$hash`).
    /// Costs are bounded, so that an imported hash cannot exhaust memory or time at sign-in. The error names the wrong
    /// part.
    pub fn parse(text: &str) -> Result<Self, UnknownHash> {
        Ok(Self {
            scheme: Scheme::parse(text)?,
            text: text.to_owned(),
        })
    }

    /// Hashes `password` by Argon2id v19 with m = 19456 KiB, t = 2, p = 1 (R19). `salt` must be random and new. This
    /// takes tens of milliseconds.
    pub fn create(password: &SecretText, salt: [u8; 16], memory: &mut HashMemory) -> Self {
        let password = password.expose().as_bytes();
        let tag = scheme::argon2id(Argon2Cost::CURRENT, password, &salt, 32, memory)
            .expect("fixed parameters are valid");
        Self::current(&salt, tag)
    }

    /// Whether `password` is the one behind this hash. The comparison takes constant time; the computation takes the
    /// time that the hash's own parameters ask for.
    ///
    /// bcrypt reads only the first 72 bytes, as in the systems that wrote those hashes: longer passwords that are equal
    /// there match. A password with a NUL byte never matches an imported bcrypt or PBKDF2 hash: C implementations stop
    /// at NUL and HMAC pads its key with it, so different passwords would be equal.
    pub fn verify(&self, password: &SecretText, memory: &mut HashMemory) -> Verdict {
        let password = password.expose().as_bytes();
        // hashed anew, a longer text that is equal in what bcrypt reads would become the password
        let is_whole =
            password.len() <= BCRYPT_READS || !matches!(self.scheme, Scheme::Bcrypt { .. });
        match (
            self.scheme.matches(password, memory),
            self.scheme.is_current() || !is_whole,
        ) {
            (true, true) => Verdict::Match,
            (true, false) => Verdict::MatchOutdated,
            (false, _) => Verdict::Mismatch,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is written as [`PasswordHash::create`] writes: the same parameters, neither weaker nor more costly.
    fn is_written_here(&self) -> bool {
        matches!(&self.scheme, Scheme::Argon2id { salt, tag, .. }
            if salt.len() == 16 && tag.len() == 32
                && self.text == Self::current(salt, tag.clone()).text)
    }

    /// Writes a computed tag in our own format.
    fn current(salt: &[u8], tag: Vec<u8>) -> Self {
        let Argon2Cost {
            memory,
            passes,
            lanes,
            ..
        } = Argon2Cost::CURRENT;
        let text = format!(
            "$argon2id$v=19$m={memory},t={passes},p={lanes}${}${}",
            BASE64_NOPAD.encode(salt),
            BASE64_NOPAD.encode(&tag)
        );
        let scheme = Scheme::Argon2id {
            cost: Argon2Cost::CURRENT,
            salt: salt.to_vec(),
            tag,
        };
        Self { text, scheme }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasswordHash({}, …)", self.scheme.name())
    }
}

/// The serialised form of a hash that travels between instances: one of ours, with the parameters of [`PasswordHash::create`].
/// Another scheme or cost is refused, so that no instance is given a weaker hash than its own.
pub mod fresh_hash {
    use super::PasswordHash;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(hash: &PasswordHash, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(hash.as_str())
    }

    /// An error when the text is no Argon2id hash with our parameters.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PasswordHash, D::Error> {
        PasswordHash::parse(&String::deserialize(from)?)
            .ok()
            .filter(PasswordHash::is_written_here)
            .ok_or_else(|| D::Error::custom("the hash has not the parameters of this protocol"))
    }
}

/// bcrypt reads this many bytes of a password and ignores the rest.
const BCRYPT_READS: usize = 72;

/// The hash against which the password of an unknown user is verified, so that the answer takes the same time as for a
/// known one (R13). The tag comes from no password; callers refuse whatever the verdict is.
pub fn decoy() -> &'static PasswordHash {
    static DECOY: LazyLock<PasswordHash> =
        LazyLock::new(|| PasswordHash::current(b"no such user....", vec![0x5a; 32]));
    &DECOY
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judge(hash: &str, password: &str) -> Verdict {
        PasswordHash::parse(hash)
            .unwrap()
            .verify(&SecretText::new(password), &mut HashMemory::default())
    }

    fn refusal(hash: &str) -> String {
        PasswordHash::parse(hash).unwrap_err().to_string()
    }

    #[test]
    fn r19_created_hash_has_our_parameters_and_judges_exactly() {
        let hash = PasswordHash::create(
            &SecretText::new(" Senha\u{e7} "),
            *b"0123456789abcdef",
            &mut HashMemory::default(),
        );
        assert!(
            hash.as_str()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$")
        );
        assert_eq!(PasswordHash::parse(hash.as_str()).unwrap(), hash);
        assert_eq!(judge(hash.as_str(), " Senha\u{e7} "), Verdict::Match);
        // not trimmed, not normalised, not folded
        for wrong in [
            "Senha\u{e7}",
            " Senhac\u{327} ",
            " senha\u{e7} ",
            " Senha\u{e7} \0",
            "",
        ] {
            assert_eq!(judge(hash.as_str(), wrong), Verdict::Mismatch, "{wrong:?}");
        }
        let long = "x".repeat(1024);
        let hash = PasswordHash::create(
            &SecretText::new(long.clone()),
            [7; 16],
            &mut HashMemory::default(),
        );
        assert_eq!(judge(hash.as_str(), &long), Verdict::Match);
        assert_eq!(judge(hash.as_str(), &long[1..]), Verdict::Mismatch);
    }

    /// Vector of the reference implementation (phc-winner-argon2, test.c).
    #[test]
    fn argon2id_of_the_reference_implementation() {
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert_eq!(
            judge(hash, "password"),
            Verdict::MatchOutdated,
            "eight bytes of salt"
        );
        assert_eq!(judge(hash, "passwore"), Verdict::Mismatch);
    }

    /// Computed with libxcrypt 4 (Python's crypt), which PHP's own implementation agrees with.
    #[test]
    fn bcrypt_as_php_wrote_it() {
        let y = "$2y$04$UuTkLRZZ6QofpDOlMz32MuKd.um/skqPIdzzsrgMJFn8orUtLilIu";
        assert_eq!(judge(y, "correta cavalo çã"), Verdict::MatchOutdated);
        assert_eq!(judge(y, "correta cavalo ça"), Verdict::Mismatch);
        assert_eq!(
            judge(
                "$2b$04$UuTkLRZZ6QofpDOlMz32MulAl1gndIRrWiKfrfX0.8pMpjqHH0qye",
                ""
            ),
            Verdict::MatchOutdated
        );
        // truncated at 72 bytes, as in the original systems
        for hash in [
            "$2b$04$UuTkLRZZ6QofpDOlMz32MuWXHTNvz9e5tRTloQNJ755elVgYaI9SG",
            "$2a$04$UuTkLRZZ6QofpDOlMz32MuWXHTNvz9e5tRTloQNJ755elVgYaI9SG",
        ] {
            assert_eq!(judge(hash, &"a".repeat(72)), Verdict::MatchOutdated);
            // right, and kept as it is: not the 90 characters that were typed
            assert_eq!(judge(hash, &"a".repeat(90)), Verdict::Match);
            assert_eq!(judge(hash, &"a".repeat(71)), Verdict::Mismatch);
        }
    }

    /// Computed with Python's hashlib.
    #[test]
    fn pbkdf2_as_phc_and_as_django() {
        for hash in [
            "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$jX91dJ3FeLY2eVLXPBORv6S4fET5lh+4UNHAJl3GFW4",
            "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$jX91dJ3FeLY2eVLXPBORv6S4fET5lh+4UNHAJl3GFW4",
            "$pbkdf2-sha512$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$Ed54MCkIIP+m28whIJQDs9Lxxr7RiYY9b5h1uhYbzcW8gMRx7uxgQcZQMVR2CHAMC9Ng2T3MUq9uZyb4Vq6m1g",
            "pbkdf2_sha256$1000$xZk8YqLw$MSpmQRD6oR5fxSoA4gADyGMWMgxw0xzhyc93h7M/PVk=",
        ] {
            assert_eq!(
                judge(hash, "correta cavalo"),
                Verdict::MatchOutdated,
                "{hash}"
            );
            assert_eq!(judge(hash, "correta cavalo "), Verdict::Mismatch, "{hash}");
            assert_eq!(judge(hash, "correta cavalo\0"), Verdict::Mismatch, "{hash}");
        }
    }

    #[test]
    fn a_nul_byte_never_matches_an_imported_hash() {
        let abc = bcrypt::hash_with_salt("abc", 4, [1; 16])
            .unwrap()
            .to_string();
        assert_eq!(judge(&abc, "abc"), Verdict::MatchOutdated);
        assert_eq!(judge(&abc, "abc\0abc"), Verdict::Mismatch);
    }

    #[test]
    fn refuses_by_name_what_would_exhaust_memory_or_time() {
        let rest = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let argon = |params: &str| refusal(&format!("$argon2id$v=19${params}{rest}"));
        assert_eq!(
            argon("m=262145,t=2,p=1"),
            "argon2 memory (KiB) is 262145, accepted: 8 to 262144"
        );
        assert_eq!(
            argon("m=4294967295,t=1,p=1"),
            "argon2 memory (KiB) is 4294967295, accepted: 8 to 262144"
        );
        assert_eq!(
            argon("m=19456,t=17,p=1"),
            "argon2 passes is 17, accepted: 1 to 16"
        );
        assert_eq!(
            argon("m=19456,t=2,p=17"),
            "argon2 lanes is 17, accepted: 1 to 16"
        );
        assert_eq!(
            argon("m=64,t=2,p=16"),
            "argon2 memory (KiB) is 64, accepted: 128 to 262144"
        );
        let bcrypt = "$2b$17$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
        assert_eq!(refusal(bcrypt), "bcrypt cost is 17, accepted: 4 to 16");
        assert_eq!(
            refusal("pbkdf2_sha256$5000001$xZk8YqLw$MSpmQRD6oR5fxSoA4gADyGMWMgxw0xzhyc93h7M/PVk="),
            "pbkdf2 iterations is 5000001, accepted: 1 to 5000000"
        );
        assert_eq!(
            refusal(
                "$pbkdf2-sha256$i=0$MDEyMzQ1Njc4OWFiY2RlZg$jX91dJ3FeLY2eVLXPBORv6S4fET5lh+4UNHAJl3GFW4"
            ),
            "pbkdf2 iterations is 0, accepted: 1 to 5000000"
        );
        assert_eq!(
            PasswordHash::parse(&"$".repeat(600)),
            Err(UnknownHash::TooLong)
        );
    }

    #[test]
    fn refuses_other_schemes_and_damaged_hashes() {
        let tag = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        for hash in [
            "",
            "$",
            "senha",
            "$1$abc$def",
            "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$x",
            "$argon2id",
            "$argon2id$",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ",
            &format!("$argon2id$v=18$m=65536,t=2,p=1$c29tZXNhbHQ${tag}"),
            &format!("$argon2id$v=19$m=65536,m=1,p=1$c29tZXNhbHQ${tag}"),
            &format!("$argon2id$v=19$m=65536,t=2,p=1,data=AAAA$c29tZXNhbHQ${tag}"),
            &format!("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ${tag}$x"),
            &format!(" $argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ${tag}"),
            "$2x$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie",
            "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxci",
            "$2b$+4$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie",
            "pbkdf2_sha256$1000$$MSpmQRD6oR5fxSoA4gADyGMWMgxw0xzhyc93h7M/PVk=",
            "pbkdf2_sha256$+1000$a$MSpmQRD6oR5fxSoA4gADyGMWMgxw0xzhyc93h7M/PVk=",
            "pbkdf2_sha256$1000$xZk8YqLw$MSpmQRD6oR5fxSoA4g==",
            "$pbkdf2-sha256$i=1000,l=20$MDEyMzQ1Njc4OWFiY2RlZg$jX91dJ3FeLY2eVLXPBORv6S4fET5lh+4UNHAJl3GFW4",
        ] {
            assert!(PasswordHash::parse(hash).is_err(), "{hash}");
        }
    }

    #[test]
    fn r13_the_decoy_costs_what_a_current_hash_costs() {
        assert_eq!(PasswordHash::parse(decoy().as_str()).unwrap(), *decoy());
        assert!(decoy().scheme.is_current());
        let verdict = decoy().verify(&SecretText::new(""), &mut HashMemory::default());
        assert_eq!(verdict, Verdict::Mismatch);
    }

    #[test]
    fn r32_memory_serves_the_next_hash_whatever_the_last_one_left_and_does_not_grow() {
        let mut memory = HashMemory::default();
        let typed = SecretText::new("correta cavalo");
        let ours = PasswordHash::create(&typed, [7; 16], &mut memory);
        // 64 MiB, then 8 KiB, then ours again
        for imported in [
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        ] {
            let verdict = PasswordHash::parse(imported)
                .unwrap()
                .verify(&typed, &mut memory);
            assert_eq!(verdict, Verdict::Mismatch);
            assert!(memory.kept_blocks() <= 19 * 1024, "{imported}");
        }
        assert_eq!(ours.verify(&typed, &mut memory), Verdict::Match);
        let place_now = memory.blocks(1).as_ptr();
        assert_eq!(ours.verify(&typed, &mut memory), Verdict::Match);
        assert_eq!(memory.blocks(1).as_ptr(), place_now);
    }

    #[test]
    fn debug_shows_no_hash() {
        assert_eq!(format!("{:?}", decoy()), "PasswordHash(argon2id, …)");
    }

    proptest! {
        #[test]
        fn parse_never_panics_and_keeps_the_text(text in "\\PC{0,80}|\\$(argon2id|2b|pbkdf2-sha256)\\$[ -~]{0,120}|pbkdf2_sha256[ -~]{0,80}") {
            if let Ok(hash) = PasswordHash::parse(&text) {
                prop_assert_eq!(hash.as_str(), text);
            }
        }
    }
}
