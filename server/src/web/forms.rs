//! Forms that come back. A sealed cookie of two minutes carries the problems and the values that may be shown again; it opens
//! for its own form only and never has a password or one-time code (decision 5). Recovery codes that were just made are in such a
//! cookie until one is typed again, because the database keeps none that could be shown.

use crate::domain::SealContext;
use crate::services::Services;
use app::api::backend::{FormResponse, RequestContext};
use app::api::cookies::CookieKind;
use app::view::FormState;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// How long a form may come back, in seconds.
const LIFETIME: i64 = 120;
/// How long recovery codes that were just made may be shown again, in seconds: time to print them.
pub(super) const CODES_LIFETIME: i64 = 600;

/// The forms that can come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    SignIn,
    Code,
    Intro,
    Enrol,
    MailSent,
    ChangeEmail,
    LostPhone,
    StolenPhone,
    RecoveryLink,
    SupportDesk,
    Entry,
    RecoveryCodes,
    NewPhone,
    Authenticators,
    /// One more code, on whichever account page asks for it.
    Proof,
}

impl Form {
    /// Leads back to the form's page with its problems and the values that may be shown again.
    pub(super) fn send_back(self, services: &Services, state: FormState) -> FormResponse {
        self.send_back_to(services, state, self.path())
    }

    /// The same for a form that stands on more than one page.
    pub(super) fn send_back_to(
        self,
        services: &Services,
        state: FormState,
        path: &str,
    ) -> FormResponse {
        let returned = ReturnedForm {
            at: services.now().0,
            state,
        };
        let response = FormResponse::redirect(path);
        // plain data cannot fail here; if it did, the page would lack its message but not its form
        let Ok(json) = serde_json::to_vec(&returned) else {
            return response;
        };
        let sealed = services.sealer().seal(self.seal_context(), &json);
        let value = BASE64URL_NOPAD.encode(&sealed);
        response.set_cookie(CookieKind::Form, value, Some(self.lifetime()))
    }

    /// The form that came back for this page. A cookie that is old, damaged or of another form gives an empty one.
    pub(super) fn come_back(self, services: &Services, context: &RequestContext) -> FormState {
        let open = || {
            let cookie = context.cookies.form.as_deref()?;
            let sealed = BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?;
            let plain = services.sealer().open(self.seal_context(), &sealed).ok()?;
            let returned: ReturnedForm = serde_json::from_slice(plain.expose()).ok()?;
            let age = services.now().0 - returned.at;
            (0..self.lifetime())
                .contains(&age)
                .then_some(returned.state)
        };
        open().unwrap_or_default()
    }

    const fn lifetime(self) -> i64 {
        match self {
            Self::RecoveryCodes => CODES_LIFETIME,
            _ => LIFETIME,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Code => "code",
            Self::Intro => "intro",
            Self::Enrol => "enrol",
            Self::MailSent => "mail-sent",
            Self::ChangeEmail => "change-address",
            Self::LostPhone => "lost-phone",
            Self::StolenPhone => "stolen-phone",
            Self::RecoveryLink => "recovery-link",
            Self::SupportDesk => "support-desk",
            Self::Entry => "entry",
            Self::RecoveryCodes => "recovery-codes",
            Self::NewPhone => "new-phone",
            Self::Authenticators => "authenticators",
            Self::Proof => "proof",
        }
    }

    const fn path(self) -> &'static str {
        use app::routes;
        match self {
            // the second one stands on a page with a token in its path
            Self::SignIn | Self::RecoveryLink => routes::SIGN_IN,
            Self::Code => routes::CODE,
            Self::Intro => routes::INTRO,
            Self::Enrol => routes::ENROL,
            Self::MailSent => routes::MAIL_SENT,
            Self::ChangeEmail => routes::CHANGE_EMAIL,
            Self::LostPhone => routes::LOST_PHONE,
            Self::StolenPhone => routes::STOLEN_PHONE,
            Self::SupportDesk | Self::Entry => routes::SUPPORT_DESK,
            Self::RecoveryCodes => routes::RECOVERY_CODES,
            Self::NewPhone => routes::NEW_PHONE,
            Self::Authenticators => routes::AUTHENTICATORS,
            Self::Proof => routes::ACCOUNT,
        }
    }

    const fn seal_context(self) -> SealContext<'static> {
        SealContext::new("cookie", self.name(), "form")
    }
}

#[derive(Serialize, Deserialize)]
struct ReturnedForm {
    at: i64,
    state: FormState,
}
