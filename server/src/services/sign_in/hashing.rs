//! Argon2 and its relatives, as many at once as there are cores.

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

/// How long a sign-in waits for its password to be looked at.
const LONGEST_QUEUE: Duration = Duration::from_secs(10);

impl Services {
    /// Waits for a core, and not for ever: a flood of sign-ins is told to come back later.
    pub(super) async fn hashing_permit(&self) -> Result<SemaphorePermit<'_>, ServiceError> {
        match tokio::time::timeout(LONGEST_QUEUE, self.hashing.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(ServiceError::Hashing),
        }
    }

    /// Verifies a password. Where there is no such person a decoy is verified, which costs as much (R13).
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

    /// Hashes a password as all new ones are (R19).
    pub async fn hash_password(&self, typed: SecretText) -> Result<PasswordHash, ServiceError> {
        let _permit = self.hashing_permit().await?;
        let salt = self.entropy.bytes();
        tokio::task::spawn_blocking(move || PasswordHash::create(&typed, salt))
            .await
            .map_err(|_| ServiceError::Hashing)
    }
}
