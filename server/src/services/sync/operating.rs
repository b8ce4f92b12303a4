//! What an operator sees of the changes that are told to the other instances, and may have told again.

use super::late::tell_state;
use crate::domain::{AuditEvent, InstanceName};
use crate::services::ServiceError;
use crate::services::account_changes::audit_alone;
use crate::services::people::{ActRefusal, OperatorServices};
use crate::storage::{StoreResult, ToldChange, WaitingChanges};

/// Most changes of one person that are shown, the newest first.
const SHOWN: i64 = 50;

impl OperatorServices<'_> {
    /// How much waits for each other instance.
    pub async fn waiting_changes(&self) -> StoreResult<Vec<WaitingChanges>> {
        let services = self.services;
        let mut waiting = services.store.reader().await?.waiting_changes().await?;
        for peer in &services.settings.peers {
            if waiting.iter().all(|queue| queue.peer != peer.name) {
                waiting.push(WaitingChanges {
                    peer: peer.name.clone(),
                    ..WaitingChanges::default()
                });
            }
        }
        Ok(waiting)
    }

    /// What became of the newest changes of one person, the newest first.
    pub async fn told_changes(
        &self,
        login: &str,
    ) -> StoreResult<Result<Vec<ToldChange>, ActRefusal>> {
        let mut db = self.services.store.reader().await?;
        let Some(person) = self.find(&mut db, login).await? else {
            return Ok(Err(ActRefusal::UnknownLogin));
        };
        Ok(Ok(db.told_changes(person.id, SHOWN).await?))
    }

    /// Makes everything that waits due at once. Returns how many changes that are.
    pub async fn retry_changes(&self) -> Result<u64, ServiceError> {
        let services = self.services;
        let now = services.lease_clock.lease_time().await?;
        Ok(services
            .store
            .write_with(now, |tx, now| Box::pin(tx.retry_changes(*now)))
            .await?)
    }

    /// Tells a person's authenticators again to the instances that have not applied them. Returns their names.
    pub async fn tell_again(&self, login: &str) -> StoreResult<Result<Vec<String>, ActRefusal>> {
        let services = self.services;
        let mut db = services.store.reader().await?;
        let Some(person) = self.find(&mut db, login).await? else {
            return Ok(Err(ActRefusal::UnknownLogin));
        };
        drop(db);
        let peers = services.settings.peers.iter();
        let peers: Vec<_> = peers
            .filter_map(|peer| InstanceName::parse(&peer.name).ok())
            .collect();
        let input = (person.id, peers, self.actor(), services.now());
        let told = services
            .store
            .write_with(input, |tx, (person, peers, actor, now)| {
                Box::pin(async move {
                    tx.lock_person(*person).await?;
                    let mut told = Vec::new();
                    for peer in peers {
                        if tx.has_applied(*person, peer).await? {
                            continue;
                        }
                        if tell_state(tx, *person, peer, *now).await? > 0 {
                            told.push(peer.to_string());
                        }
                    }
                    if !told.is_empty() {
                        let (event, detail) = (AuditEvent::SyncToldAgain, told.join(", "));
                        audit_alone(tx, actor, event, Some(*person), &detail, *now).await?;
                    }
                    Ok(told)
                })
            })
            .await?;
        Ok(Ok(told))
    }
}
