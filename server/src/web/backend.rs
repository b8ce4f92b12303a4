//! The pages' backend over the use cases: request facts in, views and answers out.

use super::{
    forms::{Form, back, back_with, carried},
    words,
};
use crate::{
    domain::{
        language::Language,
        secret::SecretText,
        session::{Purpose, Stage},
        time::Timestamp,
        token::Token,
    },
    services::{
        Fault, Services, Visitor,
        account::{FactorState, HomePage},
        enrolment::{Begun, Step, Submitted, Waiting},
        sign_in::{CodeOutcome, CodePage, LONGEST_LOGIN, LONGEST_PASSWORD, PasswordOutcome},
    },
};
use app::{
    api::{
        backend::{
            Answer, CookieKind, EnrolForm, Enrolment, Facts, Intent, Page, Reply, SignIn,
        },
        error::ApiError,
    },
    pages::mail_sent::mail_sentence,
    routes,
    text::{Lang, Locale},
    view::{
        ActivatedView, ChangeAddressView, CodeView, EnrolView, FactorView, FormState, HomeView,
        LinkView, MailSentView, NotMeView, NoticeView, Problem, Progress, SignInView, SyncReport,
    },
};
use async_trait::async_trait;
use std::sync::Arc;

/// A year: a browser stays known that long.
const KNOWN_FOR: i64 = 365 * 86_400;

/// One instance's use cases, as the pages call them.
#[derive(Clone)]
pub(super) struct Pages {
    pub services: Arc<Services>,
    pub utc_offset_hours: i8,
}

fn visitor(facts: &Facts) -> Visitor {
    let token = |cookie: &Option<String>| cookie.as_deref().and_then(Token::parse);
    Visitor {
        session: token(&facts.session),
        enrolment: token(&facts.enrolment),
        receipt: token(&facts.receipt),
        browser: token(&facts.browser),
        user_agent: facts.user_agent.clone(),
        address: facts.address.clone(),
        language: if facts.lang == Lang::En { Language::En } else { Language::Pt },
    }
}

impl Pages {
    /// Logs the cause once, under a reference that the user can quote (house decision 4).
    fn fault(&self, error: &Fault) -> ApiError {
        let mut reference = self.services.store().sealer().row_id();
        reference.truncate(8);
        tracing::error!(%error, %reference, "a use case failed");
        ApiError::Unavailable { reference }
    }

    fn reply<T>(&self, outcome: Result<T, Fault>) -> Reply<T> {
        outcome.map_err(|error| self.fault(&error))
    }

    fn locale(&self, facts: &Facts) -> Locale {
        Locale {
            lang: facts.lang,
            utc_offset_hours: self.utc_offset_hours,
            now: self.services.now().0,
        }
    }

    fn form(&self, form: Form, facts: &Facts) -> FormState {
        carried(&self.services, form, facts.form.as_deref())
    }

    fn session_over(&self) -> Answer {
        back_with(&self.services, Form::SignIn, "", Problem::SessionOver).drop(CookieKind::Session)
    }

    /// The way on of a step that was not done.
    fn otherwise<T>(&self, step: Step<T>) -> Answer {
        match step {
            Step::SessionOver => self.session_over(),
            Step::Elsewhere(next) => Answer::to(words::path(next)),
            Step::Done(_) | Step::Gone => {
                back_with(&self.services, Form::Notice, "", Problem::Gone)
            }
        }
    }

    fn instead<T, V>(step: Step<T>) -> Page<V> {
        Page::Go(
            match step {
                Step::SessionOver => routes::SIGN_IN,
                Step::Elsewhere(next) => words::path(next),
                Step::Done(_) | Step::Gone => routes::NOTICE,
            }
            .to_owned(),
        )
    }

    fn wait_answer(&self, wait: Option<Timestamp>, form: Form) -> Answer {
        match wait {
            Some(until) => {
                back_with(&self.services, form, "", Problem::ResendWait { until: until.0 })
            }
            None => Answer::to(routes::MAIL_SENT).drop(CookieKind::Form),
        }
    }
}

#[async_trait]
impl SignIn for Pages {
    async fn sign_in_page(&self, facts: Facts) -> Reply<Page<SignInView>> {
        let form = self.form(Form::SignIn, &facts);
        if !form.is_rejected() {
            let home = self.reply(self.services.home_page(&visitor(&facts)).await)?;
            if let HomePage::Show(_) = home {
                return Ok(Page::Go(routes::HOME.to_owned()));
            }
        }
        Ok(Page::Show(SignInView { form }))
    }

    async fn sign_in(&self, facts: Facts, login: String, password: String, intent: Intent) -> Reply<Answer> {
        let services = &self.services;
        let mut form = FormState::default();
        for (field, value, most) in
            [("login", &login, LONGEST_LOGIN), ("password", &password, LONGEST_PASSWORD)]
        {
            if value.is_empty() {
                form.add(field, Problem::Missing);
            } else if value.len() > most {
                form.add(field, Problem::TooLong);
            }
        }
        let typed: String = login.chars().take(LONGEST_LOGIN).collect();
        if form.is_rejected() {
            return Ok(back(services, Form::SignIn, form.keep("login", &typed)));
        }
        let purpose = match intent {
            Intent::Enter => Purpose::Enter,
            Intent::SecondFactor => Purpose::SecondFactor,
        };
        let outcome = services
            .sign_in(&visitor(&facts), &login, SecretText::new(password), purpose)
            .await;
        let (field, problem) = match self.reply(outcome)? {
            PasswordOutcome::In { session, next } => {
                return Ok(Answer::to(words::path(next))
                    .set(CookieKind::Session, session.expose(), None)
                    .drop(CookieKind::Form));
            }
            PasswordOutcome::Mismatch => ("login", Problem::Credentials),
            PasswordOutcome::Locked { until } => {
                ("", Problem::Locked { until: until.map(|t| t.0) })
            }
            PasswordOutcome::Blocked => ("", Problem::Blocked),
        };
        Ok(back(services, Form::SignIn, FormState::with(field, problem).keep("login", &typed)))
    }

    async fn code_page(&self, facts: Facts) -> Reply<Page<CodeView>> {
        let page = self.reply(self.services.code_page(&visitor(&facts)).await)?;
        Ok(match page {
            CodePage::SessionOver => Page::Go(routes::SIGN_IN.to_owned()),
            CodePage::Go(next) => Page::Go(words::path(next).to_owned()),
            CodePage::Ask(asked) => Page::Show(CodeView {
                form: self.form(Form::Code, &facts),
                sigla: asked.sigla,
                entry: self.services.settings().label.clone(),
                locked: asked.locked.map(|until| until.map(|t| t.0)),
                provisional_left: asked.provisional_left,
            }),
        })
    }

    async fn verify_code(&self, facts: Facts, code: String) -> Reply<Answer> {
        let services = &self.services;
        if code.trim().is_empty() {
            return Ok(back_with(services, Form::Code, "code", Problem::Missing));
        }
        let outcome = self.reply(services.verify_code(&visitor(&facts), &code).await)?;
        let problem = match outcome {
            CodeOutcome::In { session, browser, next } => {
                return Ok(Answer::to(words::path(next))
                    .set(CookieKind::Session, session.expose(), None)
                    .set(CookieKind::Browser, browser.expose(), Some(KNOWN_FOR))
                    .drop(CookieKind::Form));
            }
            CodeOutcome::SessionOver => return Ok(self.session_over()),
            CodeOutcome::NothingToAsk(next) => return Ok(Answer::to(words::path(next))),
            // one page for a right and a wrong code: the page itself says how long
            CodeOutcome::Locked => return Ok(Answer::to(routes::CODE).drop(CookieKind::Form)),
            CodeOutcome::Shape => Problem::CodeShape,
            CodeOutcome::Wrong => Problem::CodeWrong,
            CodeOutcome::Used => Problem::CodeUsed,
            CodeOutcome::ClockOff { steps } => words::clock_off(steps),
        };
        Ok(back_with(services, Form::Code, "code", problem))
    }

    async fn sign_out(&self, facts: Facts) -> Reply<Answer> {
        self.reply(self.services.sign_out(&visitor(&facts)).await)?;
        Ok(Answer::to(routes::SIGN_IN).drop(CookieKind::Session).drop(CookieKind::Form))
    }

    async fn home_page(&self, facts: Facts) -> Reply<Page<HomeView>> {
        let page = self.reply(self.services.home_page(&visitor(&facts)).await)?;
        Ok(match page {
            HomePage::SignedOut => Page::Go(routes::SIGN_IN.to_owned()),
            HomePage::Go(next) => Page::Go(words::path(next).to_owned()),
            HomePage::Show(home) => Page::Show(HomeView {
                name: home.person.name,
                sigla: home.person.sigla,
                profiles: home.person.profiles.iter().map(|p| p.as_str().to_owned()).collect(),
                previous_sign_in: home.person.previous_sign_in_at.map(|t| t.0),
                factor: match home.factor {
                    FactorState::Active(factor) => FactorView::Active {
                        since: factor.created_at.0,
                        origin: factor.origin,
                        last_used: factor.last_used_at.map(|t| t.0),
                    },
                    FactorState::Pending => FactorView::Pending,
                    FactorState::None => FactorView::None,
                },
                required: home.required,
                peers: words::peers(home.sync),
                provisional: home.provisional,
                email: home.email,
            }),
        })
    }
}

#[async_trait]
impl Enrolment for Pages {
    async fn notice_page(&self, facts: Facts) -> Reply<Page<NoticeView>> {
        let step = self.reply(self.services.notice_page(&visitor(&facts)).await)?;
        let Step::Done(notice) = step else { return Ok(Self::instead(step)) };
        let mut form = self.form(Form::Notice, &facts);
        if notice.was_replaced && !form.is_rejected() {
            form.add("", Problem::Gone);
        }
        Ok(Page::Show(NoticeView {
            form,
            required: notice.required,
            voids_another: notice.voids_another,
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
        let Step::Done(enrol) = step else { return Ok(Self::instead(step)) };
        let settings = self.services.settings();
        Ok(Page::Show(EnrolView {
            form: self.form(Form::Enrol, &facts),
            uri: enrol.secret.uri(&settings.label, &enrol.account),
            setup_key: enrol.secret.setup_key(),
            entry: settings.label.clone(),
            suffixes: settings.suffix_names.clone(),
            session_until: enrol.session_until.0,
        }))
    }

    async fn submit(&self, facts: Facts, form: EnrolForm) -> Reply<Answer> {
        let services = &self.services;
        let step = self.reply(
            services
                .submit(&visitor(&facts), &form.code, &form.email, &form.confirmed)
                .await,
        )?;
        let typed: String = form.email.chars().take(320).collect();
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
                back(services, Form::Enrol, state.keep("email", &typed))
            }
            Step::Done(Submitted::Wait(until)) => {
                let state = FormState::with("", Problem::ResendWait { until: until.0 });
                back(services, Form::Enrol, state.keep("email", &typed))
            }
            other => self.otherwise(other),
        })
    }

    async fn extend(&self, facts: Facts) -> Reply<Answer> {
        let step = self.reply(self.services.extend(&visitor(&facts)).await)?;
        Ok(match step {
            Step::Done(()) => Answer::to(routes::ENROL),
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
        }))
    }

    async fn progress(&self, facts: Facts) -> Reply<Progress> {
        let waiting = self.reply(self.services.progress(&visitor(&facts)).await)?;
        Ok(match waiting {
            Waiting::Mail(state) => Progress {
                sentence: mail_sentence(&self.locale(&facts), words::mail(state)),
                go: None,
            },
            Waiting::Activated => {
                Progress { sentence: String::new(), go: Some(routes::ACTIVATED.to_owned()) }
            }
            Waiting::Over => {
                Progress { sentence: String::new(), go: Some(routes::NOTICE.to_owned()) }
            }
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
        let Step::Done(address) = step else { return Ok(Self::instead(step)) };
        Ok(Page::Show(ChangeAddressView {
            form: self.form(Form::ChangeAddress, &facts),
            address,
            suffixes: self.services.settings().suffix_names.clone(),
        }))
    }

    async fn change_address(&self, facts: Facts, email: String, confirmed: String) -> Reply<Answer> {
        let services = &self.services;
        let step =
            self.reply(services.change_address(&visitor(&facts), &email, &confirmed).await)?;
        let typed: String = email.chars().take(320).collect();
        Ok(match step {
            Step::Done(Ok(wait)) => self.wait_answer(wait, Form::ChangeAddress),
            Step::Done(Err(trouble)) => {
                let state = FormState::with("email", words::address_problem(trouble));
                back(services, Form::ChangeAddress, state.keep("email", &typed))
            }
            other => self.otherwise(other),
        })
    }

    async fn cancel(&self, facts: Facts) -> Reply<Answer> {
        let step = self.reply(self.services.cancel(&visitor(&facts)).await)?;
        Ok(match step {
            Step::Done(Stage::Full) => {
                Answer::to(routes::HOME).drop(CookieKind::Enrolment).drop(CookieKind::Form)
            }
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
            Ok(asked) => NotMeView::Ask { token, who: asked.who, activated: asked.activated },
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

/// The link's own page says why it does not work; what was posted is only put into a path when it
/// has the shape of a token.
fn link_again(token: &str, page: fn(&str) -> String) -> String {
    page(Token::parse(token).as_ref().map_or("usado", Token::expose))
}
