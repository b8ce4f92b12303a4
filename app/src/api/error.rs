//! The wire error: closed, without free text (decision 4). What a user can mend is data
//! (`view::FormState`), not an error.

use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::PostcardEncoding,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The errors that a server function returns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiError {
    /// Something of ours failed; the cause is in the log under this reference.
    Unavailable {
        /// Reference to quote to the help desk; empty when the framework failed.
        reference: String,
    },
    /// The session or cookie that this call needs is not there.
    Gone,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable { reference } => write!(f, "unavailable ({reference})"),
            Self::Gone => f.write_str("gone"),
        }
    }
}

impl std::error::Error for ApiError {}

impl FromServerFnError for ApiError {
    type Encoder = PostcardEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Unavailable {
            reference: String::new(),
        }
    }
}
