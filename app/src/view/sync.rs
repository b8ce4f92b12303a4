//! How the other instances took an activation.

use serde::{Deserialize, Serialize};

/// A synchronisation as the activated page shows it, texts made on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncLine {
    /// Name of the other instance.
    pub peer: String,
    /// Colour and icon.
    pub tone: Tone,
    /// The sentence of the manual.
    pub sentence: String,
    /// *Identificações*, CPF, SIGLA, *Motivo*: label and value.
    pub details: Vec<(String, String)>,
    /// The heading over the details.
    pub details_title: String,
    /// What follows from it for the user.
    pub consequence: String,
}

/// Visual tone of a result: colour and icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Success,
    Pending,
    /// Did not work.
    Failed,
}

impl Tone {
    /// Value of `data-state` in the style sheet.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Pending => "pending",
            Self::Failed => "failed",
        }
    }
}

/// What the activated page learns when it asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReport {
    /// One line per other instance.
    pub lines: Vec<SyncLine>,
    /// Whether all answers are final.
    pub settled: bool,
}
