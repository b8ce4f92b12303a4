//! Mailed links: found by their hash, and why one does not work (R11, R18).

use super::{Outcome, Services};
use crate::{
    domain::{
        time::Timestamp,
        token::{Token, TokenHash},
    },
    storage::{LinkPurpose, LinkRow, StoreError, StoreResult, Voided},
};

/// Why a link does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not one of ours, or of another purpose.
    Unknown,
    /// Too late.
    Expired,
    /// Used before.
    Used,
    /// Voided, and by what.
    Voided(Voided),
}

impl Services {
    /// Looks a link up without changing anything (R11): the person, and the link or its refusal.
    pub(super) async fn look_up(
        &self,
        token: &str,
        purpose: LinkPurpose,
    ) -> Outcome<Result<(LinkRow, TokenHash), Refusal>> {
        let Some(token) = Token::parse(token) else {
            return Ok(Err(Refusal::Unknown));
        };
        let hash = token.hash();
        let found = self
            .store
            .read((hash.clone(), purpose), |tx, i| {
                Box::pin(async move { tx.link(&i.0, i.1).await })
            })
            .await?;
        let now = self.now();
        Ok(match found {
            None => Err(Refusal::Unknown),
            Some(link) => judge(&link, now).map_or(Ok((link, hash)), Err),
        })
    }
}

/// Why a link does not work at `now`, if so.
pub(super) fn judge(link: &LinkRow, now: Timestamp) -> Option<Refusal> {
    if let Some(why) = link.voided {
        Some(Refusal::Voided(why))
    } else if link.used_at.is_some() {
        Some(Refusal::Used)
    } else {
        (now >= link.expires_at).then_some(Refusal::Expired)
    }
}

pub(super) fn enrolment_of(link: &LinkRow) -> StoreResult<&str> {
    link.enrolment
        .as_deref()
        .ok_or(StoreError::Corrupt("activation link without enrolment"))
}
