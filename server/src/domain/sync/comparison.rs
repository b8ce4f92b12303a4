//! Whether a person's account is the same at two instances: a pure function, which changes nothing.

use super::{AccountHere, Change, FactorName, GREATEST_LEAP, PersonChange, SyncAnswer};
use crate::domain::InstanceName;
use app::model::SyncOutcome;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// The first that differs, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Difference {
    /// The destination has lost changes that the issuer knows of it: it was restored from an older backup.
    Lost,
    /// Other authenticators work.
    Factors,
    /// One of the two is blocked.
    Block,
}

/// Answers a [`Change::Compared`]. *Stale*: the issuer has lost changes of which the destination knows.
pub fn compare(
    issuer: &InstanceName,
    own: &InstanceName,
    told: &PersonChange,
    here: &AccountHere,
) -> SyncAnswer {
    let Change::Compared { active, is_blocked } = &told.change else {
        return SyncAnswer::of(SyncOutcome::Refused);
    };
    let seen = here.revisions.get(issuer).map_or(0, |known| known.seen);
    if told.counter < seen {
        return SyncAnswer::stale(seen);
    }
    let differs = if lost_here(own, told, here).is_some() {
        Some(Difference::Lost)
    } else if !is_same(active, here) {
        Some(Difference::Factors)
    } else {
        (*is_blocked != here.is_blocked).then_some(Difference::Block)
    };
    SyncAnswer {
        differs,
        ..SyncAnswer::of(SyncOutcome::Synchronised)
    }
}

/// The newest change of this instance that the issuer had answered, where this instance does not know it any more. What cannot be is not
/// believed.
pub fn lost_here(own: &InstanceName, told: &PersonChange, here: &AccountHere) -> Option<i64> {
    let seen = *told.seen.get(own)?;
    let greatest = here.counter.saturating_add(GREATEST_LEAP);
    (seen > here.counter && seen <= greatest).then_some(seen)
}

/// Whether something works at the issuer that has ended here: it has lost that, or was never told.
pub fn is_ended_here(told: &PersonChange, here: &AccountHere) -> bool {
    let Change::Compared { active, .. } = &told.change else {
        return false;
    };
    let has_ended = |name| here.factor(name).is_some_and(|factor| factor.end.is_some());
    active.iter().any(has_ended)
}

fn is_same(active: &[FactorName], here: &AccountHere) -> bool {
    let mut there: Vec<_> = active.iter().collect();
    let mut own: Vec<_> = here.active().map(|factor| &factor.name).collect();
    there.sort();
    own.sort();
    there == own
}
