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
    Actor, AuditEvent, EntryNumber, EntryRequest, EntryState, EntryWay, Link, LinkPurpose, MailJob,
    MailMessage, Person, Seconds, SecretText, SecurityChange, Session, SessionLimits, Stage,
    Timestamp, TokenHash,
};
use crate::storage::{NewMail, Reader, StoreResult, Tx};
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

    /// The waiting time of a link by the personal email; `None` where this person has no such way.
    async fn mailbox_wait(&mut self, person: &Person) -> StoreResult<Option<Seconds>> {
        let has_mailbox =
            !person.is_email_doubtful && self.personal_email(person.id).await?.is_some();
        let wait = self.services.settings.recovery.mailbox_wait;
        Ok(wait.filter(|_| has_mailbox))
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
        let mailbox = match db.mailbox_wait(&person).await? {
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
        let (session, _) = db.waiting_for_code().await?;
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
            let request = EntryRequest {
                number: Some(EntryNumber::new(self.entropy.bytes())),
                is_stolen,
                ..self.entry_request(context, &session, EntryWay::Support, NUMBER_LIFETIME)
            };
            match self.write_request(request, None).await {
                // another request has this number
                Err(error) if error.is_unique_violation() && tries < MOST_TRIES => tries += 1,
                asked => return asked?.then_some(()).ok_or(Stop::SessionOver),
            }
        }
    }

    /// Asks for a link by the personal email. It is mailed after the waiting time, and everybody who can be told is told at once.
    pub async fn ask_mailbox(&self, context: &RequestContext) -> Result<(), Stop> {
        let mut db = self.read_for(context).await?;
        let (session, person) = db.waiting_for_code().await?;
        let now = self.now();
        let Some(wait) = db.mailbox_wait(&person).await? else {
            return Err(Stop::Redirect(routes::LOST_PHONE));
        };
        if db.mailbox_request(person.id, now).await?.is_some() {
            return Ok(());
        }
        drop(db);
        let lifetime = Seconds(wait.0 + MAILBOX_LIFETIME.0);
        let request = EntryRequest {
            ready_at: now + wait,
            ..self.entry_request(context, &session, EntryWay::Mailbox, lifetime)
        };
        let alert = self.security_alert(circumstances(context, now));
        match self.write_request(request, Some((person, alert))).await {
            // the same was asked for at the same time
            Err(error) if error.is_unique_violation() => Ok(()),
            asked => asked?.then_some(()).ok_or(Stop::SessionOver),
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

    /// Writes a request. One for the way by the mailbox is told to the person, with the alert. False when the session is over meanwhile.
    async fn write_request(
        &self,
        request: EntryRequest,
        told: Option<(Person, SecurityAlert)>,
    ) -> StoreResult<bool> {
        let input = (request, told, self.settings.sessions);
        self.store
            .write_with(input, |tx, (request, told, limits)| {
                Box::pin(insert_request(tx, request, told.as_ref(), limits))
            })
            .await
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
            let url = self.mailed_link(routes::recovery_link, &token);
            let input = (request, token.hash(), url, now);
            let written = self
                .store
                .write_with(input, |tx, (request, token, url, now)| {
                    Box::pin(mail_recovery_link(tx, request, token, url, *now))
                });
            match written.await {
                Ok(is_mailed) => mailed += usize::from(is_mailed),
                // one row that cannot be read must not hold up the others
                Err(error) => tracing::warn!(%error, "a link for a lost phone could not be mailed"),
            }
        }
        Ok(mailed)
    }

    /// The view of the page behind such a link. It changes nothing.
    pub async fn recovery_link_page(&self, token: &str) -> StoreResult<RecoveryLinkView> {
        Ok(match self.find_recovery_link(token).await? {
            Ok((person, _)) => RecoveryLinkView::Ask {
                form: FormState::default(),
                token: token.to_owned(),
                who: person.masked_name(),
            },
            Err(refusal) => RecoveryLinkView::Refused(refusal),
        })
    }

    /// The person whom such a link lets in now, or the reason why it does not.
    async fn find_recovery_link(
        &self,
        token: &str,
    ) -> StoreResult<Result<(Person, TokenHash), LinkRefusal>> {
        let mut db = self.store.reader().await?;
        let now = self.now();
        let (link, hash) = match find_link(&mut db, token, LinkPurpose::Recovery, now).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let person = db.person(link.person).await?;
        Ok(if may_recover_by_mailbox(&mut db, &person, now).await? {
            Ok((person, hash))
        } else {
            Err(LinkRefusal::Cancelled)
        })
    }

    /// Opens a session that may enrol: with the link and the password, which is judged and counted as at every sign-in.
    pub async fn use_recovery_link(
        &self,
        context: &RequestContext,
        token: &str,
        typed: SecretText,
    ) -> Result<SignedIn, Stop> {
        let (person, hash) = self.find_recovery_link(token).await??;
        let login = person.sigla.as_typed();
        let purpose = SignInPurpose::SecondFactor;
        self.sign_in_with(context, login, typed, purpose, Some(hash))
            .await
    }
}

/// Stores a request while its session waits for a code, and tells the person where it is by the mailbox. False when the session is over
/// meanwhile.
async fn insert_request(
    tx: &mut Tx,
    request: &EntryRequest,
    told: Option<&(Person, SecurityAlert)>,
    limits: &SessionLimits,
) -> StoreResult<bool> {
    let (person, session, now) = (request.person, &request.session, request.created_at);
    let locked = tx.lock_session(session, None, limits, now).await?;
    if locked.is_none_or(|locked| locked.session.stage != Stage::Password) {
        return Ok(false);
    }
    tx.insert_entry_request(request, now).await?;
    let way: &str = request.way.into();
    let detail = if request.is_stolen {
        format!("{way}, stolen")
    } else {
        way.to_owned()
    };
    let event = AuditEvent::EntryRequested;
    tx.audit_own(person, event, &detail, &request.circumstances())
        .await?;
    if let Some((person, alert)) = told {
        let told = ToldChange {
            takes_effect_at: Some(request.ready_at),
            ..SecurityChange::RecoveryAsked.into()
        };
        alert_security_change(tx, person, alert, told).await?;
    } else {
        // the call to the support team takes longer than a code
        tx.extend_session(session, request.expires_at).await?;
    }
    Ok(true)
}

/// Mails the link of a request. False when there is nobody to mail to any more.
async fn mail_recovery_link(
    tx: &mut Tx,
    request: &EntryRequest,
    token: &TokenHash,
    url: &str,
    now: Timestamp,
) -> StoreResult<bool> {
    tx.lock_person(request.person).await?;
    let person = tx.person(request.person).await?;
    let email = match tx.personal_email(person.id).await? {
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
    let link = Link::new(person.id, now, until);
    tx.insert_link(token, LinkPurpose::Recovery, &link).await?;
    let message = MailMessage::RecoveryLink {
        requested: request.circumstances(),
        url: url.to_owned(),
        until,
    };
    let mail = NewMail {
        person: person.id,
        enrolment: None,
        job: MailJob::to_person(&person, email, message),
        give_up_at: until,
    };
    tx.enqueue_mail(&mail, now).await?;
    let (actor, event) = (Actor::System, AuditEvent::RecoveryLinkMailed);
    tx.audit(&actor, event, Some(person.id), &request.client, "", now)
        .await?;
    Ok(true)
}
