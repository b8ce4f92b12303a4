//! Who knocks: the tokens and circumstances of one request, and the session behind them.

use super::{Outcome, Services};
use crate::{
    domain::{
        client::describe_user_agent,
        language::Language,
        mail::Circumstances,
        person::PersonId,
        session::{Amr, Purpose, Session, Stage},
        time::Timestamp,
        token::{Token, TokenHash},
    },
    storage::{NewSession, Origin},
};

/// The facts of a request, as far as use cases care.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Session id.
    pub session: Option<Token>,
    /// Browser that began an enrolment.
    pub enrolment: Option<Token>,
    /// Receipt of an activation.
    pub receipt: Option<Token>,
    /// Browser that signed in before.
    pub browser: Option<Token>,
    /// `User-Agent`.
    pub user_agent: String,
    /// Network address.
    pub address: String,
    /// Language of the page.
    pub language: Language,
}

impl Visitor {
    /// Browser and address, as they are stored.
    pub fn origin(&self) -> Origin {
        let client = describe_user_agent(&self.user_agent);
        let browser = if client.browser.is_none() && client.system.is_none() {
            String::new()
        } else {
            client.label()
        };
        Origin {
            browser,
            address: self.address.clone(),
        }
    }

    /// Browser, address and time, for a mail.
    pub fn circumstances(&self, at: Timestamp) -> Circumstances {
        let Origin { browser, address } = self.origin();
        Circumstances {
            at,
            browser,
            address,
        }
    }
}

/// A new session and the id that goes into its cookie.
pub(super) struct Issued {
    pub token: Token,
    pub new: NewSession,
}

impl Services {
    /// The living session of a visitor, whatever its stage.
    pub(super) async fn session_of(&self, visitor: &Visitor) -> Outcome<Option<Session>> {
        let Some(token) = &visitor.session else {
            return Ok(None);
        };
        let (hash, limits, now) = (token.hash(), self.settings.sessions, self.now());
        let found = self
            .store
            .read((hash, limits, now), |tx, i| {
                Box::pin(async move { tx.live_session(&i.0, &i.1, i.2).await })
            })
            .await?;
        if let Some(session) = found.as_ref().filter(|s| now.0 - s.last_seen_at.0 >= 60) {
            self.note_seen(session.id_hash.clone(), now);
        }
        Ok(found)
    }

    /// *Last seen*: outside the request's path (R11).
    fn note_seen(&self, id: Vec<u8>, now: Timestamp) {
        let store = self.store.clone();
        tokio::spawn(async move {
            let noted = store
                .write((id, now), |tx, i| {
                    Box::pin(async move { tx.touch_session(&i.0, i.1).await })
                })
                .await;
            if let Err(error) = noted {
                tracing::warn!(%error, "last seen was not noted");
            }
        });
    }

    /// Prepares a session: a new id at every elevation (R9).
    pub(super) fn issue(
        &self,
        visitor: &Visitor,
        person: PersonId,
        stage: Stage,
        purpose: Purpose,
        amr: Amr,
        until: Timestamp,
    ) -> Issued {
        let now = self.now();
        let token = self.token();
        let origin = visitor.origin();
        let session = Session {
            id_hash: token.hash().0,
            person,
            stage,
            purpose,
            auth_time: now,
            amr,
            last_seen_at: now,
            expires_at: until,
        };
        Issued {
            token,
            new: NewSession {
                session,
                browser: origin.browser,
                address: origin.address,
            },
        }
    }

    /// The hash of this visitor's session cookie, to be ended with the next elevation.
    pub(super) fn replaced(visitor: &Visitor) -> Option<Vec<u8>> {
        visitor.session.as_ref().map(|token| token.hash().0)
    }

    /// The token under which a browser becomes known: its own if it is known as this person's
    /// (`scope`), else a new one. What somebody else laid there is not taken over.
    pub(super) fn browser_token(&self, visitor: &Visitor, scope: Option<&str>) -> Token {
        match (&visitor.browser, scope) {
            (Some(token), Some(_)) => token.clone(),
            _ => self.token(),
        }
    }

    /// The scope of a browser that signed this person in before (R4).
    pub(super) async fn browser_scope(
        &self,
        visitor: &Visitor,
        person: PersonId,
    ) -> Outcome<Option<String>> {
        let Some(token) = &visitor.browser else {
            return Ok(None);
        };
        let hash = token.hash();
        let known = self
            .store
            .read((hash.clone(), person), |tx, i| {
                Box::pin(async move { tx.knows_browser(&i.0, i.1).await })
            })
            .await?;
        Ok(known.then(|| scope(&hash)))
    }
}

fn scope(hash: &TokenHash) -> String {
    data_encoding::HEXLOWER.encode(&hash.0)
}
