//! The accepted hash schemes: reading their texts, computing and comparing their tags.

use super::UnknownHash;
use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use bcrypt::HashParts;
use data_encoding::BASE64;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

/// Longest accepted text in bytes; the longest real one (PBKDF2-SHA-512) has under 200.
pub(super) const MAX_TEXT: usize = 512;
/// In KiB. A sign-in allocates at most 256 MiB.
const MAX_MEMORY: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;
const MAX_ITERATIONS: u32 = 5_000_000;
/// Shorter tags could match by chance.
const MIN_TAG: usize = 16;

/// A parsed hash.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Scheme {
    Argon2id {
        cost: Argon2Cost,
        salt: Vec<u8>,
        tag: Vec<u8>,
    },
    Bcrypt {
        cost: u32,
        salt: [u8; 16],
        tag: Vec<u8>,
    },
    Pbkdf2 {
        digest: Digest,
        iterations: u32,
        salt: Vec<u8>,
        tag: Vec<u8>,
    },
}

/// Cost parameters of Argon2id; memory is in KiB.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Argon2Cost {
    pub memory: u32,
    pub passes: u32,
    pub lanes: u32,
    /// 19 (0x13) or the older 16 (0x10).
    pub version: u32,
}

/// The hash function inside the HMAC of PBKDF2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Digest {
    Sha256,
    Sha512,
}

impl Argon2Cost {
    /// The parameters of new hashes (R19, OWASP Password Storage Cheat Sheet).
    pub(super) const CURRENT: Self = Self {
        memory: 19_456,
        passes: 2,
        lanes: 1,
        version: 19,
    };
}

impl Scheme {
    /// Reads `text`, see [`super::PasswordHash::parse`].
    pub(super) fn parse(text: &str) -> Result<Self, UnknownHash> {
        if text.len() > MAX_TEXT {
            return Err(UnknownHash::TooLong);
        }
        if let Some(rest) = text.strip_prefix("pbkdf2_sha256$") {
            return Self::parse_django(rest);
        }
        match text.split('$').nth(1).filter(|_| text.starts_with('$')) {
            Some("argon2id") => Self::parse_argon2id(&phc_string(text)?),
            Some("2a" | "2b" | "2y") => Self::parse_bcrypt(text),
            Some("pbkdf2-sha256") => Self::parse_pbkdf2(&phc_string(text)?, Digest::Sha256),
            Some("pbkdf2-sha512") => Self::parse_pbkdf2(&phc_string(text)?, Digest::Sha512),
            _ => Err(UnknownHash::Scheme),
        }
    }

    fn parse_argon2id(hash: &phc::PasswordHash) -> Result<Self, UnknownHash> {
        // exactly m, t and p: key ids and associated data would need secrets that this program does not have
        let number = |name| {
            hash.params
                .get_decimal(name)
                .ok_or(UnknownHash::Malformed("argon2 parameter (m, t, p)"))
        };
        let (memory, passes, lanes) = (number("m")?, number("t")?, number("p")?);
        if hash.params.iter().count() != 3 {
            return Err(UnknownHash::Malformed("argon2 parameter (m, t, p)"));
        }
        // a text without a version has version 16 (reference implementation, encoding.c)
        let version = hash.version.unwrap_or(16);
        if !matches!(version, 16 | 19) {
            return Err(UnknownHash::Malformed("argon2 version (16 or 19)"));
        }
        bounded("argon2 passes", passes, 1, MAX_PASSES)?;
        bounded("argon2 lanes", lanes, 1, MAX_LANES)?;
        bounded("argon2 memory (KiB)", memory, 8 * lanes, MAX_MEMORY)?;
        let (salt, tag) = salt_and_tag(hash)?;
        Ok(Self::Argon2id {
            cost: Argon2Cost {
                memory,
                passes,
                lanes,
                version,
            },
            salt,
            tag,
        })
    }

    fn parse_bcrypt(text: &str) -> Result<Self, UnknownHash> {
        let parts: HashParts = text
            .parse()
            .map_err(|_| UnknownHash::Malformed("bcrypt hash"))?;
        // the library parses the cost as a number and would accept a sign
        if !text.as_bytes()[4..6].iter().all(u8::is_ascii_digit) {
            return Err(UnknownHash::Malformed("bcrypt cost"));
        }
        bounded("bcrypt cost", parts.get_cost(), 4, 16)?;
        Ok(Self::Bcrypt {
            cost: parts.get_cost(),
            salt: parts.get_salt_raw(),
            tag: bcrypt_tag(&parts),
        })
    }

    fn parse_pbkdf2(hash: &phc::PasswordHash, digest: Digest) -> Result<Self, UnknownHash> {
        let iterations = hash
            .params
            .get_decimal("i")
            .ok_or(UnknownHash::Malformed("pbkdf2 iterations (i)"))?;
        bounded("pbkdf2 iterations", iterations, 1, MAX_ITERATIONS)?;
        let (salt, tag) = salt_and_tag(hash)?;
        // `l`, the length of the tag, is optional; no other parameter is allowed
        let length = hash.params.get_decimal("l");
        let told = 1 + usize::from(length.is_some());
        if hash.params.iter().count() != told
            || length.is_some_and(|length| length as usize != tag.len())
        {
            return Err(UnknownHash::Malformed("pbkdf2 parameter (i, l)"));
        }
        Ok(Self::Pbkdf2 {
            digest,
            iterations,
            salt,
            tag,
        })
    }

    /// `iterations$salt$hash`: the salt is used as text, the hash is padded Base64.
    fn parse_django(rest: &str) -> Result<Self, UnknownHash> {
        let mut parts = rest.split('$');
        let (Some(iterations), Some(salt), Some(tag), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(UnknownHash::Malformed("Django hash (iterations$salt$hash)"));
        };
        let iterations = Some(iterations)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .ok_or(UnknownHash::Malformed("pbkdf2 iterations"))?;
        bounded("pbkdf2 iterations", iterations, 1, MAX_ITERATIONS)?;
        if salt.is_empty() {
            return Err(UnknownHash::Malformed("salt"));
        }
        let tag = BASE64
            .decode(tag.as_bytes())
            .ok()
            .filter(|tag| tag.len() == 32)
            .ok_or(UnknownHash::Malformed("hash"))?;
        Ok(Self::Pbkdf2 {
            digest: Digest::Sha256,
            iterations,
            salt: salt.as_bytes().to_vec(),
            tag,
        })
    }

    /// Computes the tag of `password` and compares in constant time. A computation that fails for lack of memory is no
    /// match.
    pub(super) fn matches(&self, password: &[u8], memory: &mut HashMemory) -> bool {
        let computed = match self {
            Self::Argon2id { cost, salt, tag } => {
                argon2id(*cost, password, salt, tag.len(), memory).unwrap_or_default()
            }
            // bcrypt reads the first 72 bytes only
            Self::Bcrypt { cost, salt, .. } => bcrypt::hash_with_salt(password, *cost, *salt)
                .map(|parts| bcrypt_tag(&parts))
                .unwrap_or_default(),
            Self::Pbkdf2 {
                digest,
                iterations,
                salt,
                tag,
            } => {
                let mut out = vec![0; tag.len()];
                match digest {
                    Digest::Sha256 => {
                        pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, *iterations, &mut out);
                    }
                    Digest::Sha512 => {
                        pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, *iterations, &mut out);
                    }
                }
                out
            }
        };
        let (Self::Argon2id { tag, .. } | Self::Bcrypt { tag, .. } | Self::Pbkdf2 { tag, .. }) =
            self;
        // checked after the computation, so that a password with NUL takes as long; Argon2 hashes NUL like any other
        // byte
        let ambiguous = password.contains(&0) && !matches!(self, Self::Argon2id { .. });
        bool::from(tag.ct_eq(&computed)) && !ambiguous
    }

    /// Whether this is at least as strong as what [`Argon2Cost::CURRENT`] gives.
    pub(super) fn is_current(&self) -> bool {
        let now = Argon2Cost::CURRENT;
        matches!(self, Self::Argon2id { cost, salt, tag }
            if cost.memory >= now.memory && cost.passes >= now.passes && cost.version == now.version
                && salt.len() >= 16 && tag.len() >= 32)
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Argon2id { .. } => "argon2id",
            Self::Bcrypt { .. } => "bcrypt",
            Self::Pbkdf2 { .. } => "pbkdf2",
        }
    }
}

/// The working memory of Argon2id. Whoever hashes again and again keeps one, so that the process does not grow: what was
/// taken for one hash serves the next. Hashes that need more than ours take the rest for their own time only.
#[derive(Default)]
pub struct HashMemory {
    kept: Vec<Block>,
}

impl HashMemory {
    /// This many blocks of 1 KiB, whatever they hold.
    pub fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.kept.len() < count {
            // not grown in place, where old and new would be there at the same time
            self.kept = Vec::new();
            self.kept = vec![Block::new(); count];
        }
        &mut self.kept[..count]
    }

    #[cfg(test)]
    pub(super) fn kept_blocks(&self) -> usize {
        self.kept.len()
    }

    /// Gives back what only a costlier hash than ours needed.
    fn free_excess(&mut self) {
        if self.kept.len() > Argon2Cost::CURRENT.memory as usize {
            self.kept = Vec::new();
        }
    }
}

/// `None` when the parameters are invalid.
pub(super) fn argon2id(
    cost: Argon2Cost,
    password: &[u8],
    salt: &[u8],
    length: usize,
    memory: &mut HashMemory,
) -> Option<Vec<u8>> {
    let version = if cost.version == 16 {
        Version::V0x10
    } else {
        Version::V0x13
    };
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(length)).ok()?;
    let blocks = params.block_count();
    let mut out = vec![0; length];
    Argon2::new(Algorithm::Argon2id, version, params)
        .hash_password_into_with_memory(password, salt, &mut out, memory.blocks(blocks))
        .ok()?;
    memory.free_excess();
    Some(out)
}

/// The library gives a tag only inside its text: the last 31 characters, of 6 bits each.
fn bcrypt_tag(parts: &HashParts) -> Vec<u8> {
    parts.to_string().into_bytes().split_off(29)
}

fn phc_string(text: &str) -> Result<phc::PasswordHash, UnknownHash> {
    phc::PasswordHash::new(text).map_err(|_| UnknownHash::Malformed("PHC string"))
}

fn salt_and_tag(hash: &phc::PasswordHash) -> Result<(Vec<u8>, Vec<u8>), UnknownHash> {
    let salt = hash
        .salt
        .as_ref()
        .ok_or(UnknownHash::Malformed("salt"))?
        .to_vec();
    let tag = hash
        .hash
        .as_ref()
        .filter(|tag| tag.len() >= MIN_TAG)
        .ok_or(UnknownHash::Malformed("hash"))?;
    Ok((salt, tag.as_bytes().to_vec()))
}

fn bounded(what: &'static str, found: u32, min: u32, max: u32) -> Result<(), UnknownHash> {
    if (min..=max).contains(&found) {
        return Ok(());
    }
    Err(UnknownHash::OutOfBounds {
        what,
        found: found.into(),
        min: min.into(),
        max: max.into(),
    })
}
