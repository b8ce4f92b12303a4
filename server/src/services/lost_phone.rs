//! Ways on without the phone, after the password: what the page offers, the request to the support team, and the link by the
//! personal email after a waiting time. None is easier than the enrolment that it leads to (ASVS 6.3.6, 6.4.4; docs/security.md).

use super::activation::find_link;
use super::request::{RequestReader, circumstances, client_info};
use super::security_alerts::{SecurityAlert, ToldChange, alert_security_change};
use super::sign_in::SignedIn;
use super::{ServiceError, Services, Stop};
use crate::domain::entry::{LINK_LIFETIME, NUMBER_LIFETIME};
use crate::domain::token::row_id;
use crate::domain::{
    Actor, AuditEvent, Circumstances, EntryNumber, EntryRequest, EntryState, EntryWay, Link,
    LinkPurpose, MailJob, MailMessage, Person, Seconds, SecretText, SecurityChange, Session,
    SessionLimits, Stage, Timestamp, TokenHash,
};
use crate::storage::{NewMail, Reader, StoreResult, Tx, UnitOfWork};
use app::api::backend::RequestContext;
use app::model::{LinkRefusal, SignInPurpose};
use app::routes;
use app::view::{FormState, LostPhoneView, MailboxWay, Progress, RecoveryLinkView, WaitingEntry};

/// How often another number is tried where one is taken.
const MOST_TRIES: u32 = 8;
/// How long a request for a link waits for its owner after the link was mailed.
const MAILBOX_LIFETIME: Seconds = LINK_LIFETIME;
/// After this time since the password nobody is asked in its session any more.
const LONGEST_WAITING: Seconds = Seconds::hours(2);
/// Most links that one round mails.
const AT_ONCE: i64 = 100;

/// Whether the mailbox is a way in for this person now: somebody asked for it and waited, and nobody signed in with a code since
/// ([`Reader::mailbox_request`]).
pub(super) async fn may_recover_by_mailbox(
    db: &mut Reader,
    person: &Person,
    now: Timestamp,
) -> StoreResult<bool> {
    if !person.has_active_factor() || person.is_email_doubtful || person.blocked_at.is_some() {
        return Ok(false);
    }
    let request = db.mailbox_request(person.id, now).await?;
    Ok(request.is_some_and(|request| request.ready_at <= now))
}

impl RequestReader<'_> {
    /// Session and person of a request that has given the password and has an active factor, and no code yet.
    async fn waiting_for_code(&mut self) -> Result<(Session, Person), Stop> {
        let session = self.session().await?.ok_or(Stop::SessionOver)?;
        if session.stage == Stage::Full {
            return Err(Stop::Redirect(routes::HOME));
        }
        if session.recovery.is_some() {
            return Err(Stop::Redirect(routes::INTRO));
        }
        let person = self.person(session.person).await?;
        if !person.has_active_factor() {
            return Err(Stop::Redirect(routes::CODE));
        }
        Ok((session, person))
    }

    /// What the running page for a lost phone is told while it waits: where it goes once the support team has let it enrol.
    pub async fn entry_progress(&mut self) -> StoreResult<Option<Progress>> {
        let Some(session) = self.session().await? else {
            return Ok(None);
        };
        // a page that waits for a link asks by the same question
        let now = self.services.now();
        let waits = self.entry_of_session(&session.id_hash, now).await?;
        let may_go_on =
            session.recovery.is_some() && self.pending_enrolment(session.person).await?.is_none();
        if waits.is_none() && !may_go_on {
            return Ok(None);
        }
        let locale = &self.context.locale;
        Ok(Some(app::text::entry_progress(locale, may_go_on)))
    }
}

impl Services {
    /// The view of the page for a lost phone.
    pub async fn lost_phone_page(&self, context: &RequestContext) -> Result<LostPhoneView, Stop> {
        let mut db = self.read_for(context).await?;
        let (session, person) = db.waiting_for_code().await?;
        let now = self.now();
        let has_mailbox =
            !person.is_email_doubtful && db.personal_email(person.id).await?.is_some();
        let mailbox = match self.settings.recovery.mailbox_wait.filter(|_| has_mailbox) {
            Some(wait) => Some(MailboxWay {
                wait: wait.0,
                mailed_at: db
                    .mailbox_request(person.id, now)
                    .await?
                    .map(|request| request.ready_at.0),
            }),
            None => None,
        };
        let entry = db.entry_of_session(&session.id_hash, now).await?;
        Ok(LostPhoneView {
            form: FormState::default(),
            has_codes: db.recovery_codes(person.id).await?.unused > 0,
            has_other_authenticator: db.active_totps(person.id).await?.len() > 1,
            mailbox,
            entry: entry.and_then(|entry| {
                Some(WaitingEntry {
                    number: entry.number?.as_str().to_owned(),
                    until: entry.expires_at.0,
                    is_stolen: entry.is_stolen,
                })
            }),
        })
    }

    /// Asks the support team for an entry: the page then shows a number. Pressing again gives the same one.
    pub async fn ask_support(&self, context: &RequestContext, is_stolen: bool) -> Result<(), Stop> {
        let mut db = self.read_for(context).await?;
        let (session, person) = db.waiting_for_code().await?;
        let now = self.now();
        // asking again and again must not keep a password-only session for ever
        if now >= session.auth_time + LONGEST_WAITING {
            return Err(Stop::SessionOver);
        }
        let earlier = db.entry_of_session(&session.id_hash, now).await?;
        if earlier.is_some_and(|earlier| earlier.is_stolen == is_stolen) {
            return Ok(());
        }
        drop(db);
        let mut tries = 0;
        loop {
            let request = self.entry_request(context, &session, EntryWay::Support, NUMBER_LIFETIME);
            let asked = EntryAsked {
                request: EntryRequest {
                    number: Some(EntryNumber::new(self.entropy.bytes())),
                    is_stolen,
                    ..request
                },
                limits: self.settings.sessions,
                alert: None,
                person: person.clone(),
                now,
            };
            match self.store.write(asked).await {
                // another request has this number
                Err(error) if error.is_unique_violation() && tries < MOST_TRIES => tries += 1,
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Stop::SessionOver),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Asks for a link by the personal email. It is mailed after the waiting time, and everybody who can be told is told at once.
    pub async fn ask_mailbox(&self, context: &RequestContext) -> Result<(), Stop> {
        let mut db = self.read_for(context).await?;
        let (session, person) = db.waiting_for_code().await?;
        let now = self.now();
        let has_mailbox =
            !person.is_email_doubtful && db.personal_email(person.id).await?.is_some();
        let Some(wait) = self.settings.recovery.mailbox_wait.filter(|_| has_mailbox) else {
            return Err(Stop::Redirect(routes::LOST_PHONE));
        };
        if db.mailbox_request(person.id, now).await?.is_some() {
            return Ok(());
        }
        drop(db);
        let request = self.entry_request(
            context,
            &session,
            EntryWay::Mailbox,
            Seconds(wait.0 + MAILBOX_LIFETIME.0),
        );
        let asked = EntryAsked {
            request: EntryRequest {
                ready_at: now + wait,
                ..request
            },
            limits: self.settings.sessions,
            alert: Some(self.security_alert(circumstances(context, now))),
            person,
            now,
        };
        let result = self.store.write(asked).await;
        match result {
            Ok(true) => Ok(()),
            Ok(false) => Err(Stop::SessionOver),
            // the same was asked for at the same time
            Err(error) if error.is_unique_violation() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn entry_request(
        &self,
        context: &RequestContext,
        session: &Session,
        way: EntryWay,
        lifetime: Seconds,
    ) -> EntryRequest {
        let now = self.now();
        EntryRequest {
            id: row_id(self.entropy.bytes()),
            person: session.person,
            way,
            number: None,
            session: session.id_hash.clone(),
            is_stolen: false,
            state: EntryState::Waiting,
            client: client_info(context),
            created_at: now,
            ready_at: now,
            expires_at: now + lifetime,
        }
    }

    /// Mails the links whose waiting time is over. Returns how many people had one.
    pub async fn mail_recovery_links(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        let ready = self
            .store
            .reader()
            .await?
            .ready_mailbox_requests(AT_ONCE, now)
            .await?;
        let mut mailed = 0;
        for request in ready {
            let token = self.new_token();
            let unit = RecoveryMail {
                url: self.mailed_link(routes::recovery_link, &token),
                token: token.hash(),
                request,
                now,
            };
            match self.store.write(unit).await {
                Ok(is_mailed) => mailed += usize::from(is_mailed),
                // one row that cannot be read must not hold up the others
                Err(error) => tracing::warn!(%error, "a link for a lost phone could not be mailed"),
            }
        }
        Ok(mailed)
    }

    /// The view of the page behind such a link. It changes nothing.
    pub async fn recovery_link_page(&self, token: &str) -> Result<RecoveryLinkView, ServiceError> {
        let mut db = self.store.reader().await?;
        let now = self.now();
        let found = find_link(&mut db, token, LinkPurpose::Recovery, now).await?;
        let link = match found {
            Ok((link, _)) => link,
            Err(refusal) => return Ok(RecoveryLinkView::Refused(refusal)),
        };
        let person = db.person(link.person).await?;
        if !may_recover_by_mailbox(&mut db, &person, now).await? {
            return Ok(RecoveryLinkView::Refused(LinkRefusal::Cancelled));
        }
        Ok(RecoveryLinkView::Ask {
            form: FormState::default(),
            token: token.to_owned(),
            who: person.masked_name(),
        })
    }

    /// Opens a session that may enrol: with the link and the password, which is judged and counted as at every sign-in.
    pub async fn use_recovery_link(
        &self,
        context: &RequestContext,
        token: &str,
        typed: SecretText,
    ) -> Result<SignedIn, Stop> {
        let mut db = self.store.reader().await?;
        let now = self.now();
        let (link, hash) = find_link(&mut db, token, LinkPurpose::Recovery, now).await??;
        let person = db.person(link.person).await?;
        if !may_recover_by_mailbox(&mut db, &person, now).await? {
            return Err(LinkRefusal::Cancelled.into());
        }
        drop(db);
        let login = person.sigla.as_typed();
        let purpose = SignInPurpose::SecondFactor;
        self.sign_in(context, login, typed, purpose, Some(hash))
            .await
    }
}

struct EntryAsked {
    request: EntryRequest,
    limits: SessionLimits,
    /// For the way by the mailbox: told to everybody at once.
    alert: Option<SecurityAlert>,
    person: Person,
    now: Timestamp,
}

impl UnitOfWork for EntryAsked {
    /// False when the session is over meanwhile.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> StoreResult<bool> {
        let (request, now) = (&self.request, self.now);
        let locked = tx
            .lock_session(&request.session, None, &self.limits, now)
            .await?;
        if !locked.is_some_and(|locked| locked.session.stage == Stage::Password) {
            return Ok(false);
        }
        tx.insert_entry_request(request, now).await?;
        let way: &str = request.way.into();
        let (actor, event) = (Actor::Person(request.person), AuditEvent::EntryRequested);
        let detail = if request.is_stolen {
            format!("{way}, stolen")
        } else {
            way.to_owned()
        };
        tx.audit(
            &actor,
            event,
            Some(request.person),
            &request.client,
            &detail,
            now,
        )
        .await?;
        if let Some(alert) = &self.alert {
            let told = ToldChange {
                takes_effect_at: Some(request.ready_at),
                ..SecurityChange::RecoveryAsked.into()
            };
            alert_security_change(tx, &self.person, alert, told).await?;
        } else {
            // the call to the support team takes longer than a code
            tx.extend_session(&request.session, request.expires_at)
                .await?;
        }
        Ok(true)
    }
}

struct RecoveryMail {
    request: EntryRequest,
    token: TokenHash,
    url: String,
    now: Timestamp,
}

impl UnitOfWork for RecoveryMail {
    /// False when there is nobody to mail to any more.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> StoreResult<bool> {
        let (request, now) = (&self.request, self.now);
        tx.lock_person(request.person).await?;
        let person = tx.person(request.person).await?;
        let email = tx.personal_email(person.id).await?;
        let email = match email {
            Some(email) if may_recover_by_mailbox(tx, &person, now).await? => email,
            _ => {
                tx.move_entry_request(&request.id, EntryState::Ended, now)
                    .await?;
                return Ok(false);
            }
        };
        // decides between two processes that look at the same time
        if !tx
            .move_entry_request(&request.id, EntryState::Mailed, now)
            .await?
        {
            return Ok(false);
        }
        let until = request.expires_at;
        let link = Link {
            person: person.id,
            enrolment: None,
            factor: None,
            about: None,
            created_at: now,
            expires_at: until,
            used_at: None,
            voided: None,
        };
        tx.insert_link(&self.token, LinkPurpose::Recovery, &link)
            .await?;
        let requested = Circumstances {
            at: request.created_at,
            client: request.client.clone(),
        };
        let message = MailMessage::RecoveryLink {
            requested,
            url: self.url.clone(),
            until,
        };
        let mail = NewMail {
            person: person.id,
            enrolment: None,
            job: MailJob::to_person(&person, email, message),
            give_up_at: until,
        };
        tx.enqueue_mail(&mail, now).await?;
        let event = AuditEvent::RecoveryLinkMailed;
        tx.audit(
            &Actor::System,
            event,
            Some(person.id),
            &request.client,
            "",
            now,
        )
        .await?;
        Ok(true)
    }
}
