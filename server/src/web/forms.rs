//! Forms that come back: what was wrong and what may be shown again travels in a sealed cookie of
//! two minutes, bound to its form (house decision 5). Never a password or code.

use crate::{domain::vault::Place, services::Services};
use app::{
    api::backend::{Answer, CookieKind},
    view::{FormState, Problem},
};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// How long a form may come back, in seconds.
const LIFETIME: i64 = 120;

/// The forms there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    SignIn,
    Code,
    Notice,
    Enrol,
    MailSent,
    ChangeAddress,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Code => "code",
            Self::Notice => "notice",
            Self::Enrol => "enrol",
            Self::MailSent => "mail-sent",
            Self::ChangeAddress => "change-address",
        }
    }

    const fn path(self) -> &'static str {
        use app::routes;
        match self {
            Self::SignIn => routes::SIGN_IN,
            Self::Code => routes::CODE,
            Self::Notice => routes::NOTICE,
            Self::Enrol => routes::ENROL,
            Self::MailSent => routes::MAIL_SENT,
            Self::ChangeAddress => routes::CHANGE_ADDRESS,
        }
    }

    const fn place(self) -> Place<'static> {
        Place {
            table: "cookie",
            purpose: self.name(),
            row: "form",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Carried {
    at: i64,
    form: FormState,
}

/// Leads back to the form's page with what was wrong.
pub(super) fn back(services: &Services, form: Form, state: FormState) -> Answer {
    let carried = Carried {
        at: services.now().0,
        form: state,
    };
    let json = serde_json::to_vec(&carried).unwrap_or_default();
    let sealed = services.store().sealer().seal(form.place(), &json);
    Answer::to(form.path()).set(
        CookieKind::Form,
        BASE64URL_NOPAD.encode(&sealed),
        Some(LIFETIME),
    )
}

/// Leads back with one problem.
pub(super) fn back_with(services: &Services, form: Form, field: &str, problem: Problem) -> Answer {
    back(services, form, FormState::with(field, problem))
}

/// The form that came back for this page; anything else, old or damaged is none.
pub(super) fn carried(services: &Services, form: Form, cookie: Option<&str>) -> FormState {
    let open = || {
        let sealed = BASE64URL_NOPAD.decode(cookie?.as_bytes()).ok()?;
        let plain = services.store().sealer().open(form.place(), &sealed).ok()?;
        let carried: Carried = serde_json::from_slice(plain.expose()).ok()?;
        let age = services.now().0 - carried.at;
        (0..LIFETIME).contains(&age).then_some(carried.form)
    };
    open().unwrap_or_default()
}
