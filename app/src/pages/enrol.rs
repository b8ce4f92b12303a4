//! The enrol page: QR code, setup key, first code and email. It is the only page with a secret (R6).

use crate::api::enrolment::{CancelEnrolment, ExtendSession, SubmitEnrolment};
use crate::components::action;
use crate::components::copy_key::CopyKey;
use crate::components::ending::Ending;
use crate::components::field::Kind;
use crate::components::frame::{Done, DrawnPage};
use crate::components::island::Island;
use crate::components::problems::PageForm;
use crate::components::qr_code::qr_code;
use crate::components::shops::authenticator_shops;
use crate::model::UnixTime;
use crate::page_context::PageContext;
use crate::view::FormState;
use leptos::either::Either;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The enrol page, the only view with a secret (R6).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolView {
    /// The form as it comes back.
    pub form: FormState,
    /// The `otpauth://` URI of the QR code and the link.
    pub uri: String,
    /// Setup key: 32 base32 characters.
    pub setup_key: String,
    /// Account label in the authenticator app: `e-Proc/JMU`.
    pub account_label: String,
    /// The confirmed personal email, masked, to which the link goes; `None` when the address is asked for.
    pub known_email: Option<String>,
    /// Domains whose addresses are not personal.
    pub suffixes: Vec<String>,
    /// When the password-only session ends.
    pub session_until: UnixTime,
}

/// Four steps: open the app, add the account, type the code, give the personal email; in two columns on a wide screen. After
/// a refusal the account is in the app already, so the fields come first, then possible causes, and the first two steps are
/// folded away.
pub fn draw(page_context: &PageContext, view: &EnrolView) -> DrawnPage<impl IntoView + use<>> {
    let t = page_context.texts();
    let until = page_context.locale.until(view.session_until);
    // a single message about the code stands directly above its field
    let below_summary: &[&str] = if view.form.problems.len() == 1 {
        &["code"]
    } else {
        &[]
    };
    let form = PageForm::new(page_context, &view.form, below_summary);
    let typed = typed_acts(form, view);
    let cures = form.code_cures(&view.account_label);
    let app = app_acts(page_context, view);
    let (before, after) = if view.form.is_rejected() {
        let after = view! {
            <div class="after">
                {cures}
                // opens the part that follows
                <details class="more">
                    <summary>{t.enrol_again()}</summary>
                </details>
                {app}
            </div>
        };
        (None, Some(after))
    } else {
        (Some(app), None)
    };
    form.frame(t.enrol_title()).with_step(2).around(view! {
        <h1>{t.enrol_title()}</h1>
        {view.form.is_done().then(|| view! {
            <Done sentence=page_context.fill(t.enrol_extended(), &[("until", &until)])/>
        })}
        <form class="enrol" method="post" action={action::<SubmitEnrolment>()} novalidate>
            {before}
            {typed}
            {after}
        </form>
    })
}

/// The steps in the app. On a phone the first one opens the app, and the QR code is folded away because a phone cannot scan
/// its own screen. On a wide screen the phone is another device.
fn app_acts(page_context: &PageContext, view: &EnrolView) -> impl IntoView + use<> {
    let t = page_context.texts();
    let key = key(page_context, view);
    view! {
        <ol class="acts">
            <li class="act-app">
                <p class="alone">
                    <a class="button primary" href=view.uri.clone()>{t.enrol_open_app()}</a>
                </p>
                // opens what follows: the sentence below and the next step
                <details class="more other-device">
                    <summary>{t.enrol_other_device()}</summary>
                </details>
                <p class="camera">{t.enrol_add()}</p>
                <details class="more">
                    <summary>{t.enrol_no_app()}</summary>
                    <p>{t.enrol_no_app_help()}</p>
                    {authenticator_shops()}
                </details>
            </li>
            <li class="act-scan">
                <p>{t.enrol_scan()}</p>
                <div class="qr">{qr_code(&view.uri, t.enrol_qr_alt())}</div>
                <details class="more">
                    <summary>{t.enrol_cannot_scan()}</summary>
                    {key}
                </details>
            </li>
        </ol>
    }
}

/// The steps with fields, with what was wrong.
fn typed_acts(form: PageForm<'_>, view: &EnrolView) -> impl IntoView + use<> {
    let page_context = form.page_context;
    let t = page_context.texts();
    let rule = page_context.email_rule(&view.suffixes);
    view! {
        <div class="typed">
            {form.summary()}
            <ol class="acts">
                <li>{form.field(Kind::Code, t.code_label(), "")}</li>
                <li>
                    {match &view.known_email {
                        Some(email) => Either::Left(view! {
                            <p>{page_context.fill(t.enrol_known_email(), &[("email", email)])}</p>
                        }),
                        None => Either::Right(view! {
                            {form.field(Kind::Email, t.email_label(), &rule)}
                            {super::address_question(form)}
                        }),
                    }}
                    {end(page_context, view.session_until)}
                </li>
            </ol>
        </div>
    }
}

/// The primary button and what follows it. All is in the same form, so that what was typed is kept.
fn end(page_context: &PageContext, session_until: i64) -> impl IntoView + use<> {
    let t = page_context.texts();
    let until = page_context.locale.until(session_until);
    let ending = Island::Ending(Ending {
        seconds: session_until - page_context.locale.now,
        text: t.enrol_ending().to_owned(),
    });
    view! {
        <div class="actions">
            <button class="button primary send">{t.enrol_send()}</button>
        </div>
        <p class="small muted">{t.email_purpose()}</p>
        <p class="small muted">{page_context.fill(t.enrol_session(), &[("until", &until)])}</p>
        {ending.place()}
        <div class="actions quiet-row">
            <button class="button quiet" formaction={action::<ExtendSession>()}>
                {t.enrol_extend()}
            </button>
            <button class="button quiet" formaction={action::<CancelEnrolment>()}>
                {t.cancel()}
            </button>
        </div>
    }
}

/// The setup key in groups of four, with a button that copies it. It serves the same purpose as the QR code.
fn key(page_context: &PageContext, view: &EnrolView) -> impl IntoView + use<> {
    let t = page_context.texts();
    let help = page_context.fill(t.enrol_key_help(), &[("entry", &view.account_label)]);
    let groups = view
        .setup_key
        .as_bytes()
        .chunks(4)
        .map(|group| view! { <li>{String::from_utf8_lossy(group).into_owned()}</li> })
        .collect_view();
    let copy = Island::CopyKey(CopyKey {
        key: view.setup_key.clone(),
        label: t.enrol_copy().to_owned(),
        copied: t.enrol_copied().to_owned(),
        failed: t.enrol_copy_failed().to_owned(),
    });
    view! {
        <ol class="key" aria-label=t.enrol_key_label()>{groups}</ol>
        {copy.place()}
        <p>{help}</p>
    }
}
