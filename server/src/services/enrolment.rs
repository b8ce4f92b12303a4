//! Enrolling: notice, QR, code and address, the mail on its way (manual; R6, R8, R16, R17, R29).

use super::{
    Outcome, Services, Visitor,
    notices::{self, Notice},
    sign_in::Next,
};
use crate::{
    domain::{
        address::{self, AddressError, MailAddress},
        enrolment::{Enrolment, EnrolmentLimits, EnrolmentState},
        mail::{Circumstances, MailMessage},
        person::PersonId,
        policy::{Demand, FirstEnrolment},
        session::{Session, Stage},
        time::{Seconds, Timestamp},
        token::{Token, row_id},
        totp::{Judgement, OneTimeCode, TotpSecret},
    },
    storage::{
        LinkPurpose, MailState, NewEnrolment, NewMail, PersonRow, StoreResult, Tx, Voided,
    },
};

/// Activation mails for one person within an hour, whatever the addresses.
const MAILS_PER_PERSON: usize = 10;

/// What is wrong with a personal address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressTrouble {
    /// Nothing typed.
    Missing,
    /// Not an address.
    Syntax,
    /// Too long for one.
    TooLong,
    /// An institutional suffix.
    Institutional(String),
    /// Probably mistyped; not confirmed yet.
    Suggestion(String),
}

/// What is wrong with a code at enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeTrouble {
    /// Nothing typed.
    Missing,
    /// Not six digits.
    Shape,
    /// Not a code of the secret shown.
    Wrong,
    /// Right for a clock that is off by so many steps.
    ClockOff(i64),
}

/// Answer of a step that needs the session of the person who enrols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<T> {
    /// Done.
    Done(T),
    /// The session is over.
    SessionOver,
    /// The factor is active already, or the pending enrolment is another's: go there.
    Elsewhere(Next),
    /// The enrolment is over or was replaced.
    Gone,
}

/// Answer of **Prosseguir**.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// A new QR, with the cookie of this browser.
    New(Token),
    /// The same QR as before in this browser.
    Same,
    /// First enrolments need an approval.
    NeedsApproval,
}

/// Answer of the enrol form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// The mail is on its way.
    Mailed,
    /// Something is to be mended.
    Mend {
        /// With the code.
        code: Option<CodeTrouble>,
        /// With the address.
        address: Option<AddressTrouble>,
    },
    /// Too many mails; the next may go then.
    Wait(Timestamp),
}

/// What the notice page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeFacts {
    /// Whether the policy leads here.
    pub required: bool,
    /// Whether another browser's enrolment is pending.
    pub voids_another: bool,
    /// Whether this browser's own was replaced or cancelled elsewhere.
    pub was_replaced: bool,
}

/// What the enrol page shows.
pub struct EnrolFacts {
    /// The pending secret: this page alone gets it (R6).
    pub secret: TotpSecret,
    /// Account in the app's entry.
    pub account: String,
    /// When the session ends.
    pub session_until: Timestamp,
}

/// What the waiting page shows.
#[derive(Clone, Debug)]
pub struct MailFacts {
    /// In full in the browser that typed it, else masked.
    pub address: String,
    /// Until when the newest link works.
    pub link_until: Timestamp,
    /// State of the mail.
    pub mail: MailState,
    /// When the next mail may go.
    pub resend_at: Timestamp,
    /// Provisional entries left.
    pub provisional_left: Option<i64>,
}

/// What the waiting page learns when it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The mail's state.
    Mail(MailState),
    /// Confirmed.
    Activated,
    /// Cancelled, replaced or expired.
    Over,
}

impl Services {
    pub(super) async fn pending(&self, person: PersonId) -> Outcome<Option<Enrolment>> {
        Ok(self
            .store
            .read(person, |tx, id| Box::pin(async move { tx.pending_enrolment(*id).await }))
            .await?)
    }

    /// Provisional entries left, if this person may enter so now.
    pub(super) async fn provisional(&self, person: &PersonRow) -> Outcome<Option<i64>> {
        let policy = &self.settings.policy;
        if policy.demand(&person.profiles) != Demand::Required {
            return Ok(None);
        }
        let most = policy.provisional_entries;
        let pending = self.pending(person.id).await?;
        Ok(pending
            .filter(|p| p.allows_provisional_entry(self.now(), most))
            .map(|p| most - p.provisional_uses))
    }

    /// The page of the enrolment that this person is at.
    pub(super) async fn enrolment_page(&self, person: &PersonRow) -> Outcome<Next> {
        let pending = self.pending(person.id).await?;
        let mailed = pending.is_some_and(|pending| pending.is_mailed(self.now()));
        Ok(if mailed { Next::MailSent } else { Next::Notice })
    }

    /// The enrolment that this browser began, if it is this person's (R8: never another's).
    async fn own_enrolment(
        &self,
        visitor: &Visitor,
        person: Option<PersonId>,
    ) -> Outcome<Option<Enrolment>> {
        let Some(token) = &visitor.enrolment else { return Ok(None) };
        let found = self
            .store
            .read(token.hash(), |tx, hash| {
                Box::pin(async move { tx.enrolment_of_browser(&hash).await })
            })
            .await?;
        Ok(found.filter(|enrolment| person.is_none_or(|person| enrolment.person == person)))
    }

    /// Session and person of somebody who may enrol: password given, no factor active (R7).
    async fn enrolling(&self, visitor: &Visitor) -> Outcome<Step<(Session, PersonRow)>> {
        let Some(session) = self.session_of(visitor).await? else { return Ok(Step::SessionOver) };
        let person = self.person(session.person).await?;
        if person.factor_active {
            let next = if session.stage == Stage::Full { Next::Account } else { Next::Code };
            return Ok(Step::Elsewhere(next));
        }
        Ok(Step::Done((session, person)))
    }

    /// What the notice page shows.
    pub async fn notice_page(&self, visitor: &Visitor) -> Outcome<Step<NoticeFacts>> {
        let (_, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let now = self.now();
        let own = self.own_enrolment(visitor, Some(person.id)).await?;
        if own.as_ref().is_some_and(|own| own.is_mailed(now)) {
            return Ok(Step::Elsewhere(Next::MailSent));
        }
        let pending = self.pending(person.id).await?.filter(|pending| pending.is_pending(now));
        let own_id = own.as_ref().map(|own| own.id.as_str());
        Ok(Step::Done(NoticeFacts {
            required: self.settings.policy.demand(&person.profiles) == Demand::Required,
            voids_another: pending.is_some_and(|pending| Some(pending.id.as_str()) != own_id),
            was_replaced: own.is_some_and(|own| own.state == EnrolmentState::Voided),
        }))
    }

    /// **Prosseguir**: a new secret for this browser, or the one it already has.
    pub async fn begin(&self, visitor: &Visitor) -> Outcome<Step<Begun>> {
        let (session, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let now = self.now();
        let approved = person.enrolment_approved_until.is_some_and(|until| now < until);
        if self.settings.policy.first_enrolment == FirstEnrolment::Approved && !approved {
            return Ok(Step::Done(Begun::NeedsApproval));
        }
        if let (Some(own), Some(token)) =
            (self.own_enrolment(visitor, Some(person.id)).await?, &visitor.enrolment)
            && own.shows_secret_to(&token.hash().0, now)
        {
            return Ok(Step::Done(Begun::Same));
        }
        let token = self.token();
        let limits = self.settings.enrolments;
        let new = NewEnrolment {
            id: row_id(self.entropy.bytes()),
            person: person.id,
            browser_hash: token.hash().0,
            secret: TotpSecret::new(self.entropy.bytes()),
            origin: visitor.origin(),
            expires_at: now + limits.scanning,
        };
        let notice = self.notice(Some(new.id.clone()), visitor.circumstances(now));
        let input = Beginning {
            new,
            notice,
            session,
            session_until: now + self.settings.sessions.enrolling,
        };
        self.store.write(input, |tx, i| Box::pin(async move { i.write(tx).await })).await?;
        self.nudge.notify_waiters();
        Ok(Step::Done(Begun::New(token)))
    }

    /// What the enrol page shows, in the browser that began and only until code and address are
    /// accepted (R6).
    pub async fn enrol_page(&self, visitor: &Visitor) -> Outcome<Step<EnrolFacts>> {
        let (session, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let now = self.now();
        let own = self.own_enrolment(visitor, Some(person.id)).await?;
        let Some(own) = own else { return Ok(Step::Elsewhere(Next::Notice)) };
        if own.is_mailed(now) {
            return Ok(Step::Elsewhere(Next::MailSent));
        }
        if !own.is_pending(now) {
            return Ok(Step::Gone);
        }
        let secret = self
            .store
            .read(own.id, |tx, id| Box::pin(async move { tx.pending_secret(&id).await }))
            .await?;
        Ok(Step::Done(EnrolFacts {
            secret,
            account: person.sigla,
            session_until: session.expires_at,
        }))
    }

    /// More time while enrolling.
    pub async fn extend(&self, visitor: &Visitor) -> Outcome<Step<()>> {
        let (session, _) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let until = self.now() + self.settings.sessions.enrolling;
        self.store
            .write((session.id_hash, until), |tx, i| {
                Box::pin(async move { tx.extend_session(&i.0, i.1).await })
            })
            .await?;
        Ok(Step::Done(()))
    }

    /// Judges a typed address (R16). `confirmed` is the address that its owner insists on.
    pub fn judge_address(&self, typed: &str, confirmed: &str) -> Result<MailAddress, AddressTrouble> {
        if typed.trim().is_empty() {
            return Err(AddressTrouble::Missing);
        }
        let parsed = MailAddress::parse(typed).map_err(|error| match error {
            AddressError::TooLong => AddressTrouble::TooLong,
            _ => AddressTrouble::Syntax,
        })?;
        if let Some(suffix) = self.settings.suffixes.refuses(&parsed) {
            return Err(AddressTrouble::Institutional(suffix.to_owned()));
        }
        match address::suggestion(&parsed) {
            Some(suggestion) if confirmed.trim() != typed.trim() => {
                Err(AddressTrouble::Suggestion(suggestion))
            }
            _ => Ok(parsed),
        }
    }

    /// Code and address. The address is judged first, so that a code is not used up in vain. Codes
    /// are not throttled here: whoever sees this page has the secret.
    pub async fn submit(
        &self,
        visitor: &Visitor,
        code: &str,
        typed: &str,
        confirmed: &str,
    ) -> Outcome<Step<Submitted>> {
        let (_, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let now = self.now();
        let own = self.own_enrolment(visitor, Some(person.id)).await?;
        let (Some(own), Some(token)) = (own, &visitor.enrolment) else { return Ok(Step::Gone) };
        if own.is_mailed(now) {
            return Ok(Step::Elsewhere(Next::MailSent));
        }
        if !own.shows_secret_to(&token.hash().0, now) {
            return Ok(Step::Gone);
        }
        let address = self.judge_address(typed, confirmed);
        let parsed = OneTimeCode::parse(code);
        let code_trouble = match &parsed {
            None if code.trim().is_empty() => Some(CodeTrouble::Missing),
            None => Some(CodeTrouble::Shape),
            Some(_) => None,
        };
        let (Some(code), Ok(address)) = (parsed, &address) else {
            let address = address.err();
            return Ok(Step::Done(Submitted::Mend { code: code_trouble, address }));
        };
        let policy = &self.settings.policy;
        let input = Submission {
            code,
            provisional_until: policy.provisional_until(&person.profiles, now),
            mailing: self.mailing(visitor, &person, own.id, address),
        };
        let done = self
            .store
            .write(input, |tx, i| Box::pin(async move { i.write(tx).await }))
            .await?;
        self.nudge.notify_waiters();
        Ok(match done {
            Some(submitted) => Step::Done(submitted),
            None => Step::Gone,
        })
    }

    /// Prepares a link and its mail for `address`.
    fn mailing(
        &self,
        visitor: &Visitor,
        person: &PersonRow,
        enrolment: String,
        address: &MailAddress,
    ) -> Mailing {
        let now = self.now();
        let token = self.token();
        let mut person = person.clone();
        person.language = notices::language_for(&person, visitor.language);
        Mailing {
            url: self.url(&format!("/ativar/{}", token.expose())),
            token,
            person,
            enrolment,
            address: address.as_typed().to_owned(),
            circumstances: visitor.circumstances(now),
            limits: self.settings.enrolments,
            now,
        }
    }

    /// The mailed enrolment that a page is about: this browser's own, else the one of the
    /// person whose session it is.
    async fn mailed(&self, visitor: &Visitor) -> Outcome<Step<(Enrolment, bool)>> {
        let now = self.now();
        let session = self.session_of(visitor).await?;
        let person = session.as_ref().map(|session| session.person);
        if let Some(own) = self.own_enrolment(visitor, person).await? {
            match own.state {
                EnrolmentState::Mailed if own.is_pending(now) => return Ok(Step::Done((own, true))),
                EnrolmentState::Activated => return Ok(Step::Gone),
                _ => {}
            }
        }
        let Some(person) = person else { return Ok(Step::SessionOver) };
        match self.pending(person).await?.filter(|pending| pending.is_mailed(now)) {
            Some(pending) => Ok(Step::Done((pending, false))),
            None => Ok(Step::Elsewhere(Next::Notice)),
        }
    }

    /// What the waiting page shows. The address in full only in the browser that typed it.
    pub async fn mail_sent_page(&self, visitor: &Visitor) -> Outcome<Step<MailFacts>> {
        let (enrolment, own) = match self.mailed(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let person = self.person(enrolment.person).await?;
        let typed = enrolment.email.clone().unwrap_or_default();
        let masked = || MailAddress::parse(&typed).map_or_else(|_| String::new(), |a| a.masked());
        let limits = self.settings.enrolments;
        let input = (enrolment.id.clone(), person.id, typed.clone(), limits, self.now());
        let (mail, resend_at) = self
            .store
            .read(input, |tx, i| {
                Box::pin(async move {
                    let mail = tx.activation_mail(&i.0).await?;
                    Ok((mail, next_mail_at(tx, i.1, &i.2, i.3, i.4).await?))
                })
            })
            .await?;
        Ok(Step::Done(MailFacts {
            address: if own { typed } else { masked() },
            link_until: enrolment.link_expires_at.unwrap_or(enrolment.expires_at),
            mail: mail.unwrap_or(MailState::Failed),
            resend_at,
            provisional_left: self.provisional(&person).await?,
        }))
    }

    /// What the waiting page asks: by the cookie of the browser that began, which needs no session.
    pub async fn progress(&self, visitor: &Visitor) -> Outcome<Waiting> {
        let session = self.session_of(visitor).await?;
        let person = session.map(|session| session.person);
        let own = match (self.own_enrolment(visitor, person).await?, person) {
            (Some(own), _) => Some(own),
            (None, Some(person)) => self.pending(person).await?,
            (None, None) => None,
        };
        let Some(own) = own else { return Ok(Waiting::Over) };
        if own.state == EnrolmentState::Activated {
            return Ok(Waiting::Activated);
        }
        if !own.is_mailed(self.now()) {
            return Ok(Waiting::Over);
        }
        let mail = self
            .store
            .read(own.id, |tx, id| Box::pin(async move { tx.activation_mail(&id).await }))
            .await?;
        Ok(Waiting::Mail(mail.unwrap_or(MailState::Failed)))
    }

    /// Another link to the same address. `None`: on its way; else when the next may go.
    pub async fn resend(&self, visitor: &Visitor) -> Outcome<Step<Option<Timestamp>>> {
        let (_, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let pending = self.pending(person.id).await?.filter(|p| p.is_mailed(self.now()));
        let Some(pending) = pending else { return Ok(Step::Elsewhere(Next::Notice)) };
        let Some(Ok(address)) = pending.email.as_deref().map(MailAddress::parse) else {
            return Ok(Step::Gone);
        };
        let mailing = self.mailing(visitor, &person, pending.id, &address);
        self.send(mailing, None).await
    }

    /// Another address for the same enrolment, from the browser that began it. The links to the
    /// old address stop working.
    pub async fn change_address(
        &self,
        visitor: &Visitor,
        typed: &str,
        confirmed: &str,
    ) -> Outcome<Step<Result<Option<Timestamp>, AddressTrouble>>> {
        let (_, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let own = self.own_enrolment(visitor, Some(person.id)).await?;
        let Some(own) = own.filter(|own| own.is_mailed(self.now())) else {
            return Ok(Step::Gone);
        };
        let address = match self.judge_address(typed, confirmed) {
            Ok(address) => address,
            Err(trouble) => return Ok(Step::Done(Err(trouble))),
        };
        let mailing = self.mailing(visitor, &person, own.id, &address);
        Ok(match self.send(mailing, Some(Voided::Address)).await? {
            Step::Done(wait) => Step::Done(Ok(wait)),
            other => other.cast(),
        })
    }

    async fn send(&self, mailing: Mailing, voids: Option<Voided>) -> Outcome<Step<Option<Timestamp>>> {
        let sent = self
            .store
            .write((mailing, voids), |tx, i| {
                Box::pin(async move {
                    let (mailing, voids) = &*i;
                    if let Some(wait) = mailing.must_wait(tx).await? {
                        return Ok(Some(Some(wait)));
                    }
                    if let Some(why) = voids {
                        tx.void_links(&mailing.enrolment, *why).await?;
                    }
                    Ok(mailing.write(tx).await?.then_some(None))
                })
            })
            .await?;
        self.nudge.notify_waiters();
        Ok(match sent {
            Some(wait) => Step::Done(wait),
            None => Step::Gone,
        })
    }

    /// Whether this browser may correct the address, and the address so far.
    pub async fn change_address_page(&self, visitor: &Visitor) -> Outcome<Step<String>> {
        let (_, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let own = self.own_enrolment(visitor, Some(person.id)).await?;
        Ok(match own.filter(|own| own.is_mailed(self.now())) {
            Some(own) => Step::Done(own.email.unwrap_or_default()),
            None => Step::Elsewhere(self.enrolment_page(&person).await?),
        })
    }

    /// **Cancelar**: ends what is pending; somebody who was only enrolling is signed out.
    pub async fn cancel(&self, visitor: &Visitor) -> Outcome<Step<Stage>> {
        let (session, person) = match self.enrolling(visitor).await? {
            Step::Done(found) => found,
            other => return Ok(other.cast()),
        };
        let stage = session.stage;
        let input = (session, person.id, visitor.address.clone(), self.now());
        self.store
            .write(input, |tx, i| {
                Box::pin(async move {
                    let (session, person, address, now) = &*i;
                    if tx.end_pending(*person, EnrolmentState::Cancelled, *now).await? {
                        tx.audit(*now, Some(*person), "enrolment", "cancelled", address, "").await?;
                    }
                    if session.stage == Stage::Password {
                        tx.end_session(&session.id_hash, *now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(Step::Done(stage))
    }
}

impl<T> Step<T> {
    /// The same way on for another kind of answer; a `Done` has none to keep.
    pub fn cast<U>(self) -> Step<U> {
        match self {
            Self::SessionOver => Step::SessionOver,
            Self::Elsewhere(next) => Step::Elsewhere(next),
            Self::Done(_) | Self::Gone => Step::Gone,
        }
    }
}

struct Beginning {
    new: NewEnrolment,
    notice: Notice,
    session: Session,
    session_until: Timestamp,
}

impl Beginning {
    async fn write(&self, tx: &mut Tx) -> StoreResult<()> {
        let now = self.notice.now;
        let voided = tx.begin_enrolment(&self.new, now).await?;
        tx.extend_session(&self.session.id_hash, self.session_until).await?;
        let person = tx.person(self.new.person).await?;
        self.notice.tell_start(tx, &person).await?;
        let detail = if voided { "voided an older one" } else { "" };
        let address = &self.notice.circumstances.address;
        tx.audit(now, Some(person.id), "enrolment", "begun", address, detail).await
    }
}

struct Submission {
    code: OneTimeCode,
    provisional_until: Option<Timestamp>,
    mailing: Mailing,
}

impl Submission {
    /// `None`: the enrolment is no longer what it was.
    async fn write(&self, tx: &mut Tx) -> StoreResult<Option<Submitted>> {
        let mailing = &self.mailing;
        let (id, now) = (mailing.enrolment.as_str(), mailing.now);
        if let Some(wait) = mailing.must_wait(tx).await? {
            return Ok(Some(Submitted::Wait(wait)));
        }
        let enrolment = tx.enrolment(id).await?;
        if enrolment.state != EnrolmentState::Scanning || !enrolment.is_pending(now) {
            return Ok(None);
        }
        let secret = tx.pending_secret(id).await?;
        let trouble = match secret.judge(&self.code, now, enrolment.last_step) {
            Judgement::Accepted { step } => {
                if !tx.accept_code(id, step, self.provisional_until, now).await? {
                    return Ok(None);
                }
                mailing.write(tx).await?;
                let address = &mailing.circumstances.address;
                let person = Some(mailing.person.id);
                tx.audit(now, person, "enrolment", "code_accepted", address, "").await?;
                return Ok(Some(Submitted::Mailed));
            }
            Judgement::ClockOff { ahead, .. } => CodeTrouble::ClockOff(ahead),
            Judgement::AlreadyUsed | Judgement::Wrong => CodeTrouble::Wrong,
        };
        Ok(Some(Submitted::Mend { code: Some(trouble), address: None }))
    }
}

/// A link and its mail, written together with the state they belong to (R17).
struct Mailing {
    token: Token,
    url: String,
    person: PersonRow,
    enrolment: String,
    address: String,
    circumstances: Circumstances,
    limits: EnrolmentLimits,
    now: Timestamp,
}

impl Mailing {
    /// When the next mail may go, if not now.
    async fn must_wait(&self, tx: &mut Tx) -> StoreResult<Option<Timestamp>> {
        let at = next_mail_at(tx, self.person.id, &self.address, self.limits, self.now).await?;
        Ok((at > self.now).then_some(at))
    }

    /// False when the enrolment no longer waits for a link.
    async fn write(&self, tx: &mut Tx) -> StoreResult<bool> {
        let until = self.now + self.limits.link;
        let enrolment = tx.enrolment(&self.enrolment).await?;
        // a provisional entry must not end with the link: the mail may be late for hours
        let pending_until = enrolment.provisional_until.map_or(until, |p| p.max(until));
        let id = self.enrolment.as_str();
        if !tx.set_enrolment_address(id, &self.address, until, pending_until).await? {
            return Ok(false);
        }
        let hash = self.token.hash();
        tx.insert_link(&hash, LinkPurpose::Activation, self.person.id, Some(id), until, self.now)
            .await?;
        let message = MailMessage::ActivationLink {
            url: self.url.clone(),
            expires_at: until,
            started: self.circumstances.clone(),
        };
        let mail = NewMail {
            person: self.person.id,
            enrolment: Some(self.enrolment.clone()),
            job: notices::mail_to(self.address.clone(), &self.person, message),
            give_up_at: until,
        };
        tx.enqueue_mail(&mail, self.now).await?;
        Ok(true)
    }
}

/// When the next activation mail may go: one a minute and five an hour to one address, ten an
/// hour for one person.
async fn next_mail_at(
    tx: &mut Tx,
    person: PersonId,
    address: &str,
    limits: EnrolmentLimits,
    now: Timestamp,
) -> StoreResult<Timestamp> {
    const KIND: &str = "activation_link";
    let hour = Seconds::hours(1);
    let per_address = usize::try_from(limits.resends_per_hour).unwrap_or(1).max(1);
    let to = tx.mails_to(KIND, address, now - hour).await?;
    let about = tx.mails_about(KIND, person, now - hour).await?;
    let waits = [
        to.first().map(|newest| *newest + limits.resend_every),
        to.get(per_address - 1).map(|oldest| *oldest + hour),
        about.get(MAILS_PER_PERSON - 1).map(|oldest| *oldest + hour),
    ];
    Ok(waits.into_iter().flatten().max().unwrap_or(now).max(now))
}
