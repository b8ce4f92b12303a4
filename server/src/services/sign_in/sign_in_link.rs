//! The owner's way out when attempts are no longer judged: a mailed link lets one browser try again (R31).

use crate::domain::{
    Actor, AuditEvent, Circumstances, ClientInfo, Link, LinkPurpose, MailMessage, PersonId,
    Seconds, Timestamp, Token, TokenHash,
};
use crate::services::activation::find_link;
use crate::services::request::{circumstances, client_info, token_hash};
use crate::services::security_alerts::mail_everybody;
use crate::services::{ServiceError, Services};
use crate::storage::{StoreResult, Tx, UnitOfWork};
use app::api::backend::RequestContext;
use app::model::LinkRefusal;
use app::routes;
use app::view::SignInLinkView;
use async_trait::async_trait;

/// How long a link works.
const LIFETIME: Seconds = Seconds::hours(1);
/// Least time between two mails to one person: shorter than a link works, so that who tries again finds one that does.
const MAIL_PAUSE: Seconds = Seconds::minutes(30);
/// Most mails to one person in a day, whoever makes them.
const MAILS_PER_DAY: usize = 12;
/// Attempts that a link leaves at least, of each kind. Whoever has the mailbox gets no more guesses a day than this times
/// [`MAILS_PER_DAY`].
const SPARE_ATTEMPTS: i64 = 5;

/// A link that is mailed at the limit.
#[derive(Clone)]
pub(super) struct SignInLink {
    token: TokenHash,
    url: String,
    /// The attempt that was refused.
    refused: Circumstances,
}

impl Services {
    pub(super) fn sign_in_link(&self, context: &RequestContext, now: Timestamp) -> SignInLink {
        let token = self.new_token();
        SignInLink {
            token: token.hash(),
            url: self.mailed_link(routes::sign_in_link, &token),
            refused: circumstances(context, now),
        }
    }

    /// The view of the page behind the link. It changes nothing. Once the link is used, it says so in the browser that used it.
    pub async fn sign_in_link_page(
        &self,
        context: &RequestContext,
        token: &str,
    ) -> Result<SignInLinkView, ServiceError> {
        let mut db = self.store.reader().await?;
        let purpose = LinkPurpose::SignIn;
        Ok(
            match find_link(&mut db, token, purpose, self.now()).await? {
                Ok((link, _)) => SignInLinkView::Ask {
                    token: token.to_owned(),
                    who: db.person(link.person).await?.masked_name(),
                },
                Err(LinkRefusal::Used) => {
                    let link = match Token::parse(token) {
                        Some(token) => db.link(&token.hash(), purpose).await?,
                        None => None,
                    };
                    let browser = token_hash(context.cookies.browser.as_ref());
                    match link.zip(browser) {
                        Some((link, browser))
                            if db.is_known_browser(&browser, link.person).await? =>
                        {
                            SignInLinkView::Done
                        }
                        _ => SignInLinkView::Refused(LinkRefusal::Used),
                    }
                }
                Err(refusal) => SignInLinkView::Refused(refusal),
            },
        )
    }

    /// Makes this browser known for the person of the link, and leaves it attempts. Returns the token for its cookie. The link
    /// is the authority; it opens no session.
    pub async fn use_sign_in_link(
        &self,
        context: &RequestContext,
        token: &str,
    ) -> Result<Result<Token, LinkRefusal>, ServiceError> {
        let now = self.now();
        let mut db = self.store.reader().await?;
        let (link, hash) = match find_link(&mut db, token, LinkPurpose::SignIn, now).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        drop(db);
        let browser = self.new_token();
        let used = self
            .store
            .write(UsedLink {
                link: hash,
                person: link.person,
                browser: browser.hash(),
                client: client_info(context),
                now,
            })
            .await?;
        Ok(used.then_some(browser).ok_or(LinkRefusal::Used))
    }
}

struct UsedLink {
    link: TokenHash,
    person: PersonId,
    browser: TokenHash,
    client: ClientInfo,
    now: Timestamp,
}

#[async_trait]
impl UnitOfWork for UsedLink {
    /// False when the link was used meanwhile.
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> StoreResult<bool> {
        // one statement decides between two posts of the same link
        if !tx.use_link(&self.link, self.now).await? {
            return Ok(false);
        }
        tx.lock_person(self.person).await?;
        tx.remember_browser(&self.browser, self.person, self.now)
            .await?;
        tx.spare_attempts(self.person, SPARE_ATTEMPTS).await?;
        let (actor, event) = (Actor::Person(self.person), AuditEvent::SignInLinkUsed);
        let person = Some(self.person);
        tx.audit(&actor, event, person, &self.client, "", self.now)
            .await?;
        Ok(true)
    }
}

/// Mails the link to the personal email and every registered contact, unless one was mailed lately.
pub(super) async fn mail_sign_in_link(
    tx: &mut Tx,
    person: PersonId,
    link: &SignInLink,
    now: Timestamp,
) -> StoreResult<()> {
    // two attempts at the same time must not both find that none was mailed
    tx.lock_person(person).await?;
    let recent = tx.links_since(person, LinkPurpose::SignIn, now - Seconds::days(1));
    let recent = recent.await?;
    let is_new = recent.last().is_some_and(|at| *at > now - MAIL_PAUSE);
    if is_new || recent.len() >= MAILS_PER_DAY {
        return Ok(());
    }
    let stored = Link {
        person,
        enrolment: None,
        factor: None,
        about: None,
        created_at: now,
        expires_at: now + LIFETIME,
        used_at: None,
        voided: None,
    };
    tx.insert_link(&link.token, LinkPurpose::SignIn, &stored)
        .await?;
    let person = tx.person(person).await?;
    let message = MailMessage::SignInLocked {
        refused: link.refused.clone(),
        url: link.url.clone(),
        until: now + LIFETIME,
    };
    mail_everybody(tx, &person, &message, now).await
}
