//! Mails kept in memory, for tests and the demonstration.

use super::render::{Branding, own_link, render};
use crate::domain::{MailJob, Timestamp};
use crate::ports::{Clock, MailError, Mailer};
use async_trait::async_trait;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most mails in a mailbox; older ones are removed.
pub const CAPACITY: usize = 500;

/// A mail that a [`MemoryMailer`] accepted.
#[derive(Clone, PartialEq, Eq)]
pub struct SentMail {
    pub at: Timestamp,
    /// Name of the instance that sent it.
    pub instance: String,
    /// Recipient as typed.
    pub to: String,
    pub kind: &'static str,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The id that the outbox gave.
    pub message_id: String,
    /// The link with which the reader can act; `None` where the mail only leads to the portal.
    pub link: Option<String>,
}

impl fmt::Debug for SentMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SentMail({} of {} at {})",
            self.kind, self.instance, self.at.0
        )
    }
}

/// Keeps mails in memory; several mailers may share one.
#[derive(Default)]
pub struct Mailbox(Mutex<VecDeque<SentMail>>);

impl Mailbox {
    /// The mails that are kept, oldest first.
    pub fn sent(&self) -> Vec<SentMail> {
        lock(&self.0).iter().cloned().collect()
    }

    fn push(&self, mail: SentMail) {
        let mut mails = lock(&self.0);
        if mails.len() == CAPACITY {
            mails.pop_front();
        }
        mails.push_back(mail);
    }
}

/// Renders each mail and puts it into a mailbox.
pub struct MemoryMailer {
    instance: String,
    branding: Branding,
    clock: Arc<dyn Clock>,
    mailbox: Arc<Mailbox>,
    fault: Mutex<Option<MailError>>,
}

impl MemoryMailer {
    /// A mailer of the instance `instance` that puts its mails into `mailbox`.
    pub fn new(
        instance: impl Into<String>,
        branding: Branding,
        clock: Arc<dyn Clock>,
        mailbox: Arc<Mailbox>,
    ) -> Self {
        Self {
            instance: instance.into(),
            branding,
            clock,
            mailbox,
            fault: Mutex::new(None),
        }
    }

    /// All mails of the mailbox, also those of other mailers that share it.
    pub fn sent(&self) -> Vec<SentMail> {
        self.mailbox.sent()
    }

    /// Makes every later mail fail with this error; `None` ends that.
    pub fn fail_with(&self, fault: Option<MailError>) {
        *lock(&self.fault) = fault;
    }
}

#[async_trait]
impl Mailer for MemoryMailer {
    async fn send(&self, job: &MailJob, message_id: &str) -> Result<(), MailError> {
        match &*lock(&self.fault) {
            Some(MailError::Transient(text)) => return Err(MailError::Transient(text.clone())),
            Some(MailError::Permanent(text)) => return Err(MailError::Permanent(text.clone())),
            None => {}
        }
        let rendered = render(job, &self.branding)
            .map_err(|error| MailError::Permanent(format!("template: {error}")))?;
        self.mailbox.push(SentMail {
            at: self.clock.now(),
            instance: self.instance.clone(),
            to: job.to.as_typed().to_owned(),
            kind: job.message.kind(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            message_id: message_id.to_owned(),
            link: own_link(&job.message).map(str::to_owned),
        });
        Ok(())
    }
}

/// The list is complete even when another thread panicked, so a poisoned lock is used on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::sample;
    use app::model::Language;

    #[tokio::test]
    async fn two_instances_share_one_mailbox() {
        let mailbox = Arc::new(Mailbox::default());
        let mailer = |instance: &str| {
            MemoryMailer::new(
                instance,
                sample::branding(),
                sample::clock(),
                Arc::clone(&mailbox),
            )
        };
        let (jmu, stm) = (mailer("JMU"), mailer("STM"));
        jmu.send(&sample::activation_link(Language::Pt), "m-1")
            .await
            .unwrap();
        stm.send(&sample::wrong_codes(Language::Pt), "m-2")
            .await
            .unwrap();
        let sent = jmu.sent();
        assert_eq!(sent.len(), 2);
        assert_eq!(
            (sent[0].instance.as_str(), sent[0].kind),
            ("JMU", "activation_link")
        );
        assert_eq!(sent[0].link.as_deref(), Some(sample::LINK));
        assert_eq!(
            (sent[1].instance.as_str(), sent[1].link.as_deref()),
            ("STM", None)
        );
        assert!(
            !format!("{sent:?}").contains("ana.souza"),
            "R22: no address in Debug"
        );
    }

    #[tokio::test]
    async fn a_fault_lasts_until_it_is_taken_back() {
        let mailer = sample::memory_mailer();
        let job = sample::wrong_codes(Language::En);
        mailer.fail_with(Some(MailError::Transient("down".into())));
        for _ in 0..2 {
            assert!(matches!(
                mailer.send(&job, "m").await,
                Err(MailError::Transient(_))
            ));
        }
        mailer.fail_with(Some(MailError::Permanent("no such user".into())));
        assert!(matches!(
            mailer.send(&job, "m").await,
            Err(MailError::Permanent(_))
        ));
        assert!(mailer.sent().is_empty());
        mailer.fail_with(None);
        mailer.send(&job, "m").await.unwrap();
        assert_eq!(mailer.sent().len(), 1);
    }

    #[tokio::test]
    async fn the_oldest_mails_fall_out() {
        let mailer = sample::memory_mailer();
        let job = sample::wrong_codes(Language::En);
        for number in 0..CAPACITY + 2 {
            mailer.send(&job, &number.to_string()).await.unwrap();
        }
        let sent = mailer.sent();
        assert_eq!((sent.len(), sent[0].message_id.as_str()), (CAPACITY, "2"));
    }
}
