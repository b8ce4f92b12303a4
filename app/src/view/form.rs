//! Forms as they come back.

use crate::model::{CodeRefusal, EmailRefusal, UnixTime};
use serde::{Deserialize, Serialize};

/// What is wrong with what was typed or asked. A closed list; texts are made from it on the
/// server (decision 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// A field was left empty.
    Missing,
    /// Longer than any such value can be.
    TooLong,
    /// User or password does not match, or the user does not exist: one sentence for all (R13).
    Credentials,
    /// The account is blocked (said only behind the right password).
    Blocked,
    /// The password-only session ran out.
    SessionOver,
    /// The one-time code was not accepted.
    Code(CodeRefusal),
    /// The e-mail address was not accepted.
    Email(EmailRefusal),
    /// Too many failures: wait until then; `None`: until an unlock.
    Locked {
        /// When the wait ends.
        until: Option<UnixTime>,
    },
    /// The next mail to this address may go then.
    ResendWait { until: UnixTime },
    /// First enrolments need an approval here.
    NeedsApproval,
    /// What the form was about is over: start again.
    Gone,
    /// The form arrived incomplete or damaged.
    Incomplete,
    /// Something of ours failed; the reference is in the log.
    Unavailable {
        /// Reference that the help desk can look up.
        reference: String,
    },
}

impl Problem {
    /// Whether only the support can help: its sentence ends before the telephone number.
    pub const fn asks_for_support(&self) -> bool {
        matches!(
            self,
            Self::Blocked | Self::NeedsApproval | Self::Locked { until: None }
        )
    }
}

/// A problem and the field it belongs to (empty: the whole form).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// Id of the field.
    pub field: String,
    pub problem: Problem,
}

/// A form as it comes back: what was wrong, and what may be shown again (never a password or code).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    /// What is wrong.
    pub problems: Vec<FieldProblem>,
    /// What was typed, by field.
    pub values: Vec<(String, String)>,
}

impl FormState {
    /// A form with one problem.
    pub fn with(field: &str, problem: Problem) -> Self {
        let mut form = Self::default();
        form.add(field, problem);
        form
    }

    /// A form that comes back because it was done, with nothing to mend.
    pub fn done() -> Self {
        Self::default().keep("done", "1")
    }

    /// Whether it comes back because it was done.
    pub fn is_done(&self) -> bool {
        !self.is_rejected() && self.value("done") == "1"
    }

    /// Adds a problem.
    pub fn add(&mut self, field: &str, problem: Problem) {
        self.problems.push(FieldProblem {
            field: field.to_owned(),
            problem,
        });
    }

    /// Keeps what was typed into a field.
    #[must_use]
    pub fn keep(mut self, field: &str, value: &str) -> Self {
        self.values.push((field.to_owned(), value.to_owned()));
        self
    }

    /// What was typed into a field.
    pub fn value(&self, field: &str) -> String {
        self.values
            .iter()
            .find(|(name, _)| name == field)
            .map_or_else(String::new, |v| v.1.clone())
    }

    /// The first problem of a field.
    pub fn problem(&self, field: &str) -> Option<&Problem> {
        self.problems
            .iter()
            .find(|p| p.field == field)
            .map(|p| &p.problem)
    }

    /// Whether anything is wrong.
    pub fn is_rejected(&self) -> bool {
        !self.problems.is_empty()
    }
}
