//! The owner's way out when attempts are no longer judged: a mailed link lets one browser try again (R31).

use crate::domain::{
    AuditEvent, Circumstances, Link, LinkPurpose, MailMessage, PersonId, Seconds, Token, TokenHash,
};
use crate::services::activation::{find_link, stored_link};
use crate::services::request::circumstances;
use crate::services::security_alerts::mail_everybody;
use crate::services::{Services, Stop};
use crate::storage::{StoreResult, Tx};
use app::api::backend::RequestContext;
use app::model::LinkRefusal;
use app::routes;
use app::view::SignInLinkView;

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
}

impl Services {
    pub(super) fn sign_in_link(&self) -> SignInLink {
        let token = self.new_token();
        SignInLink {
            token: token.hash(),
            url: self.mailed_link(routes::sign_in_link, &token),
        }
    }

    /// The view of the page behind the link. It changes nothing. Once the link is used, it says so in the browser that used it.
    pub async fn sign_in_link_page(
        &self,
        context: &RequestContext,
        token: &str,
    ) -> StoreResult<SignInLinkView> {
        let mut db = self.read_for(context).await?;
        let Some((link, _)) = stored_link(&mut db, token, LinkPurpose::SignIn).await? else {
            return Ok(SignInLinkView::Refused(LinkRefusal::Unknown));
        };
        let Some(refusal) = link.refusal(self.now()) else {
            return Ok(SignInLinkView::Ask {
                token: token.to_owned(),
                who: db.person(link.person).await?.masked_name(),
            });
        };
        let is_used = refusal == LinkRefusal::Used;
        Ok(
            if is_used && db.known_browser(link.person).await?.is_some() {
                SignInLinkView::Done
            } else {
                SignInLinkView::Refused(refusal)
            },
        )
    }

    /// Makes this browser known for the person of the link, and leaves it attempts. Returns the token for its cookie. The link
    /// is the authority; it opens no session.
    pub async fn use_sign_in_link(
        &self,
        context: &RequestContext,
        token: &str,
    ) -> Result<Token, Stop> {
        let done = circumstances(context, self.now());
        let mut db = self.store.reader().await?;
        let (link, hash) = find_link(&mut db, token, LinkPurpose::SignIn, done.at).await??;
        drop(db);
        let browser = self.new_token();
        let input = (hash, link.person, browser.hash(), done);
        self.store
            .write_with(input, |tx, (link, person, browser, done)| {
                Box::pin(async move {
                    // one statement decides between two posts of the same link
                    if !tx.use_link(link, done.at).await? {
                        return Ok(Err(LinkRefusal::Used));
                    }
                    tx.lock_person(*person).await?;
                    tx.remember_browser(browser, *person, done.at).await?;
                    tx.spare_attempts(*person, SPARE_ATTEMPTS).await?;
                    let event = AuditEvent::SignInLinkUsed;
                    tx.audit_own(*person, event, "", done).await?;
                    Ok(Ok(()))
                })
            })
            .await??;
        Ok(browser)
    }
}

/// Mails the link to the personal email and every registered contact, unless one was mailed lately.
pub(super) async fn mail_sign_in_link(
    tx: &mut Tx,
    person: PersonId,
    link: &SignInLink,
    refused: &Circumstances,
) -> StoreResult<()> {
    let now = refused.at;
    // two attempts at the same time must not both find that none was mailed
    tx.lock_person(person).await?;
    let recent = tx.links_since(person, LinkPurpose::SignIn, now - Seconds::days(1));
    let recent = recent.await?;
    let is_new = recent.last().is_some_and(|at| *at > now - MAIL_PAUSE);
    if is_new || recent.len() >= MAILS_PER_DAY {
        return Ok(());
    }
    let until = now + LIFETIME;
    let stored = Link::new(person, now, until);
    tx.insert_link(&link.token, LinkPurpose::SignIn, &stored)
        .await?;
    let person = tx.person(person).await?;
    let message = MailMessage::SignInLocked {
        refused: refused.clone(),
        url: link.url.clone(),
        until,
    };
    mail_everybody(tx, &person, &message, now).await
}
