//! The two languages of screens and mails.

use serde::{Deserialize, Serialize};

/// Language a person reads; Portuguese unless chosen otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Brazilian Portuguese.
    #[default]
    Pt,
    /// English.
    En,
}

impl Language {
    /// The code kept in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pt => "pt",
            Self::En => "en",
        }
    }

    /// The language with this code; anything unknown is Portuguese.
    pub fn from_code(code: &str) -> Self {
        if code == "en" { Self::En } else { Self::Pt }
    }
}
