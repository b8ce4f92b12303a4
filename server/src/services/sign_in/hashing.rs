//! Passwords judged and hashed: a fair waiting room before a pool of threads (R13, R19, R32).

use super::attempt::AttemptContext;
use crate::domain::password::Verdict;
use crate::domain::{PasswordHash, Person, SecretText};
use crate::services::hashing_pool::Interrupted;
use crate::services::waiting_room::{Queue, Turn};
use crate::services::{ServiceError, Services};
use std::time::Duration;

/// Longest time that a sign-in waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// A person whose password was right.
pub(super) struct RightPassword {
    pub person: Person,
    /// A hash of today's cost, where the person's is an older one (R19).
    pub fresh_hash: Option<PasswordHash>,
}

impl Services {
    /// Waits for a turn at hashing. Nothing is counted or computed for a request that is sent away.
    pub(super) async fn hashing_turn(
        &self,
        attempt: &AttemptContext,
    ) -> Result<Turn, ServiceError> {
        let queue = if attempt.throttle.is_known_browser() {
            Queue::KnownBrowser
        } else {
            Queue::Stranger
        };
        let network = attempt.circumstances.client.network();
        let waiting = self.waiting_room.enter(queue, network);
        match tokio::time::timeout(LONGEST_WAIT, waiting).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(ServiceError::Busy),
        }
    }

    /// Judges a password; `None` when it is wrong. For an unknown user, of whom there is the index of the login, a decoy is judged
    /// that costs what a person's hash does, and the verdict is never used (R13). The turn ends with the computation, also when the
    /// client goes away (R32).
    pub(super) async fn judge_password(
        &self,
        turn: Turn,
        person: Option<Person>,
        login_index: &[u8],
        typed: SecretText,
    ) -> Result<Option<RightPassword>, Interrupted> {
        let salt = self.entropy.bytes();
        let decoy = self.decoys.of_login(login_index);
        let judge = move |memory: &mut _| {
            let hash = person.as_ref().map_or(&decoy, |person| &person.password);
            let verdict = hash.verify(&typed, memory);
            let right = person.filter(|_| verdict != Verdict::Mismatch);
            let right = right.map(|person| RightPassword {
                person,
                fresh_hash: (verdict == Verdict::MatchOutdated)
                    .then(|| PasswordHash::create(&typed, salt, memory)),
            });
            drop(turn);
            right
        };
        self.hashing_pool.run(judge).await
    }

    /// How many people have a hash that takes longer than the floor of a refusal, so that the time tells who exists (R13). For
    /// operators, after an import.
    pub async fn people_slower_than_floor(&self) -> Result<i64, ServiceError> {
        let costs = self.store.reader().await?.password_costs().await?;
        let floor = Duration::from_millis(self.settings.refusal_floor_ms);
        let mut slower = 0;
        for (hash, people) in costs {
            let judge = move |memory: &mut _| hash.verify(&SecretText::new("x"), memory);
            if tokio::time::timeout(floor, self.hashing_pool.run(judge))
                .await
                .is_err()
            {
                slower += people;
            }
        }
        Ok(slower)
    }

    /// Hashes a password with the parameters of new hashes (R19). For operators: it does not wait for a turn.
    pub async fn hash_password(&self, typed: SecretText) -> Result<PasswordHash, ServiceError> {
        let salt = self.entropy.bytes();
        let hash = move |memory: &mut _| PasswordHash::create(&typed, salt, memory);
        Ok(self.hashing_pool.run(hash).await?)
    }
}
