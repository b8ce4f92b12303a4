//! The session, the known browser and the enrolment behind the cookies of one request.

use super::{ServiceError, Services, Stop};
use crate::domain::{
    AttemptKind, Circumstances, ClientInfo, Enrolment, EnrolmentPurpose, Person, PersonId, Session,
    Stage, Timestamp, Token, TokenHash,
};
use crate::storage::{AttemptSource, NewSession, Reader, ThrottleKey, ThrottleSubject};
use app::api::backend::RequestContext;
use app::model::SignInPurpose;
use app::routes;

/// `last_seen_at` of a session is written when it is older than this many seconds, so that most requests write nothing (R11).
const LAST_SEEN_STEP: i64 = 60;

/// The hash of the token in a cookie; `None` when the cookie is absent or cannot be one of ours.
pub(super) fn token_hash(cookie: Option<&String>) -> Option<TokenHash> {
    cookie
        .and_then(|text| Token::parse(text))
        .map(|token| token.hash())
}

pub(super) fn client_info(context: &RequestContext) -> ClientInfo {
    ClientInfo::new(&context.user_agent, context.ip)
}

/// Client info and time of a request, as mails report them.
pub(super) fn circumstances(context: &RequestContext, at: Timestamp) -> Circumstances {
    Circumstances {
        at,
        client: client_info(context),
    }
}

/// A new session and the token for its cookie.
pub(super) struct IssuedSession {
    pub token: Token,
    pub new: NewSession,
}

impl Services {
    /// The valid session of a request in any stage; `None` when there is none.
    pub(super) async fn session_of(
        &self,
        db: &mut Reader,
        context: &RequestContext,
    ) -> Result<Option<Session>, ServiceError> {
        let Some(id_hash) = token_hash(context.cookies.session.as_ref()) else {
            return Ok(None);
        };
        let now = self.now();
        let found = db
            .live_session(&id_hash, &self.settings.sessions, now)
            .await?;
        if found
            .as_ref()
            .is_some_and(|session| (now - session.last_seen_at).0 >= LAST_SEEN_STEP)
        {
            self.note_last_seen(id_hash, now);
        }
        Ok(found)
    }

    /// Writes `last_seen_at` in a task of its own, so that a GET waits for no write (R11).
    fn note_last_seen(&self, id_hash: TokenHash, now: Timestamp) {
        let store = self.store.clone();
        tokio::spawn(async move {
            let noted = store
                .write_with((id_hash, now), |tx, (id_hash, now)| {
                    Box::pin(tx.touch_session(id_hash, *now))
                })
                .await;
            if let Err(error) = noted {
                tracing::warn!(%error, "last seen was not noted");
            }
        });
    }

    /// The password-only session of a request; without one the request is led to sign-in.
    pub(super) async fn password_session(
        &self,
        db: &mut Reader,
        context: &RequestContext,
    ) -> Result<Session, Stop> {
        self.session_of(db, context)
            .await?
            .filter(|session| session.stage == Stage::Password)
            .ok_or(Stop::SessionOver)
    }

    /// Session and person of a request that is enrolling or may begin to: the password was given and no factor is active (R7), or
    /// the session may recover, or a full session has begun to add or replace an authenticator.
    pub(super) async fn enrolling_person(
        &self,
        db: &mut Reader,
        context: &RequestContext,
    ) -> Result<(Session, Person), Stop> {
        let session = self
            .session_of(db, context)
            .await?
            .ok_or(Stop::SessionOver)?;
        let person = db.person(session.person).await?;
        if !person.has_active_factor() || session.recovery.is_some() {
            return Ok((session, person));
        }
        if session.stage == Stage::Password {
            return Err(Stop::Redirect(routes::CODE));
        }
        let pending = db.pending_enrolment(person.id).await?;
        if pending.is_some_and(|pending| pending.purpose != EnrolmentPurpose::First) {
            Ok((session, person))
        } else {
            Err(Stop::Redirect(routes::ACCOUNT))
        }
    }

    /// The enrolment that this browser began; `None` when it is of another person than `person` (R8).
    pub(super) async fn own_enrolment(
        &self,
        db: &mut Reader,
        context: &RequestContext,
        person: Option<PersonId>,
    ) -> Result<Option<Enrolment>, ServiceError> {
        let Some(browser) = token_hash(context.cookies.enrolment.as_ref()) else {
            return Ok(None);
        };
        let found = db.enrolment_of_browser(&browser).await?;
        Ok(found.filter(|enrolment| person.is_none_or(|person| enrolment.person == person)))
    }

    /// Prepares a session with a new id, as every elevation needs one (R9). Its authenticators are stored together with it.
    pub(super) fn issue_session(
        &self,
        context: &RequestContext,
        person: PersonId,
        stage: Stage,
        continue_to: SignInPurpose,
        expires_at: Timestamp,
    ) -> IssuedSession {
        let now = self.now();
        let token = self.new_token();
        let session = Session {
            id_hash: token.hash(),
            person,
            stage,
            continue_to,
            provisional: false,
            recovery: None,
            auth_time: now,
            last_seen_at: now,
            expires_at,
        };
        let client = client_info(context);
        IssuedSession {
            token,
            new: NewSession { session, client },
        }
    }

    /// The key under which the attempts of this request are counted. A browser that signed this person in before has its own
    /// allowance (R4).
    pub(super) async fn throttle_key(
        &self,
        db: &mut Reader,
        context: &RequestContext,
        person: PersonId,
        kind: AttemptKind,
    ) -> Result<ThrottleKey, ServiceError> {
        let mut known = token_hash(context.cookies.browser.as_ref());
        if let Some(token) = &known
            && !db.is_known_browser(token, person).await?
        {
            known = None;
        }
        Ok(ThrottleKey {
            subject: ThrottleSubject::Person(person),
            kind,
            source: AttemptSource::of(known, context.ip),
        })
    }
}

/// The token of a known browser: the one in its cookie when it is known for this person, else `fresh`. A token that another
/// person put into the browser is not used.
pub(super) fn browser_token(context: &RequestContext, is_known: bool, fresh: Token) -> Token {
    let own = context.cookies.browser.as_deref().and_then(Token::parse);
    own.filter(|_| is_known).unwrap_or(fresh)
}
