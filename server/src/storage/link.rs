//! Mailed links and receipts: stored hashed, bound to purpose and enrolment (R14).

use super::{StoreResult, Tx, tx::known};
use crate::domain::{person::PersonId, time::Timestamp, token::TokenHash};

/// What a link may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Confirms an enrolment.
    Activation,
    /// The *Não fui eu* of a notice.
    NotMe,
}

impl LinkPurpose {
    const fn code(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::NotMe => "not_me",
        }
    }
}

/// Why a link no longer works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voided {
    /// The address was corrected and a link went to the new one.
    Address,
    /// A newer QR took its place.
    NewerQr,
    /// The enrolment was cancelled.
    Cancelled,
}

impl Voided {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Address, "address"),
        (Self::NewerQr, "newer"),
        (Self::Cancelled, "cancelled"),
    ];

    fn code(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(why, _)| *why == self)
            .map_or("cancelled", |(_, code)| code)
    }
}

/// A link as found.
#[derive(Clone, Debug)]
pub struct LinkRow {
    /// Whose.
    pub person: PersonId,
    /// Of which enrolment; none when the activation came from another instance.
    pub enrolment: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// Why it no longer works.
    pub voided: Option<Voided>,
}

/// Person, enrolment, created, expires, used, voided.
type Row = (i64, Option<String>, i64, i64, Option<i64>, Option<String>);

impl Tx {
    /// Stores a link.
    pub async fn insert_link(
        &mut self,
        token: &TokenHash,
        purpose: LinkPurpose,
        person: PersonId,
        enrolment: Option<&str>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query(
            "INSERT INTO link (token_hash, purpose, person_id, enrolment_id, created_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&token.0)
        .bind(purpose.code())
        .bind(person.get())
        .bind(enrolment)
        .bind(now.0)
        .bind(expires_at.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// The link with this token, if it is of this purpose.
    pub async fn link(
        &mut self,
        token: &TokenHash,
        purpose: LinkPurpose,
    ) -> StoreResult<Option<LinkRow>> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT person_id, enrolment_id, created_at, expires_at, used_at, voided FROM link \
             WHERE token_hash = $1 AND purpose = $2",
        )
        .bind(&token.0)
        .bind(purpose.code())
        .fetch_optional(self.conn())
        .await?;
        row.map(|(person, enrolment, created, expires, used, voided)| {
            let voided = match voided {
                Some(code) => {
                    let found = Voided::ALL.iter().find(|(_, known)| *known == code);
                    Some(known(found, "link.voided")?.0)
                }
                None => None,
            };
            Ok(LinkRow {
                person: known(PersonId::new(person).ok(), "person id")?,
                enrolment,
                created_at: Timestamp(created),
                expires_at: Timestamp(expires),
                used_at: used.map(Timestamp),
                voided,
            })
        })
        .transpose()
    }

    /// Uses a link up: one statement decides between two posts.
    pub async fn use_link(&mut self, token: &TokenHash, now: Timestamp) -> StoreResult<bool> {
        let done = sqlx::query(
            "UPDATE link SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL \
             AND voided IS NULL AND expires_at > $2",
        )
        .bind(&token.0)
        .bind(now.0)
        .execute(self.conn())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Voids the unused activation links of an enrolment.
    pub async fn void_links(&mut self, enrolment: &str, why: Voided) -> StoreResult<()> {
        sqlx::query(
            "UPDATE link SET voided = $2 WHERE enrolment_id = $1 AND purpose = 'activation' \
             AND used_at IS NULL AND voided IS NULL",
        )
        .bind(enrolment)
        .bind(why.code())
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Binds the unused *Não fui eu* links of starts that came to nothing since `since` to the
    /// enrolment that was begun instead (R29); false when there is none left.
    pub async fn follow_story(
        &mut self,
        person: PersonId,
        enrolment: Option<&str>,
        since: Timestamp,
    ) -> StoreResult<bool> {
        let done = sqlx::query(
            "UPDATE link SET enrolment_id = $2 WHERE person_id = $1 AND purpose = 'not_me' \
             AND used_at IS NULL AND created_at > $3 AND enrolment_id IN \
             (SELECT id FROM enrolment WHERE person_id = $1 AND activated_at IS NULL)",
        )
        .bind(person.get())
        .bind(enrolment)
        .bind(since.0)
        .execute(self.conn())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Stores a receipt, which opens one activation's page (R14).
    pub async fn insert_receipt(
        &mut self,
        token: &TokenHash,
        enrolment: &str,
        expires_at: Timestamp,
    ) -> StoreResult<()> {
        sqlx::query(
            "INSERT INTO receipt (token_hash, enrolment_id, expires_at) VALUES ($1, $2, $3)",
        )
        .bind(&token.0)
        .bind(enrolment)
        .bind(expires_at.0)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// The enrolment that a receipt opens.
    pub async fn receipt(
        &mut self,
        token: &TokenHash,
        now: Timestamp,
    ) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = sqlx::query_as(
            "SELECT enrolment_id FROM receipt WHERE token_hash = $1 AND expires_at > $2",
        )
        .bind(&token.0)
        .bind(now.0)
        .fetch_optional(self.conn())
        .await?;
        Ok(row.map(|(id,)| id))
    }
}
