//! Enrolling, links, the activated page.

use super::{Pages, visitor};
use crate::{
    domain::{session::Stage, token::Token},
    services::{
        Services,
        enrolment::{Begun, Ended, Step, Submitted, Waiting},
    },
    web::{
        forms::{Form, back, back_with},
        words,
    },
};
use app::{
    api::{
        backend::{Answer, CookieKind, EnrolForm, Enrolment, Facts, Page, Reply},
        error::ApiError,
    },
    pages::mail_sent::waiting_progress,
    routes,
    view::{
        ActivatedView, ChangeAddressView, EnrolView, FormState, LinkView, MailProgress,
        MailSentView, NotMeView, NoticeView, Problem, Progress, SyncReport,
    },
};
use async_trait::async_trait;

#[async_trait]
impl Enrolment for Pages {
    async fn notice_page(&self, facts: Facts) -> Reply<Page<NoticeView>> {
        let step = self.reply(self.services.notice_page(&visitor(&facts)).await)?;
        let Step::Done(notice) = step else {
            return Ok(Self::instead(step));
        };
        let mut form = self.form(Form::Notice, &facts);
        if notice.ended == Some(Ended::Replaced) && !form.is_rejected() {
            form.add("", Problem::Gone);
        }
        Ok(Page::Show(NoticeView {
            form,
            required: notice.required,
            voids_another: notice.voids_another,
            expired: notice.ended == Some(Ended::Expired),
        }))
    }

    async fn begin(&self, facts: Facts) -> Reply<Answer> {
        let step = self.reply(self.services.begin(&visitor(&facts)).await)?;
        Ok(match step {
            Step::Done(Begun::New(token)) => Answer::to(routes::ENROL)
                .set(CookieKind::Enrolment, token.expose(), Some(86_400))
                .drop(CookieKind::Form),
            Step::Done(Begun::Same) => Answer::to(routes::ENROL),
            Step::Done(Begun::NeedsApproval) => {
                back_with(&self.services, Form::Notice, "", Problem::NeedsApproval)
            }
            other => self.otherwise(other),
        })
    }

    async fn enrol_page(&self, facts: Facts) -> Reply<Page<EnrolView>> {
        let step = self.reply(self.services.enrol_page(&visitor(&facts)).await)?;
        let Step::Done(enrol) = step else {
            return Ok(Self::instead(step));
        };
        let settings = self.services.settings();
        Ok(Page::Show(EnrolView {
            form: self.form(Form::Enrol, &facts),
            uri: enrol.secret.uri(&settings.label, &enrol.account),
            setup_key: enrol.secret.setup_key(),
            entry: settings.label.clone(),
            suffixes: settings.suffixes.names().to_vec(),
            session_until: enrol.until.0,
        }))
    }

    async fn submit(&self, facts: Facts, form: EnrolForm) -> Reply<Answer> {
        let services = &self.services;
        let step = self.reply(
            services
                .submit(&visitor(&facts), &form.code, &form.email, &form.confirmed)
                .await,
        )?;
        Ok(match step {
            Step::Done(Submitted::Mailed) => Answer::to(routes::MAIL_SENT).drop(CookieKind::Form),
            Step::Done(Submitted::Mend { code, address }) => {
                let mut state = FormState::default();
                if let Some(trouble) = code {
                    state.add("code", words::code_problem(trouble));
                }
                if let Some(trouble) = address {
                    state.add("email", words::address_problem(trouble));
                }
                let state = keep_address(services, state, &form.email, &form.confirmed);
                back(services, Form::Enrol, state)
            }
            Step::Done(Submitted::Wait(until)) => {
                let state = FormState::with("", Problem::ResendWait { until: until.0 });
                let state = keep_address(services, state, &form.email, &form.confirmed);
                back(services, Form::Enrol, state)
            }
            other => self.otherwise(other),
        })
    }

    async fn extend(&self, facts: Facts, email: String, confirmed: String) -> Reply<Answer> {
        let services = &self.services;
        let step = self.reply(services.extend(&visitor(&facts)).await)?;
        Ok(match step {
            Step::Done(()) => {
                let state = keep_address(services, FormState::done(), &email, &confirmed);
                back(services, Form::Enrol, state)
            }
            other => self.otherwise(other),
        })
    }

    async fn mail_sent_page(&self, facts: Facts) -> Reply<Page<MailSentView>> {
        let step = self.reply(self.services.mail_sent_page(&visitor(&facts)).await)?;
        let mail = match step {
            Step::Done(mail) => mail,
            // this browser's own enrolment was confirmed: that is what it waits for
            Step::Gone => return Ok(Page::Go(routes::ACTIVATED.to_owned())),
            other => return Ok(Self::instead(other)),
        };
        let now = self.services.now();
        Ok(Page::Show(MailSentView {
            form: self.form(Form::MailSent, &facts),
            address: mail.address,
            link_until: mail.link_until.0,
            link_over: now >= mail.link_until,
            mail: words::mail(mail.mail),
            resend_at: mail.resend_at.0,
            may_resend: now >= mail.resend_at,
            provisional_left: mail.provisional_left,
            signed_in: mail.signed_in,
        }))
    }

    async fn progress(&self, facts: Facts) -> Reply<Progress> {
        let waiting = self.reply(self.services.progress(&visitor(&facts)).await)?;
        let locale = self.locale(&facts);
        Ok(match waiting {
            Waiting::Mail(state) => waiting_progress(&locale, words::mail(state), false),
            Waiting::LinkOver => waiting_progress(&locale, MailProgress::Queued, true),
            Waiting::Activated => Progress {
                heading: String::new(),
                sentence: String::new(),
                go: Some(routes::ACTIVATED.to_owned()),
            },
            Waiting::Over => Progress {
                heading: String::new(),
                sentence: String::new(),
                go: Some(routes::NOTICE.to_owned()),
            },
        })
    }

    async fn resend(&self, facts: Facts) -> Reply<Answer> {
        let step = self.reply(self.services.resend(&visitor(&facts)).await)?;
        Ok(match step {
            Step::Done(wait) => self.wait_answer(wait, Form::MailSent),
            other => self.otherwise(other),
        })
    }

    async fn change_address_page(&self, facts: Facts) -> Reply<Page<ChangeAddressView>> {
        let step = self.reply(self.services.change_address_page(&visitor(&facts)).await)?;
        let Step::Done(address) = step else {
            return Ok(Self::instead(step));
        };
        Ok(Page::Show(ChangeAddressView {
            form: self.form(Form::ChangeAddress, &facts),
            address,
            suffixes: self.services.settings().suffixes.names().to_vec(),
        }))
    }

    async fn change_address(
        &self,
        facts: Facts,
        email: String,
        confirmed: String,
    ) -> Reply<Answer> {
        let services = &self.services;
        let step = self.reply(
            services
                .change_address(&visitor(&facts), &email, &confirmed)
                .await,
        )?;
        Ok(match step {
            Step::Done(Ok(wait)) => self.wait_answer(wait, Form::ChangeAddress),
            Step::Done(Err(trouble)) => {
                let state = FormState::with("email", words::address_problem(trouble));
                let state = keep_address(services, state, &email, &confirmed);
                back(services, Form::ChangeAddress, state)
            }
            other => self.otherwise(other),
        })
    }

    async fn cancel(&self, facts: Facts) -> Reply<Answer> {
        let step = self.reply(self.services.cancel(&visitor(&facts)).await)?;
        Ok(match step {
            Step::Done(Stage::Full) => Answer::to(routes::HOME)
                .drop(CookieKind::Enrolment)
                .drop(CookieKind::Form),
            Step::Done(Stage::Password) => Answer::to(routes::SIGN_IN)
                .drop(CookieKind::Session)
                .drop(CookieKind::Enrolment)
                .drop(CookieKind::Form),
            other => self.otherwise(other),
        })
    }

    async fn link_page(&self, _facts: Facts, token: String) -> Reply<Page<LinkView>> {
        let found = self.reply(self.services.link_page(&token).await)?;
        Ok(Page::Show(match found {
            Err(refusal) => LinkView::Refused(words::refusal(refusal)),
            Ok(link) => LinkView::Ask {
                token,
                who: link.who,
                at: link.at.0,
                browser: link.browser,
                address: link.address,
                until: link.until.0,
            },
        }))
    }

    async fn confirm(&self, facts: Facts, token: String) -> Reply<Answer> {
        let confirmed = self.reply(self.services.confirm(&visitor(&facts), &token).await)?;
        let receipt_for = self.services.settings().enrolments.receipt.0;
        Ok(match confirmed {
            Ok(receipt) => Answer::to(routes::ACTIVATED).set(
                CookieKind::Receipt,
                receipt.expose(),
                Some(receipt_for),
            ),
            Err(_) => Answer::to(link_again(&token, routes::activation_link)),
        })
    }

    async fn deny(&self, facts: Facts, token: String) -> Reply<Answer> {
        let denied = self.reply(self.services.deny(&visitor(&facts), &token).await)?;
        Ok(Answer::to(match denied {
            Ok(()) => routes::DENIED.to_owned(),
            Err(_) => link_again(&token, routes::activation_link),
        }))
    }

    async fn activated_page(&self, facts: Facts) -> Reply<Page<Option<ActivatedView>>> {
        let found = self.reply(self.services.activated_page(&visitor(&facts)).await)?;
        Ok(Page::Show(found.map(|activated| ActivatedView {
            sync: words::sync_report(&activated, &self.locale(&facts)),
            may_enter: activated.may_enter,
            entry: self.services.settings().label.clone(),
        })))
    }

    async fn sync_progress(&self, facts: Facts) -> Reply<SyncReport> {
        let found = self.reply(self.services.activated_page(&visitor(&facts)).await)?;
        let activated = found.ok_or(ApiError::Gone)?;
        Ok(words::sync_report(&activated, &self.locale(&facts)))
    }

    async fn not_me_page(&self, _facts: Facts, token: String) -> Reply<Page<NotMeView>> {
        let found = self.reply(self.services.not_me_page(&token).await)?;
        Ok(Page::Show(match found {
            Err(refusal) => NotMeView::Refused(words::refusal(refusal)),
            Ok(asked) => NotMeView::Ask {
                token,
                who: asked.who,
                activated: asked.activated,
            },
        }))
    }

    async fn not_me(&self, facts: Facts, token: String) -> Reply<Answer> {
        let done = self.reply(self.services.not_me(&visitor(&facts), &token).await)?;
        Ok(Answer::to(match done {
            Ok(()) => routes::REPORTED.to_owned(),
            Err(_) => link_again(&token, routes::not_me_link),
        }))
    }
}

/// The address as it was typed, and the answer to the question about it while it is one: a
/// suggestion that was taken stands in the field from then on. An answer about an address that was
/// edited since is none.
fn keep_address(services: &Services, state: FormState, email: &str, confirmed: &str) -> FormState {
    let bounded = |text: &str| text.chars().take(320).collect::<String>();
    let (email, confirmed) = (bounded(email), bounded(confirmed));
    let judged = services.judge_address(&email, &confirmed);
    if judged.is_ok_and(|address| address.as_typed() == confirmed.trim()) {
        state
            .keep("email", &confirmed)
            .keep("confirmed", &confirmed)
    } else {
        state.keep("email", &email)
    }
}

/// The link's own page says why it does not work; what was posted is only put into a path when it
/// has the shape of a token.
fn link_again(token: &str, page: fn(&str) -> String) -> String {
    page(Token::parse(token).as_ref().map_or("usado", Token::expose))
}
