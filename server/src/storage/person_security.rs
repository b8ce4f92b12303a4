//! What guards an account: one row a person, changed by conditional statements, so that two changes of one person never both win.

use super::person::seal_context;
use super::{Engine, StoreResult, Tx};
use crate::domain::{Email, InstanceName, PasswordHash, PersonId, Revision, Timestamp};

impl Tx {
    /// Makes transactions about one person wait for each other: what is read after this stays true until the commit. SQLite
    /// has one writer, so nothing is locked there.
    pub async fn lock_person(&mut self, person: PersonId) -> StoreResult<()> {
        if self.engine == Engine::Postgres {
            self.fetch_optional::<(i64,)>(
                "SELECT version FROM person_security WHERE person_id = $1 FOR UPDATE",
                args![person],
            )
            .await?;
        }
        Ok(())
    }

    /// Changes the factor state to *active*, from *none*, or from *revoked* while an approval is valid; stores the personal email and uses up an approval. False when the
    /// account is blocked or another activation was first. This one statement decides between two activations, also when one
    /// comes from another instance.
    pub async fn activate_first_factor(
        &mut self,
        person: PersonId,
        email: &Email,
        revision: &Revision,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let won = self
            .execute_if(
                "UPDATE person_security SET factor_state = 'active', version = version + 1, \
                 enrolment_approved_until = NULL \
                 WHERE person_id = $1 AND blocked_at IS NULL AND (factor_state = 'none' \
                 OR factor_state = 'revoked' AND enrolment_approved_until > $2)",
                args![person, now],
            )
            .await?;
        if won {
            self.set_personal_email(person, email, revision).await?;
        }
        Ok(won)
    }

    /// Leaves the factor state *active* for an enrolment that was allowed to add or replace a factor, or changes it to *active* from
    /// *revoked* for one that replaces all; stores the personal email. False when the account is blocked or has no such state.
    pub async fn activate_another_factor(
        &mut self,
        person: PersonId,
        email: &Email,
        replaces_all: bool,
        revision: &Revision,
    ) -> StoreResult<bool> {
        let won = self
            .execute_if(
                "UPDATE person_security SET factor_state = 'active', version = version + 1, \
                 enrolment_approved_until = NULL \
                 WHERE person_id = $1 AND blocked_at IS NULL AND (factor_state = 'active' \
                 OR factor_state = 'revoked' AND $2 = 1)",
                args![person, i64::from(replaces_all)],
            )
            .await?;
        if won {
            self.set_personal_email(person, email, revision).await?;
        }
        Ok(won)
    }

    /// Stores a personal email that a mailed link has confirmed.
    pub async fn set_personal_email(
        &mut self,
        person: PersonId,
        email: &Email,
        revision: &Revision,
    ) -> StoreResult<()> {
        // of two that were confirmed at the same time the newer one stays, at every instance
        let is_newest = self
            .execute_if(
                "UPDATE person_security SET email_counter = $2, email_instance = $3 \
                 WHERE person_id = $1 AND (email_counter < $2 \
                 OR email_counter = $2 AND email_instance <= $3)",
                args![person, revision.counter, revision.instance.as_str()],
            )
            .await?;
        if !is_newest {
            return Ok(());
        }
        let row = person.to_string();
        let sealed = self
            .sealer
            .seal(seal_context("email", &row), email.as_typed().as_bytes());
        self.execute(
            "UPDATE person SET email_sealed = $2, email_doubtful = 0 WHERE id = $1",
            args![person, sealed],
        )
        .await
    }

    /// Deletes the personal email, if no factor is active any more, and sets the factor state back: to *none* where this was the
    /// person's only factor ever, else to *revoked*, so that taking a stranger's factor back never leaves an account that had one
    /// of its own with the password alone.
    pub async fn forget_last_factor(
        &mut self,
        person: PersonId,
        closed_by: &InstanceName,
    ) -> StoreResult<()> {
        // while another factor is active the state must stay, because the account is still protected
        let was_last = self
            .execute_if(
                "UPDATE person_security SET version = version + 1, closed_by = $2, \
                 factor_state = CASE WHEN \
                 (SELECT COUNT(*) FROM factor had WHERE had.person_id = $1) > 1 \
                 THEN 'revoked' ELSE 'none' END \
                 WHERE person_id = $1 AND factor_state = 'active' AND NOT EXISTS (SELECT 1 FROM factor f \
                 WHERE f.person_id = $1 AND f.state = 'active')",
                args![person, closed_by.as_str()],
            )
            .await?;
        if was_last {
            self.delete_personal_email(person).await?;
        }
        Ok(())
    }

    /// Makes the personal email no way back until a mailed link confirms it again: the phone was stolen, and may hold the mailbox.
    pub async fn doubt_personal_email(&mut self, person: PersonId) -> StoreResult<()> {
        self.execute(
            "UPDATE person SET email_doubtful = 1 WHERE id = $1",
            args![person],
        )
        .await
    }

    pub async fn delete_personal_email(&mut self, person: PersonId) -> StoreResult<()> {
        self.execute(
            "UPDATE person SET email_sealed = NULL WHERE id = $1",
            args![person],
        )
        .await?;
        self.execute(
            "UPDATE person_security SET email_counter = 0, email_instance = '' \
             WHERE person_id = $1",
            args![person],
        )
        .await
    }

    /// Blocks an account until a new password is set (R33). It also ends an approval of an enrolment, so that the approval does
    /// not become valid again after the block.
    pub async fn block_account(&mut self, person: PersonId, now: Timestamp) -> StoreResult<()> {
        self.execute(
            "UPDATE person_security SET blocked_at = $2, new_password_needed = 1, \
             enrolment_approved_until = NULL, version = version + 1 WHERE person_id = $1",
            args![person, now],
        )
        .await
    }

    /// Opens a blocked account. False when it is blocked and has no new password since: whoever knew the old one would begin
    /// again (R33).
    pub async fn unblock_account(&mut self, person: PersonId) -> StoreResult<bool> {
        // one statement decides between an unblock and a block at the same time
        self.execute_if(
            "UPDATE person_security SET blocked_at = NULL, version = version + 1 \
             WHERE person_id = $1 AND (blocked_at IS NULL OR new_password_needed = 0)",
            args![person],
        )
        .await
    }

    /// Sets a new password, which a blocked account needs to be opened again (R33).
    pub async fn set_password(
        &mut self,
        person: PersonId,
        password: &PasswordHash,
        revision: &Revision,
    ) -> StoreResult<()> {
        self.execute(
            "UPDATE person SET password_hash = $2 WHERE id = $1",
            args![person, password.as_str()],
        )
        .await?;
        self.execute(
            "UPDATE person_security SET new_password_needed = 0, version = version + 1, \
             password_counter = $2, password_instance = $3 WHERE person_id = $1",
            args![person, revision.counter, revision.instance.as_str()],
        )
        .await
    }

    /// Sets the factor state to *revoked* and ends an approval. False when there was no active factor.
    pub(super) async fn revoke_second_factor(&mut self, person: PersonId) -> StoreResult<bool> {
        let own = self.names.own.clone();
        // only from *active*: a person without a factor has nothing that could be revoked
        self.execute_if(
            "UPDATE person_security SET factor_state = 'revoked', version = version + 1, \
             closed_by = $2, enrolment_approved_until = NULL \
             WHERE person_id = $1 AND factor_state = 'active'",
            args![person, own.as_str()],
        )
        .await
    }

    /// Approves an enrolment until `until`: a first one, where the policy asks for an approval, or the next one after the
    /// factor was revoked.
    pub async fn approve_enrolment(
        &mut self,
        person: PersonId,
        until: Timestamp,
    ) -> StoreResult<()> {
        self.execute(
            "UPDATE person_security SET enrolment_approved_until = $2, version = version + 1 \
             WHERE person_id = $1",
            args![person, until],
        )
        .await
    }
}
