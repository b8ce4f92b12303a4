//! Mails to registered contacts and to the owner, written with the change they tell of (R18, R29).

use super::{Services, Settings};
use crate::{
    domain::{
        language::Language,
        mail::{Circumstances, MailJob, MailMessage},
        policy::FirstEnrolment,
        time::{Seconds, Timestamp},
        token::Token,
    },
    storage::{LinkPurpose, NewMail, PersonRow, StoreResult, Tx},
};

/// Notices of a start are not repeated within this time: a newer QR right after is the same story.
const SAME_STORY: Seconds = Seconds::minutes(10);
/// A notice that cannot be sent is tried this long.
const NOTICE_FOR: Seconds = Seconds::days(3);

/// Everything that a notice about an enrolment needs inside a transaction.
#[derive(Clone)]
pub(super) struct Notice {
    pub enrolment: Option<String>,
    pub circumstances: Circumstances,
    /// Token of the *Não fui eu* link, and the link itself.
    pub not_me: Token,
    pub not_me_url: String,
    pub not_me_until: Timestamp,
    pub now: Timestamp,
    pub to_contacts: bool,
}

impl Services {
    /// Prepares a notice; its link is made from the configured address (R15).
    /// Its time is that of the circumstances.
    pub(super) fn notice(&self, enrolment: Option<String>, circumstances: Circumstances) -> Notice {
        let Settings {
            policy, enrolments, ..
        } = &self.settings;
        let now = circumstances.at;
        let not_me = self.token();
        Notice {
            enrolment,
            circumstances,
            not_me_url: self.url(self.links.not_me, &not_me),
            not_me,
            not_me_until: now + enrolments.not_me,
            now,
            to_contacts: policy.first_enrolment != FirstEnrolment::Open,
        }
    }
}

impl Notice {
    /// Tells every registered contact that an enrolment began, once per story.
    pub(super) async fn tell_start(&self, tx: &mut Tx, person: &PersonRow) -> StoreResult<()> {
        let before = tx
            .mails_about("enrolment_started", person.id, self.now - SAME_STORY)
            .await?;
        if !self.to_contacts {
            return Ok(());
        }
        // not told again while the button in that mail can be about this enrolment too
        if !before.is_empty()
            && tx
                .follow_story(person.id, self.enrolment.as_deref(), self.now - SAME_STORY)
                .await?
        {
            return Ok(());
        }
        let message = MailMessage::EnrolmentStarted {
            started: self.circumstances.clone(),
            not_me_url: self.not_me_url.clone(),
            not_me_until: self.not_me_until,
        };
        let to = tx.contacts(person.id).await?;
        self.tell(tx, person, to, message).await
    }

    /// Tells the personal address and every registered contact that a factor is active.
    pub(super) async fn tell_activation(
        &self,
        tx: &mut Tx,
        person: &PersonRow,
        personal: &str,
    ) -> StoreResult<()> {
        let message = MailMessage::EnrolmentActivated {
            confirmed: self.circumstances.clone(),
            not_me_url: self.not_me_url.clone(),
            not_me_until: self.not_me_until,
        };
        let mut to = vec![personal.to_owned()];
        if self.to_contacts {
            to.extend(tx.contacts(person.id).await?);
        }
        let mut seen = std::collections::BTreeSet::new();
        to.retain(|address| seen.insert(address.to_lowercase()));
        self.tell(tx, person, to, message).await
    }

    async fn tell(
        &self,
        tx: &mut Tx,
        person: &PersonRow,
        to: Vec<String>,
        message: MailMessage,
    ) -> StoreResult<()> {
        if to.is_empty() {
            return Ok(());
        }
        let enrolment = self.enrolment.as_deref();
        let token = self.not_me.hash();
        tx.insert_link(
            &token,
            LinkPurpose::NotMe,
            person.id,
            enrolment,
            self.not_me_until,
            self.now,
        )
        .await?;
        for address in to {
            let job = mail_to(address, person, message.clone());
            let mail = NewMail {
                person: person.id,
                enrolment: self.enrolment.clone(),
                job,
                give_up_at: self.now + NOTICE_FOR,
            };
            tx.enqueue_mail(&mail, self.now).await?;
        }
        Ok(())
    }
}

/// A mail in the person's language.
pub(super) fn mail_to(to: String, person: &PersonRow, message: MailMessage) -> MailJob {
    MailJob {
        to,
        language: person.language,
        name: person.name.clone(),
        message,
    }
}

/// Tells the owner, once per burst, that codes were wrong after the right password (R4).
pub(super) async fn tell_wrong_codes(
    tx: &mut Tx,
    person: &PersonRow,
    last: Circumstances,
    failures: i64,
) -> StoreResult<()> {
    let now = last.at;
    let personal = tx.personal_email(person.id).await?;
    let to = match personal {
        Some(address) => vec![address],
        None => tx.contacts(person.id).await?,
    };
    for address in to {
        let message = MailMessage::WrongCodes {
            last: last.clone(),
            failures,
        };
        let mail = NewMail {
            person: person.id,
            enrolment: None,
            job: mail_to(address, person, message),
            give_up_at: now + NOTICE_FOR,
        };
        tx.enqueue_mail(&mail, now).await?;
    }
    Ok(())
}

/// Name that a page may show on a link: the first name, and the sigla masked if it is a CPF.
pub(super) fn who(person: &PersonRow) -> String {
    let first = person.name.split_whitespace().next().unwrap_or_default();
    let sigla = crate::domain::person::Sigla::parse(&person.sigla)
        .map_or_else(|_| String::new(), |sigla| sigla.masked());
    format!("{first} ({sigla})")
}

/// The language a mail is written in: the person's registered one unless the page was English.
pub(super) fn language_for(person: &PersonRow, page: Language) -> Language {
    if page == Language::En {
        Language::En
    } else {
        person.language
    }
}
