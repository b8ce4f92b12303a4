//! The session, the known browser and the enrolment behind the cookies of one request.

use super::{Services, Stop};
use crate::domain::{
    AttemptKind, Circumstances, ClientInfo, Enrolment, EnrolmentPurpose, Person, PersonId, Seconds,
    Session, Stage, Timestamp, Token, TokenHash,
};
use crate::storage::{AttemptSource, Reader, StoreResult, ThrottleKey, ThrottleSubject};
use app::api::backend::RequestContext;
use app::routes;
use std::ops::{Deref, DerefMut};

/// `last_seen_at` of a session is written when it is older than this, so that most requests write nothing (R11).
const LAST_SEEN_STEP: Seconds = Seconds::minutes(1);

/// The hash of the token in a cookie; `None` when the cookie is absent or cannot be one of ours.
pub(super) fn token_hash(cookie: Option<&String>) -> Option<TokenHash> {
    Token::parse(cookie?).map(|token| token.hash())
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

/// The database as one request reads it, with what stands behind the request's cookies.
pub(super) struct RequestReader<'a> {
    db: Reader,
    pub services: &'a Services,
    pub context: &'a RequestContext,
}

impl Deref for RequestReader<'_> {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.db
    }
}

impl DerefMut for RequestReader<'_> {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.db
    }
}

impl Services {
    /// One snapshot of the database for a request.
    pub(super) async fn read_for<'a>(
        &'a self,
        context: &'a RequestContext,
    ) -> StoreResult<RequestReader<'a>> {
        Ok(RequestReader {
            db: self.store.reader().await?,
            services: self,
            context,
        })
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
}

impl RequestReader<'_> {
    /// The valid session of the request in any stage; `None` when there is none.
    pub async fn session(&mut self) -> StoreResult<Option<Session>> {
        let found = self.unnoted_session().await?;
        let now = self.services.now();
        if let Some(session) = &found
            && now - session.last_seen_at >= LAST_SEEN_STEP
        {
            self.services.note_last_seen(session.id_hash.clone(), now);
        }
        Ok(found)
    }

    /// The same, but not noted as a use of the session: a page that asks by itself must not keep it alive.
    pub async fn unnoted_session(&mut self) -> StoreResult<Option<Session>> {
        let Some(id_hash) = token_hash(self.context.cookies.session.as_ref()) else {
            return Ok(None);
        };
        let (limits, now) = (&self.services.settings.sessions, self.services.now());
        self.db.live_session(&id_hash, limits, now).await
    }

    /// Session and person of a request that is enrolling or may begin to: the password was given and no factor is active (R7), or
    /// the session may recover, or a full session has begun to add or replace an authenticator.
    pub async fn enrolling_person(&mut self) -> Result<(Session, Person), Stop> {
        let session = self.session().await?.ok_or(Stop::SessionOver)?;
        let person = self.person(session.person).await?;
        if !person.has_active_factor() || session.recovery.is_some() {
            return Ok((session, person));
        }
        if session.stage == Stage::Password {
            return Err(Stop::Redirect(routes::CODE));
        }
        let pending = self.pending_enrolment(person.id).await?;
        if pending.is_some_and(|pending| pending.purpose != EnrolmentPurpose::First) {
            Ok((session, person))
        } else {
            Err(Stop::Redirect(routes::ACCOUNT))
        }
    }

    /// The enrolment that this browser began; `None` when it is of another person than `person` (R8).
    pub async fn own_enrolment(
        &mut self,
        person: Option<PersonId>,
    ) -> StoreResult<Option<Enrolment>> {
        let Some(browser) = token_hash(self.context.cookies.enrolment.as_ref()) else {
            return Ok(None);
        };
        let found = self.enrolment_of_browser(&browser).await?;
        Ok(found.filter(|enrolment| person.is_none_or(|person| enrolment.person == person)))
    }

    /// The token of the request's browser; `None` when it is not known for this person.
    pub async fn known_browser(&mut self, person: PersonId) -> StoreResult<Option<TokenHash>> {
        let Some(token) = token_hash(self.context.cookies.browser.as_ref()) else {
            return Ok(None);
        };
        let is_known = self.is_known_browser(&token, person).await?;
        Ok(is_known.then_some(token))
    }

    /// The key under which the attempts of this request are counted. A browser that signed this person in before has its own
    /// allowance (R4).
    pub async fn throttle_key(
        &mut self,
        person: PersonId,
        kind: AttemptKind,
    ) -> StoreResult<ThrottleKey> {
        let known = self.known_browser(person).await?;
        Ok(ThrottleKey {
            subject: ThrottleSubject::Person(person),
            kind,
            source: AttemptSource::of(known, self.context.ip),
        })
    }
}

/// The token of a known browser: the one in its cookie when it is known for this person, else `fresh`. A token that another
/// person put into the browser is not used.
pub(super) fn browser_token(context: &RequestContext, is_known: bool, fresh: Token) -> Token {
    let own = context.cookies.browser.as_deref().and_then(Token::parse);
    own.filter(|_| is_known).unwrap_or(fresh)
}
