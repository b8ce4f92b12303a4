//! Ways in without the phone: an entry that the support team approves by number, and a link that is mailed after a waiting time.
//! Both lead into an enrolment and nowhere else.

use super::{Circumstances, ClientInfo, PersonId, ProfileKind, Seconds, Timestamp, TokenHash};
use app::model::IdentityCheck;
use serde::{Deserialize, Serialize};
use std::fmt;
use strum::{EnumString, IntoStaticStr};

/// How long a number can be approved, and how long its session waits.
pub const NUMBER_LIFETIME: Seconds = Seconds::minutes(60);
/// How long a mailed link works.
pub const LINK_LIFETIME: Seconds = Seconds::hours(24);

/// What the operator decides about ways in without the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryPolicy {
    /// The waiting time before a link is mailed; `None` where the mailbox is no way in.
    pub mailbox_wait: Option<Seconds>,
    /// Approvals that one member of the support team may give within 24 hours.
    pub approvals_per_day: i64,
    /// The checks that are enough to approve an entry.
    pub checks: Vec<IdentityCheck>,
    /// Profiles whose entries need two approvals, one of them by a supervisor.
    pub supervised: Vec<ProfileKind>,
}

impl Default for RecoveryPolicy {
    fn default() -> Self {
        Self {
            mailbox_wait: Some(Seconds::hours(24)),
            approvals_per_day: 20,
            checks: IdentityCheck::ALL.to_vec(),
            supervised: vec![
                ProfileKind::MAGISTRATE,
                ProfileKind::SUPPORT,
                ProfileKind::SUPERVISOR,
            ],
        }
    }
}

impl RecoveryPolicy {
    /// Whether an entry of a person with these profiles needs a second approval.
    pub fn is_supervised(&self, profiles: &[ProfileKind]) -> bool {
        profiles
            .iter()
            .any(|profile| self.supervised.contains(profile))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum EntryWay {
    Support,
    Mailbox,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum EntryState {
    Waiting,
    /// The waiting time is over and the link was mailed.
    Mailed,
    Approved,
    Ended,
}

/// By what right an entry is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Authority {
    Support,
    Supervisor,
    /// At the command line.
    Operator,
}

/// Whether approvals by these are enough. Different people have given them.
pub fn are_enough(approvals: &[Authority], is_supervised: bool) -> bool {
    if approvals.contains(&Authority::Operator) || !is_supervised {
        return !approvals.is_empty();
    }
    approvals.len() > 1 && approvals.contains(&Authority::Supervisor)
}

/// The number that a person tells the support team: six digits. It opens nothing by itself.
#[derive(Clone, PartialEq, Eq)]
pub struct EntryNumber(String);

impl EntryNumber {
    /// `random` must be unpredictable.
    pub fn new(random: [u8; 8]) -> Self {
        Self(format!("{:06}", u64::from_le_bytes(random) % 1_000_000))
    }

    /// Reads what was typed; spaces and dashes do not matter. `None` when it cannot be a number.
    pub fn parse(typed: &str) -> Option<Self> {
        // no more than needed is read, because the text comes from a form
        let digits: String = typed
            .chars()
            .take(40)
            .filter(|character| !character.is_whitespace() && *character != '-')
            .collect();
        (digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit()))
            .then_some(Self(digits))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EntryNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntryNumber(…)")
    }
}

/// A request to get in without the phone.
#[derive(Clone, Debug)]
pub struct EntryRequest {
    pub id: String,
    pub person: PersonId,
    pub way: EntryWay,
    /// `None` for the way by the mailbox.
    pub number: Option<EntryNumber>,
    /// The session that asked.
    pub session: TokenHash,
    /// Whether the phone was stolen.
    pub is_stolen: bool,
    pub state: EntryState,
    /// Browser and ip that asked.
    pub client: ClientInfo,
    pub created_at: Timestamp,
    /// When the link is mailed.
    pub ready_at: Timestamp,
    pub expires_at: Timestamp,
}

impl EntryRequest {
    /// When and from where it was asked.
    pub fn circumstances(&self) -> Circumstances {
        Circumstances {
            at: self.created_at,
            client: self.client.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_six_digits_however_they_are_typed() {
        let number = EntryNumber::parse("042 913").unwrap();
        assert_eq!(number.as_str(), "042913");
        assert_eq!(EntryNumber::parse(" 042-913 "), Some(number));
        for bad in ["", "42913", "0429134", "04291x", "٠٤٢٩١٣", &"0".repeat(900)] {
            assert_eq!(EntryNumber::parse(bad), None, "{bad}");
        }
        assert_eq!(EntryNumber::new([0; 8]).as_str(), "000000");
        assert_eq!(EntryNumber::new([255; 8]).as_str().len(), 6);
    }

    #[test]
    fn people_with_privileges_need_two_approvals_and_a_supervisor() {
        use Authority::{Operator, Supervisor, Support};
        assert!(!are_enough(&[], false) && !are_enough(&[], true));
        assert!(are_enough(&[Support], false) && are_enough(&[Supervisor], false));
        for alone in [Support, Supervisor] {
            assert!(!are_enough(&[alone], true));
        }
        assert!(!are_enough(&[Support, Support], true));
        assert!(are_enough(&[Support, Supervisor], true));
        assert!(are_enough(&[Supervisor, Supervisor], true));
        assert!(are_enough(&[Operator], true));
    }
}
