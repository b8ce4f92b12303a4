//! Recovery codes, stored as keyed blind indexes (R30).

use super::{Reader, Sealer, StoreResult, Tx};
use crate::domain::{PersonId, RecoveryCode, Timestamp};

/// What is known of the recovery codes of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RecoveryCodes {
    /// How many were not used yet.
    pub unused: i64,
    /// When they were made; `None` when there are none.
    pub created_at: Option<Timestamp>,
    /// When their owner typed one to show that they are kept.
    #[sqlx(rename = "codes_kept_at")]
    pub kept_at: Option<Timestamp>,
    /// When the home page's offer to make some was hidden.
    #[sqlx(rename = "codes_offer_hidden_at")]
    pub offer_hidden_at: Option<Timestamp>,
}

/// How a typed recovery code was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryCodeUse {
    /// It is used up now.
    Accepted,
    UsedBefore,
    Wrong,
}

fn code_index(sealer: &Sealer, person: PersonId, code: &RecoveryCode) -> Vec<u8> {
    // the id has 15 digits, so different people never have the same text
    let value = format!("{person}{}", code.expose());
    sealer.index("recovery_code", &value)
}

impl Reader {
    pub async fn recovery_codes(&mut self, person: PersonId) -> StoreResult<RecoveryCodes> {
        self.fetch_one(
            "SELECT (SELECT COUNT(*) FROM recovery_code c WHERE c.person_id = p.id \
             AND c.used_at IS NULL) AS unused, \
             (SELECT MAX(c.created_at) FROM recovery_code c WHERE c.person_id = p.id) AS created_at, \
             p.codes_kept_at, p.codes_offer_hidden_at FROM person p WHERE p.id = $1",
            args![person],
        )
        .await
    }

    /// Whether this is an unused recovery code of the person. It is not used up.
    pub async fn is_unused_recovery_code(
        &mut self,
        person: PersonId,
        code: &RecoveryCode,
    ) -> StoreResult<bool> {
        let index = code_index(&self.sealer, person, code);
        self.has_row(
            "SELECT created_at FROM recovery_code \
                 WHERE person_id = $1 AND code_index = $2 AND used_at IS NULL",
            args![person, index],
        )
        .await
    }
}

impl Tx {
    /// Stores new codes in place of all earlier ones.
    pub async fn replace_recovery_codes(
        &mut self,
        person: PersonId,
        codes: &[RecoveryCode],
        now: Timestamp,
    ) -> StoreResult<()> {
        self.execute(
            "DELETE FROM recovery_code WHERE person_id = $1",
            args![person],
        )
        .await?;
        for code in codes {
            let index = code_index(&self.sealer, person, code);
            self.execute(
                "INSERT INTO recovery_code (person_id, code_index, created_at) VALUES ($1, $2, $3)",
                args![person, &index, now],
            )
            .await?;
        }
        self.execute(
            "UPDATE person SET codes_kept_at = NULL WHERE id = $1",
            args![person],
        )
        .await
    }

    /// Uses a recovery code up. One statement decides between two posts of the same code.
    pub async fn use_recovery_code(
        &mut self,
        person: PersonId,
        code: &RecoveryCode,
        now: Timestamp,
    ) -> StoreResult<RecoveryCodeUse> {
        let index = code_index(&self.sealer, person, code);
        let won = self
            .execute_if(
                "UPDATE recovery_code SET used_at = $3 \
                 WHERE person_id = $1 AND code_index = $2 AND used_at IS NULL",
                args![person, &index, now],
            )
            .await?;
        if won {
            return Ok(RecoveryCodeUse::Accepted);
        }
        let found: Option<(i64,)> = self
            .fetch_optional(
                "SELECT created_at FROM recovery_code WHERE person_id = $1 AND code_index = $2",
                args![person, index],
            )
            .await?;
        Ok(if found.is_some() {
            RecoveryCodeUse::UsedBefore
        } else {
            RecoveryCodeUse::Wrong
        })
    }

    /// Stores that the owner has typed one of the codes, which stays unused.
    pub async fn keep_recovery_codes(
        &mut self,
        person: PersonId,
        now: Timestamp,
    ) -> StoreResult<()> {
        self.execute(
            "UPDATE person SET codes_kept_at = $2 WHERE id = $1",
            args![person, now],
        )
        .await
    }

    /// Deletes the codes of a person if they were made after `since`: codes that a stranger made must not outlive the stranger's
    /// session (R34).
    pub async fn forget_recovery_codes_since(
        &mut self,
        person: PersonId,
        since: Timestamp,
    ) -> StoreResult<()> {
        self.execute(
            "DELETE FROM recovery_code WHERE person_id = $1 AND created_at > $2",
            args![person, since],
        )
        .await
    }

    /// Hides the home page's offer to make recovery codes.
    pub async fn hide_codes_offer(&mut self, person: PersonId, now: Timestamp) -> StoreResult<()> {
        self.execute(
            "UPDATE person SET codes_offer_hidden_at = $2 WHERE id = $1",
            args![person, now],
        )
        .await
    }
}
