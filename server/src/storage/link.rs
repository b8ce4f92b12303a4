//! Mailed links and receipts, stored as hashes and each for one purpose (R14).

use super::row::{RowName, code_of};
use super::{Reader, StoreResult, Tx};
use crate::domain::{Link, LinkPurpose, PersonId, Timestamp, TokenHash, VoidReason};

#[derive(sqlx::FromRow)]
struct LinkRow {
    person_id: PersonId,
    enrolment_id: Option<String>,
    factor_id: Option<String>,
    about: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
    voided: Option<String>,
}

impl Reader {
    /// The link with this token and this purpose; `None` when there is none.
    pub async fn link(
        &mut self,
        token: &TokenHash,
        purpose: LinkPurpose,
    ) -> StoreResult<Option<Link>> {
        let row: Option<LinkRow> = self
            .fetch_optional(
                "SELECT person_id, enrolment_id, factor_id, about, created_at, expires_at, used_at, \
                 voided FROM link WHERE token_hash = $1 AND purpose = $2",
                args![token, code_of(purpose)],
            )
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let person = row.person_id.to_string();
        let name = RowName::new("link", &person);
        Ok(Some(Link {
            person: row.person_id,
            enrolment: row.enrolment_id,
            factor: row.factor_id,
            about: row
                .about
                .map(|code| name.code("about", &code))
                .transpose()?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
            voided: row
                .voided
                .map(|code| name.code("voided", &code))
                .transpose()?,
        }))
    }

    /// When links of this purpose were made for a person after `since`, oldest first.
    pub async fn links_since(
        &mut self,
        person: PersonId,
        purpose: LinkPurpose,
        since: Timestamp,
    ) -> StoreResult<Vec<Timestamp>> {
        self.fetch_column(
            "SELECT created_at FROM link WHERE person_id = $1 AND purpose = $2 \
                 AND created_at > $3 ORDER BY created_at",
            args![person, code_of(purpose), since],
        )
        .await
    }

    /// The enrolment whose activated page this receipt opens at `now`; `None` when there is none.
    pub async fn receipt(
        &mut self,
        token: &TokenHash,
        now: Timestamp,
    ) -> StoreResult<Option<String>> {
        let row: Option<(String,)> = self
            .fetch_optional(
                "SELECT enrolment_id FROM receipt WHERE token_hash = $1 AND expires_at > $2",
                args![token, now],
            )
            .await?;
        Ok(row.map(|(id,)| id))
    }
}

impl Tx {
    /// Stores a new link. `used_at` and `voided` of `link` are ignored.
    pub async fn insert_link(
        &mut self,
        token: &TokenHash,
        purpose: LinkPurpose,
        link: &Link,
    ) -> StoreResult<()> {
        self.execute(
            "INSERT INTO link (token_hash, purpose, person_id, enrolment_id, factor_id, about, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![
                token,
                code_of(purpose),
                link.person,
                link.enrolment.as_deref(),
                link.factor.as_deref(),
                link.about.map(code_of),
                link.created_at,
                link.expires_at
            ],
        )
        .await
    }

    /// Uses a link up. False when it is used, voided or expired. One statement decides between two posts.
    pub async fn use_link(&mut self, token: &TokenHash, now: Timestamp) -> StoreResult<bool> {
        self.execute_if(
            "UPDATE link SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL \
             AND voided IS NULL AND expires_at > $2",
            args![token, now],
        )
        .await
    }

    /// Voids the unused activation links of an enrolment.
    pub async fn void_links(&mut self, enrolment: &str, reason: VoidReason) -> StoreResult<()> {
        // the first reason stays, and a used link stays used
        self.execute(
            "UPDATE link SET voided = $2 WHERE enrolment_id = $1 AND purpose = 'activation' \
             AND used_at IS NULL AND voided IS NULL",
            args![enrolment, code_of(reason)],
        )
        .await
    }

    /// Voids what a person's earlier alerts can still do: their **Não fui eu**, and links that let a browser try.
    pub async fn void_alert_links(&mut self, person: PersonId) -> StoreResult<()> {
        // the first reason stays, and a used link stays used
        self.execute(
            "UPDATE link SET voided = $2 WHERE person_id = $1 AND purpose IN ('not_me', 'sign_in', 'recovery') \
             AND used_at IS NULL AND voided IS NULL",
            args![person, code_of(VoidReason::Cancelled)],
        )
        .await
    }

    /// Binds unused **Não fui eu** links to a newer enrolment, so that the button of an alert that is not repeated revokes
    /// that one too (R29). Only links that were made after `since` for enrolments without activation are bound. False when
    /// there is none.
    pub async fn relink_alert(
        &mut self,
        person: PersonId,
        enrolment: Option<&str>,
        since: Timestamp,
    ) -> StoreResult<bool> {
        let relinked = self
            .execute_counted(
                "UPDATE link SET enrolment_id = $2 WHERE person_id = $1 AND purpose = 'not_me' \
                 AND used_at IS NULL AND voided IS NULL AND created_at > $3 AND enrolment_id IN \
                 (SELECT id FROM enrolment WHERE person_id = $1 AND activated_at IS NULL)",
                args![person, enrolment, since],
            )
            .await?;
        Ok(relinked > 0)
    }

    /// Stores a receipt, which opens the activated page of one activation (R14).
    pub async fn insert_receipt(
        &mut self,
        token: &TokenHash,
        enrolment: &str,
        expires_at: Timestamp,
    ) -> StoreResult<()> {
        self.execute(
            "INSERT INTO receipt (token_hash, enrolment_id, expires_at) VALUES ($1, $2, $3)",
            args![token, enrolment, expires_at],
        )
        .await
    }
}
