//! Password hashing in blocking tasks, as many at once as there are cores.

use crate::{
    domain::{
        password::{self, PasswordHash, Verdict},
        person::Person,
        secret::SecretText,
    },
    services::{ServiceError, Services},
};
use std::time::Duration;
use tokio::sync::SemaphorePermit;

/// Longest time that a sign-in waits in the queue for hashing.
const LONGEST_QUEUE: Duration = Duration::from_secs(10);

impl Services {
    /// Waits for a free core. After [`LONGEST_QUEUE`] the request gets an error that tells the person to come back later.
    pub(super) async fn hashing_permit(&self) -> Result<SemaphorePermit<'_>, ServiceError> {
        match tokio::time::timeout(LONGEST_QUEUE, self.hashing.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(ServiceError::Hashing),
        }
    }

    /// Verifies a password. For an unknown user a decoy of the same cost is verified, and the verdict is never used (R13).
    pub(super) async fn check_password(
        &self,
        _permit: SemaphorePermit<'_>,
        person: Option<Person>,
        typed: SecretText,
    ) -> Result<(Option<Person>, Verdict), ServiceError> {
        tokio::task::spawn_blocking(move || {
            let verdict = match &person {
                Some(person) => person.password.verify(&typed),
                None => password::decoy().verify(&typed),
            };
            (person, verdict)
        })
        .await
        .map_err(|_| ServiceError::Hashing)
    }

    /// Hashes a password with the parameters of new hashes (R19).
    pub async fn hash_password(&self, typed: SecretText) -> Result<PasswordHash, ServiceError> {
        let _permit = self.hashing_permit().await?;
        let salt = self.entropy.bytes();
        tokio::task::spawn_blocking(move || PasswordHash::create(&typed, salt))
            .await
            .map_err(|_| ServiceError::Hashing)
    }
}
