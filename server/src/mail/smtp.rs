//! Mails through an SMTP server.
//!
//! Connections are kept by this module and not by lettre's pool. That pool takes a connection back when a send is abandoned
//! half-way, so the mail after a time-out can read the answers to the one before and be reported as accepted (seen in lettre
//! 0.11.23, `pool/async_impl.rs`). Here an abandoned connection is closed (decision 16).
//!
//! Faults before the dialogue of the mail (connecting, TLS, signing in) are always transient: they belong to the server or
//! the configuration, and no mail may be lost because of them.

mod fault;
mod settings;

pub use settings::{SmtpLogin, SmtpSettings, TlsMode};

use super::message;
use super::render::{Branding, render};
use crate::domain::{MailJob, Seconds, Timestamp};
use crate::ports::{Clock, MailError, Mailer};
use async_trait::async_trait;
use lettre::Message;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How long an unused connection is trusted to be alive.
const REST: Seconds = Seconds::minutes(1);
/// How long an unused connection may take to show that it is alive.
const PROBE: Duration = Duration::from_secs(2);

/// Sends mails to an SMTP server.
pub struct SmtpMailer {
    settings: SmtpSettings,
    branding: Branding,
    clock: Arc<dyn Clock>,
    tls: TlsParameters,
    hello: ClientId,
    resting: Mutex<Vec<(Timestamp, AsyncSmtpConnection)>>,
    permits: Semaphore,
}

impl SmtpMailer {
    /// Checks the settings and connects to nothing yet.
    pub fn new(
        settings: SmtpSettings,
        branding: Branding,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let tls = settings.tls_parameters()?;
        Ok(Self {
            tls,
            hello: ClientId::default(),
            resting: Mutex::default(),
            permits: Semaphore::new(settings.pool_max.get()),
            settings,
            branding,
            clock,
        })
    }

    /// Sends one mail, from connecting to the server's acceptance. When the future is dropped half-way its connection is
    /// closed.
    async fn deliver(&self, message: &Message, recipient: &str) -> Result<(), MailError> {
        let _permit = self
            .permits
            .acquire()
            .await
            .map_err(|_| self.connecting("closed"))?;
        let mut connection = match self.rested().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        connection
            .send(message.envelope(), &message.formatted())
            .await
            .map_err(|error| fault::sending(&error, recipient))?;
        if !connection.has_broken() {
            self.with_resting(|resting| resting.push((self.clock.now(), connection)));
        }
        Ok(())
    }

    /// A connection that was unused for a short time and still answers; `None` when there is none.
    async fn rested(&self) -> Option<AsyncSmtpConnection> {
        while let Some((since, mut connection)) = self.with_resting(Vec::pop) {
            let age = self.clock.now() - since;
            let fresh = (Seconds(0)..REST).contains(&age);
            if fresh && timeout(PROBE, connection.test_connected()).await == Ok(true) {
                return Some(connection);
            }
        }
        None
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let settings = &self.settings;
        let failed = |error| self.connecting(&fault::describe(&error, ""));
        let wrapper = (settings.tls == TlsMode::Implicit).then(|| self.tls.clone());
        let server = (settings.host.bare(), settings.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(settings.timeout),
            &self.hello,
            wrapper,
            None,
        )
        .await
        .map_err(failed)?;
        match settings.tls {
            TlsMode::Implicit => {}
            TlsMode::Required if !connection.can_starttls() => {
                return Err(self.connecting("it offers no STARTTLS and TLS is required"));
            }
            TlsMode::PlainAllowed if settings.host.is_loopback() || !connection.can_starttls() => {}
            TlsMode::Required | TlsMode::PlainAllowed => {
                connection
                    .starttls(self.tls.clone(), &self.hello)
                    .await
                    .map_err(failed)?;
            }
        }
        if let Some(SmtpLogin { user, password }) = &settings.login {
            if !connection.is_encrypted() && !settings.host.is_loopback() {
                return Err(self.connecting("the password is not sent over a plain connection"));
            }
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            connection
                .auth(DEFAULT_MECHANISMS, &credentials)
                .await
                .map_err(failed)?;
        }
        Ok(connection)
    }

    fn connecting(&self, what: &str) -> MailError {
        let SmtpSettings { host, port, .. } = &self.settings;
        let host = host.as_str();
        MailError::Transient(format!("connecting to {host}:{port}: {what}"))
    }

    fn with_resting<T>(
        &self,
        act: impl FnOnce(&mut Vec<(Timestamp, AsyncSmtpConnection)>) -> T,
    ) -> T {
        act(&mut self.resting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, job: &MailJob, message_id: &str) -> Result<(), MailError> {
        let rendered = render(job, &self.branding)
            .map_err(|error| MailError::Permanent(format!("template: {error}")))?;
        let message = message::build(job, &rendered, &self.branding, message_id, self.clock.now())?;
        let limit = self.settings.timeout;
        timeout(limit, self.deliver(&message, job.to.for_sending()))
            .await
            .unwrap_or_else(|_| {
                let host = self.settings.host.as_str();
                Err(MailError::Transient(format!(
                    "{host} did not accept the mail within {limit:?}"
                )))
            })
    }
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
