//! Security alerts: mails to registered contacts and to the owner, written in the transaction of the change that they report
//! (R18, R29).

use super::Services;
use crate::domain::{
    AccountChange, Circumstances, ClientInfo, Email, FirstEnrolment, Link, LinkPurpose, MailJob,
    MailMessage, Person, Seconds, SecurityChange, Timestamp, Token,
};
use crate::storage::{NewMail, StoreResult, Tx};
use app::routes;

/// The kind of the mail about a start.
const STARTED: &str = "enrolment_started";
/// The alert of a start is not repeated within this time, because a newer QR code soon after belongs to the same attempt.
const ALERT_DEDUP_WINDOW: Seconds = Seconds::minutes(10);
/// Most alerts of a start to one contact in a day, where the button of an earlier one can stand for the next.
const START_ALERTS_PER_DAY: usize = 12;
/// Least time between two mails about wrong codes to one person.
const WRONG_CODES_PAUSE: Seconds = Seconds::hours(1);
/// How long the delivery of an alert is tried.
const ALERT_LIFETIME: Seconds = Seconds::days(3);

/// What an alert with **Não fui eu** needs inside a transaction.
#[derive(Clone)]
pub(super) struct SecurityAlert {
    circumstances: Circumstances,
    /// Token of the **Não fui eu** link; all mails of one alert have the same link.
    not_me: Token,
    not_me_url: String,
    not_me_until: Timestamp,
    to_contacts: bool,
}

impl Services {
    /// Prepares an alert. Its time is the time of `circumstances`.
    pub(super) fn security_alert(&self, circumstances: Circumstances) -> SecurityAlert {
        let (policy, enrolments) = (&self.settings.policy, &self.settings.enrolments);
        let not_me = self.new_token();
        SecurityAlert {
            not_me_url: self.mailed_link(routes::not_me_link, &not_me),
            not_me,
            not_me_until: circumstances.at + enrolments.not_me,
            circumstances,
            to_contacts: policy.first_enrolment != FirstEnrolment::Open,
        }
    }
}

impl SecurityAlert {
    pub(super) fn now(&self) -> Timestamp {
        self.circumstances.at
    }

    /// The same alert about another client.
    pub(super) fn about(&self, client: ClientInfo) -> Self {
        let mut alert = self.clone();
        alert.circumstances.client = client;
        alert
    }

    pub(super) fn circumstances(&self) -> &Circumstances {
        &self.circumstances
    }

    /// Alerts every registered contact that an enrolment was begun, once within [`ALERT_DEDUP_WINDOW`].
    pub(super) async fn alert_enrolment_started(
        &self,
        tx: &mut Tx,
        person: &Person,
        enrolment: &str,
    ) -> StoreResult<()> {
        if !self.to_contacts {
            return Ok(());
        }
        let since = self.now() - ALERT_DEDUP_WINDOW;
        let before = tx.mails_about(STARTED, person.id, since).await?;
        // not repeated while the **Não fui eu** link of the earlier mail can be bound to this enrolment too
        if !before.is_empty() && tx.relink_alert(person.id, Some(enrolment), since).await? {
            return Ok(());
        }
        let message = MailMessage::EnrolmentStarted {
            started: self.circumstances.clone(),
            not_me_url: self.not_me_url.clone(),
            not_me_until: self.not_me_until,
        };
        let to = tx.contacts(person.id).await?;
        // after a dozen in a day the next one tells nothing new; its button is that of an earlier mail
        let today = self.now() - Seconds::days(1);
        let mails = tx.mails_about(STARTED, person.id, today).await?;
        if mails.len() >= START_ALERTS_PER_DAY * to.len().max(1)
            && tx.relink_alert(person.id, Some(enrolment), today).await?
        {
            return Ok(());
        }
        self.send(tx, person, to, message, Some(enrolment), None)
            .await
    }

    /// Alerts the personal email and every registered contact that a factor is active. `enrolment` is `None` for an
    /// activation from another instance.
    pub(super) async fn alert_factor_activated(
        &self,
        tx: &mut Tx,
        person: &Person,
        personal: &Email,
        factor: &str,
        enrolment: Option<&str>,
    ) -> StoreResult<()> {
        let message = MailMessage::EnrolmentActivated {
            confirmed: self.circumstances.clone(),
            not_me_url: self.not_me_url.clone(),
            not_me_until: self.not_me_until,
        };
        let mut to = vec![personal.clone()];
        if self.to_contacts {
            let contacts = tx.contacts(person.id).await?;
            to.extend(contacts.into_iter().filter(|contact| contact != personal));
        }
        self.send(tx, person, to, message, enrolment, Some(factor))
            .await
    }

    async fn send(
        &self,
        tx: &mut Tx,
        person: &Person,
        to: Vec<Email>,
        message: MailMessage,
        enrolment: Option<&str>,
        factor: Option<&str>,
    ) -> StoreResult<()> {
        if to.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let link = Link {
            enrolment: enrolment.map(str::to_owned),
            factor: factor.map(str::to_owned),
            about: match message {
                MailMessage::SecurityChanged { change, .. } => Some(change),
                _ => None,
            },
            ..Link::new(person.id, now, self.not_me_until)
        };
        tx.insert_link(&self.not_me.hash(), LinkPurpose::NotMe, &link)
            .await?;
        mail_each(tx, person, to, &message, enrolment, now).await
    }
}

/// Tells the owner that the password was right and no code followed, with **Não fui eu** (R33).
pub(super) async fn alert_password_without_code(
    tx: &mut Tx,
    person: &Person,
    alert: &SecurityAlert,
    last: Circumstances,
    count: i64,
) -> StoreResult<()> {
    let message = MailMessage::PasswordWithoutCode {
        last,
        count,
        not_me_url: alert.not_me_url.clone(),
        not_me_until: alert.not_me_until,
    };
    let to = owner_emails(tx, person).await?;
    alert.send(tx, person, to, message, None, None).await
}

/// A change of what guards an account, as the mail about it tells it.
pub(super) struct ToldChange<'a> {
    pub change: SecurityChange,
    /// How many are left, where the change uses something up.
    pub left: i64,
    /// When it takes effect, where that is not at once.
    pub takes_effect_at: Option<Timestamp>,
    /// The factor that it made: what **Não fui eu** takes back.
    pub factor: Option<&'a str>,
    /// An address that is told too: the one that was replaced.
    pub also_to: Option<Email>,
}

impl From<SecurityChange> for ToldChange<'_> {
    fn from(change: SecurityChange) -> Self {
        Self {
            change,
            left: 0,
            takes_effect_at: None,
            factor: None,
            also_to: None,
        }
    }
}

/// Tells the personal email and every registered contact what was changed, with **Não fui eu** (R18).
pub(super) async fn alert_security_change(
    tx: &mut Tx,
    person: &Person,
    alert: &SecurityAlert,
    told: impl Into<ToldChange<'_>>,
) -> StoreResult<()> {
    let told = told.into();
    let message = MailMessage::SecurityChanged {
        change: told.change,
        done: alert.circumstances.clone(),
        left: told.left,
        takes_effect_at: told.takes_effect_at,
        not_me_url: alert.not_me_url.clone(),
        not_me_until: alert.not_me_until,
    };
    let mut to = all_emails(tx, person).await?;
    if let Some(before) = told.also_to
        && !to.contains(&before)
    {
        to.push(before);
    }
    alert.send(tx, person, to, message, None, told.factor).await
}

/// Tells the personal email and every registered contact that an operator changed the account (R18).
pub(super) async fn alert_account_changed(
    tx: &mut Tx,
    person: &Person,
    change: AccountChange,
    now: Timestamp,
) -> StoreResult<()> {
    let message = MailMessage::AccountChanged { at: now, change };
    mail_everybody(tx, person, &message, now).await
}

/// Mails to the personal email and every registered contact.
pub(super) async fn mail_everybody(
    tx: &mut Tx,
    person: &Person,
    message: &MailMessage,
    now: Timestamp,
) -> StoreResult<()> {
    let to = all_emails(tx, person).await?;
    mail_each(tx, person, to, message, None, now).await
}

/// The personal email and every registered contact.
async fn all_emails(tx: &mut Tx, person: &Person) -> StoreResult<Vec<Email>> {
    let mut to = tx.contacts(person.id).await?;
    if let Some(personal) = tx.personal_email(person.id).await?
        && !to.contains(&personal)
    {
        to.push(personal);
    }
    Ok(to)
}

/// The confirmed personal email, else the registered contacts.
async fn owner_emails(tx: &mut Tx, person: &Person) -> StoreResult<Vec<Email>> {
    Ok(match tx.personal_email(person.id).await? {
        Some(email) => vec![email],
        None => tx.contacts(person.id).await?,
    })
}

async fn mail_each(
    tx: &mut Tx,
    person: &Person,
    to: Vec<Email>,
    message: &MailMessage,
    enrolment: Option<&str>,
    now: Timestamp,
) -> StoreResult<()> {
    for email in to {
        let mail = NewMail {
            person: person.id,
            enrolment: enrolment.map(str::to_owned),
            job: MailJob::to_person(person, email, message.clone()),
            give_up_at: now + ALERT_LIFETIME,
        };
        tx.enqueue_mail(&mail, now).await?;
    }
    Ok(())
}

/// Alerts the owner, once per burst and hour, that codes were wrong after the right password (R4).
pub(super) async fn alert_wrong_codes(
    tx: &mut Tx,
    person: &Person,
    last: Circumstances,
    failures: i64,
) -> StoreResult<()> {
    let now = last.at;
    // bursts from many networks are one story
    let told = tx
        .mails_about("wrong_codes", person.id, now - WRONG_CODES_PAUSE)
        .await?;
    if !told.is_empty() {
        return Ok(());
    }
    let to = owner_emails(tx, person).await?;
    let message = MailMessage::WrongCodes { last, failures };
    mail_each(tx, person, to, &message, None, now).await
}
