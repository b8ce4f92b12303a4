//! The outcomes of an activation at the other instances.

use serde::{Deserialize, Serialize};

/// The outcome at one other instance as the activated page shows it. The server makes the texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncLine {
    pub peer: String,
    pub tone: Tone,
    /// The sentence of the manual.
    pub sentence: String,
    /// CPF, SIGLA and *Motivo* as pairs of label and value; empty unless it failed.
    pub details: Vec<(String, String)>,
    /// Heading over the details; empty unless it failed.
    pub details_title: String,
    /// What it means for the person; empty unless it failed.
    pub consequence: String,
}

/// Visual tone of a result: colour and icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Success,
    Pending,
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

/// The answer to the question of the activated page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReport {
    /// One line for each other instance.
    pub lines: Vec<SyncLine>,
    /// Whether all outcomes are final.
    pub settled: bool,
}
