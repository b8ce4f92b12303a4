//! Receiving changes from other instances (R24; docs/sync.md).

mod comparing;
mod incoming;
mod late;
mod operating;

pub use crate::storage::{ToldChange, WaitingChanges};
pub use comparing::{Compared, DifferingPerson, WhyDiffering};

use super::{ServiceError, Services};
use crate::domain::{
    Change, Circumstances, ClientInfo, EnvelopeError, InstanceName, PeerRights, SyncAnswer,
    SyncMessage,
};
use app::api::backend::TypedEmail;
use incoming::IncomingChange;

/// How often a message is processed again because another worker answered it at the same time.
const MOST_RETRIES: u32 = 3;

/// The use cases that a peer may call. The handle has no other method.
pub struct PeerServices<'a> {
    services: &'a Services,
    issuer: InstanceName,
    rights: Option<&'a PeerRights>,
}

impl Services {
    /// The use cases of the peer with this name, which a signature must have proven.
    pub fn for_peer(&self, issuer: &InstanceName) -> PeerServices<'_> {
        PeerServices {
            services: self,
            issuer: issuer.clone(),
            rights: self.settings.peer(issuer.as_str()),
        }
    }

    /// Alarms somebody about a message that could not be trusted, which a forgery or keys of two instances that do not fit
    /// cause (R24). `claimed` is the issuer that it names, if it is one of the peers. Anybody can send such a message, so there is
    /// at most one alarm an hour for each peer; the others, and messages that name no peer, are a warning (finding M5).
    pub async fn note_untrusted_message(
        &self,
        client: ClientInfo,
        error: EnvelopeError,
        claimed: Option<&str>,
    ) -> Result<(), ServiceError> {
        let peer = claimed.filter(|name| self.settings.peer(name).is_some());
        let Some(peer) = peer.filter(|_| error.is_alarm()) else {
            let network = client.network();
            if let Some(unlogged) = self.sync_lines.permit(self.now()) {
                tracing::warn!(%error, %network, unlogged, "a sync message was refused");
            }
            return Ok(());
        };
        let (code, network) = (error.code(), client.network());
        let text =
            format!("a message that names {peer} is not to be trusted: {code}, from {network}");
        // each code by itself: a cheap forgery must not hide a wrong signature of the right key
        self.alarm(&format!("sync {peer} {code}"), text, client)
            .await
    }
}

impl PeerServices<'_> {
    /// Applies a change and returns the final answer. The same message gets the same answer, however often it comes.
    pub async fn receive(&self, message: SyncMessage) -> Result<SyncAnswer, ServiceError> {
        let services = self.services;
        let told_email = match &message.change.change {
            Change::EmailChanged { email } => Some(email),
            change => change.new_factor().map(|new| &new.email),
        };
        let is_email_accepted = told_email.is_none_or(|email| {
            let email = email.as_typed().to_owned();
            let confirmed = email.clone();
            services
                .judge_email(&TypedEmail { email, confirmed })
                .is_ok()
        });
        let circumstances = Circumstances {
            at: services.now(),
            client: ClientInfo {
                browser: self.issuer.to_string(),
                ip: None,
            },
        };
        let incoming = std::sync::Arc::new(IncomingChange {
            issuer: self.issuer.clone(),
            message,
            rights: self.rights.cloned().unwrap_or_default(),
            is_email_accepted,
            settings: services.settings.clone(),
            alert: services.security_alert(circumstances),
        });
        if matches!(incoming.told().change, Change::Compared { .. }) {
            return Ok(services.answer_comparison(incoming).await?);
        }
        let mut retries = 0;
        loop {
            match services.store.write(incoming.clone()).await {
                // another worker answered the same message at the same time: the next attempt reads its answer
                Err(error) if error.is_unique_violation() && retries < MOST_RETRIES => retries += 1,
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => return Err(ServiceError::Early),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
