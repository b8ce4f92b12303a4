//! Signing in and out, home.

use super::{Pages, visitor};
use crate::{
    domain::{secret::SecretText, session::Purpose},
    services::{
        account::{FactorState, HomePage},
        sign_in::{CodeOutcome, CodePage, LONGEST_LOGIN, LONGEST_PASSWORD, PasswordOutcome},
    },
    web::{
        forms::{Form, back, back_with},
        words,
    },
};
use app::{
    api::backend::{Answer, CookieKind, Facts, Intent, Page, Reply, SignIn},
    routes,
    view::{CodeView, FactorView, FormState, HomeView, Problem, SignInView},
};
use async_trait::async_trait;

/// A year: a browser stays known that long.
const KNOWN_FOR: i64 = 365 * 86_400;

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

    async fn sign_in(
        &self,
        facts: Facts,
        login: String,
        password: String,
        intent: Intent,
    ) -> Reply<Answer> {
        let services = &self.services;
        let mut form = FormState::default();
        for (field, value, most) in [
            ("login", &login, LONGEST_LOGIN),
            ("password", &password, LONGEST_PASSWORD),
        ] {
            if value.is_empty() {
                form.add(field, Problem::Missing);
            } else if value.len() > most {
                form.add(field, Problem::TooLong);
            }
        }
        let typed: String = login.chars().take(LONGEST_LOGIN).collect();
        let again = |form: FormState| {
            let form = form.keep("login", &typed).keep("intent", intent.code());
            Ok(back(services, Form::SignIn, form))
        };
        if form.is_rejected() {
            return again(form);
        }
        let purpose = match intent {
            Intent::Enter => Purpose::Enter,
            Intent::SecondFactor => Purpose::SecondFactor,
        };
        let outcome = services
            .sign_in(&visitor(&facts), &login, SecretText::new(password), purpose)
            .await;
        let (field, problem) = match self.reply(outcome)? {
            PasswordOutcome::In {
                session,
                browser,
                next,
            } => {
                let answer = Answer::to(words::path(next))
                    .set(CookieKind::Session, session.expose(), None)
                    .drop(CookieKind::Form);
                return Ok(match browser {
                    Some(browser) => {
                        answer.set(CookieKind::Browser, browser.expose(), Some(KNOWN_FOR))
                    }
                    None => answer,
                });
            }
            PasswordOutcome::Mismatch => ("login", Problem::Credentials),
            PasswordOutcome::Locked { until } => (
                "",
                Problem::Locked {
                    until: until.map(|t| t.0),
                },
            ),
            PasswordOutcome::Blocked => ("", Problem::Blocked),
        };
        again(FormState::with(field, problem))
    }

    async fn code_page(&self, facts: Facts) -> Reply<Page<CodeView>> {
        let page = self.reply(self.services.code_page(&visitor(&facts)).await)?;
        Ok(match page {
            CodePage::SessionOver => Page::Go(routes::SIGN_IN.to_owned()),
            CodePage::Go(next) => Page::Go(words::path(next).to_owned()),
            CodePage::Ask(asked) => Page::Show(CodeView {
                form: self.form(Form::Code, &facts),
                sigla: asked.sigla,
                entry: asked.entry,
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
            CodeOutcome::In {
                session,
                browser,
                next,
            } => {
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
        Ok(Answer::to(routes::SIGN_IN)
            .drop(CookieKind::Session)
            .drop(CookieKind::Form))
    }

    async fn home_page(&self, facts: Facts) -> Reply<Page<HomeView>> {
        let page = self.reply(self.services.home_page(&visitor(&facts)).await)?;
        Ok(match page {
            HomePage::SignedOut => Page::Go(routes::SIGN_IN.to_owned()),
            HomePage::Go(next) => Page::Go(words::path(next).to_owned()),
            HomePage::Show(home) => Page::Show(HomeView {
                name: home.person.name,
                sigla: home.person.sigla,
                profiles: home
                    .person
                    .profiles
                    .iter()
                    .map(|p| p.as_str().to_owned())
                    .collect(),
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
                system_url: self.system_url.clone(),
            }),
        })
    }
}
