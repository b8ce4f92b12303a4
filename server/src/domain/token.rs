//! Random tokens for session ids, mailed links and receipts: 256 bits, given out once, stored as a hash (R10, R14).

use super::SecretText;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};

/// Length of a token as text: 32 bytes in unpadded base64url.
pub const TOKEN_CHARS: usize = 43;

/// A token in clear, for a cookie or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(SecretText);

impl Token {
    /// `bytes` must be random.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretText::new(BASE64URL_NOPAD.encode(&bytes)))
    }

    /// Reads a token that came back; `None` when it cannot be one of ours because it is cut, doubled or not base64url.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == TOKEN_CHARS && BASE64URL_NOPAD.decode(text.as_bytes()).is_ok())
            .then(|| Self(SecretText::new(text)))
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The form that the database keeps.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.expose().as_bytes()).to_vec())
    }
}

/// SHA-256 of a token. It needs no salt, because a token has 256 random bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHash(pub Vec<u8>);

/// A random row id: 128 bits in lower-case base32 text.
pub fn row_id(bytes: [u8; 16]) -> String {
    data_encoding::BASE32_NOPAD.encode(&bytes).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_tokens_parse() {
        let token = Token::new([9; 32]);
        assert_eq!(Token::parse(token.expose()), Some(token.clone()));
        let text = token.expose();
        for bad in [
            "",
            "x",
            &text[1..],
            &format!("{text}{text}"),
            &"é".repeat(43),
            &"!".repeat(43),
        ] {
            assert_eq!(Token::parse(bad), None, "{bad}");
        }
        assert_ne!(token.hash().0, text.as_bytes());
    }
}
