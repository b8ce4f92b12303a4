//! The pages' backend over the use cases: request facts in, views and answers out.

mod enrolment;
mod sign_in;

use super::{
    forms::{Form, back, back_with, carried},
    words,
};
use crate::{
    domain::{language::Language, time::Timestamp, token::Token},
    services::{Fault, Services, Visitor, enrolment::Step},
};
use app::{
    api::{
        backend::{Answer, CookieKind, Facts, Page, Reply},
        error::ApiError,
    },
    routes,
    text::{Lang, Locale},
    view::{FormState, Problem},
};
use std::sync::Arc;

/// One instance's use cases, as the pages call them.
#[derive(Clone)]
pub(super) struct Pages {
    pub services: Arc<Services>,
    pub utc_offset_hours: i8,
    pub system_url: Option<String>,
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
        language: if facts.lang == Lang::En {
            Language::En
        } else {
            Language::Pt
        },
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
    #[expect(clippy::needless_pass_by_value, reason = "a step is answered once")]
    fn otherwise<T>(&self, step: Step<T>) -> Answer {
        match step {
            Step::SessionOver => self.session_over(),
            Step::Elsewhere(next) => Answer::to(words::path(next)),
            Step::Done(_) | Step::Gone => {
                back_with(&self.services, Form::Notice, "", Problem::Gone)
            }
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a step is answered once")]
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
            Some(until) => back_with(
                &self.services,
                form,
                "",
                Problem::ResendWait { until: until.0 },
            ),
            None => back(&self.services, Form::MailSent, FormState::done()),
        }
    }
}
