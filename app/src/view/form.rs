//! Forms as they come back.

use crate::model::{CodeRefusal, EmailRefusal, EntryRefusal, UnixTime};
use serde::{Deserialize, Serialize};

/// What is wrong with what was typed or asked for. The list is closed; its texts are made where the page is drawn (decision 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Nothing was typed into a required field.
    Missing,
    /// Longer than such a value may be.
    TooLong,
    /// User and password do not match, or the user does not exist; all have the same sentence (R13).
    Credentials,
    /// The account is blocked. This is told only after the right password.
    Blocked,
    /// The password-only session has ended; the person must sign in again.
    SessionOver,
    /// The one-time code was refused for this reason.
    Code(CodeRefusal),
    /// The email was refused for this reason.
    Email(EmailRefusal),
    /// The entry was not approved for this reason.
    Entry(EntryRefusal),
    /// Too many failures; nothing is judged until the wait ends.
    Locked {
        /// When the wait ends; `None`: at an unlock.
        until: Option<UnixTime>,
    },
    /// Too many passwords from the same network were wrong; an attempt may be judged at this time (R31).
    NetworkBusy { until: UnixTime },
    /// Too many activation mails were sent; the next one is allowed at this time.
    ResendWait { until: UnixTime },
    /// First enrolments need an operator's approval here.
    NeedsApproval,
    /// What the form was about has ended or was replaced; the person must begin again.
    Gone,
    /// The form arrived incomplete or damaged.
    Incomplete,
    /// The server failed; the log has the cause under this reference.
    Unavailable {
        /// Reference for the help desk.
        reference: String,
    },
}

impl Problem {
    /// Whether only the support team can help. Its sentence then ends before the telephone number.
    pub const fn asks_for_support(&self) -> bool {
        matches!(
            self,
            Self::Blocked | Self::NeedsApproval | Self::Locked { until: None }
        )
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// Id of the field; empty for the whole form.
    pub field: String,
    pub problem: Problem,
}

impl FieldProblem {
    pub fn new(field: &str, problem: Problem) -> Self {
        Self {
            field: field.to_owned(),
            problem,
        }
    }
}

/// A form as it comes back: its problems, and the values that may be shown again. It never has a password or code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    pub problems: Vec<FieldProblem>,
    /// What was typed, by the id of the field.
    pub values: Vec<(String, String)>,
}

impl FormState {
    pub fn with(field: &str, problem: Problem) -> Self {
        let mut form = Self::default();
        form.add(field, problem);
        form
    }

    /// A form that comes back after success, with nothing to correct.
    pub fn done() -> Self {
        Self::default().keep("done", "1")
    }

    /// Whether it comes back after success.
    pub fn is_done(&self) -> bool {
        !self.is_rejected() && self.value("done") == "1"
    }

    pub fn add(&mut self, field: &str, problem: Problem) {
        self.problems.push(FieldProblem::new(field, problem));
    }

    /// Keeps what was typed into a field.
    #[must_use]
    pub fn keep(mut self, field: &str, value: &str) -> Self {
        self.values.push((field.to_owned(), value.to_owned()));
        self
    }

    /// What was typed into a field; empty when nothing was kept.
    pub fn value(&self, field: &str) -> String {
        self.values
            .iter()
            .find(|(name, _)| name == field)
            .map_or_else(String::new, |v| v.1.clone())
    }

    /// The first problem of a field; `None` when it has none.
    pub fn problem(&self, field: &str) -> Option<&Problem> {
        self.problems
            .iter()
            .find(|p| p.field == field)
            .map(|p| &p.problem)
    }

    pub fn is_rejected(&self) -> bool {
        !self.problems.is_empty()
    }
}
