//! The error of server functions: a closed list without free text (decision 4). What a user can correct is data
//! (`view::FormState`) and no error.

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::PostcardEncoding;
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiError {
    /// The server failed; the log has the cause under this reference.
    Unavailable {
        /// Reference for the help desk; empty when the framework failed.
        reference: String,
    },
    /// The request has not the session or cookie that this call needs.
    Gone,
    /// Too many people at once; nothing was counted or changed.
    Busy {
        /// After how many seconds the same request may be sent again.
        retry_after: u32,
    },
}

pub type ApiResult<T> = Result<T, ApiError>;

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable { reference } => write!(f, "unavailable ({reference})"),
            Self::Gone => f.write_str("gone"),
            Self::Busy { retry_after } => write!(f, "busy, again after {retry_after} s"),
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
