//! Form fields: label, hint, error and input, connected for screen readers.

#![expect(clippy::needless_pass_by_value, reason = "a component owns its props")]

use super::island::Island;
use super::problems::{ErrorPlace, error_id};
use crate::page_context::PageContext;
use crate::view::{FormState, Problem};
use leptos::either::Either;
use leptos::prelude::*;

/// What a field is for; id, type and `autocomplete` follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Login,
    Password,
    /// One-time code (R27): one field without `maxlength`, numeric keyboard, spaces may be pasted.
    Code,
    /// One-time code or recovery code, whichever the person has.
    AnyCode,
    /// Recovery code: letters and digits; dashes and spaces may be typed.
    RecoveryCode,
    /// The name of an authenticator; may be empty.
    Label,
    /// The number of a request to get in.
    EntryNumber,
    /// Why a member of the support team does something.
    Reason,
    Email,
}

impl Kind {
    const fn id(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Password => "password",
            Self::Code | Self::AnyCode => "code",
            Self::RecoveryCode => "recovery_code",
            Self::Label => "label",
            Self::EntryNumber => "number",
            Self::Reason => "reason",
            Self::Email => "email",
        }
    }

    /// `type`, `class`, `autocomplete`, `inputmode`.
    const fn attributes(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Login => ("text", "input", "username", "text"),
            Self::Password => ("password", "input", "current-password", "text"),
            Self::Code => ("text", "input code", "one-time-code", "numeric"),
            Self::AnyCode => ("text", "input code long", "one-time-code", "text"),
            // no browser should keep it, or offer it again
            Self::RecoveryCode => ("text", "input code long", "off", "text"),
            Self::Label | Self::Reason => ("text", "input", "off", "text"),
            Self::EntryNumber => ("text", "input code", "off", "numeric"),
            Self::Email => ("email", "input", "email", "email"),
        }
    }
}

/// A field. Its id and name follow from its kind. What was typed comes back, but never a password or code.
#[component]
pub fn Field(
    kind: Kind,
    page_context: PageContext,
    /// The form as it comes back.
    form: FormState,
    label: &'static str,
    /// Shown below the label, and read by screen readers with the field.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Value when nothing came back.
    #[prop(optional, into)]
    value: String,
    /// Where the page tells what is wrong with this field.
    error_place: ErrorPlace,
    /// Whether the page draws the label itself as its main heading. The input then gets the focus when the page opens.
    #[prop(optional)]
    main: bool,
    /// An island beside the input.
    #[prop(optional)]
    beside: Option<Island>,
) -> impl IntoView {
    let id = kind.id();
    // user and password are refused as a pair: neither field is marked alone
    let pair = kind == Kind::Password && form.problem("login") == Some(&Problem::Credentials);
    let told_at = if pair { "login" } else { id };
    let hint = hint.filter(|hint| !hint.is_empty());
    let problem = form.problem(told_at);
    let marked = problem.is_some_and(|problem| *problem != Problem::Credentials);
    let error = problem.map(|problem| page_context.locale.problem(told_at, problem));
    let error_id = error_id(told_at);
    let hint_id = format!("{id}-hint");
    let described = [
        hint.as_ref().map(|_| hint_id.clone()),
        error.as_ref().map(|_| error_id.clone()),
    ];
    let described = described
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let (r#type, class, autocomplete, inputmode) = kind.attributes();
    let typed = form.value(id);
    let value = match kind {
        Kind::Password | Kind::Code | Kind::AnyCode | Kind::RecoveryCode => String::new(),
        _ if typed.is_empty() => value,
        _ => typed,
    };
    let invalid = error.is_some();
    let mark = marked.then_some(match error_place {
        ErrorPlace::Field => "here",
        ErrorPlace::Summary => "above",
    });
    let own_error = error.filter(|_| error_place == ErrorPlace::Field);
    let label = (!main).then(|| view! { <label for=id>{label}</label> });
    let input = view! {
        <input
            id=id
            name=id
            type=r#type
            class=class
            autocomplete=autocomplete
            inputmode=inputmode
            value=value
            autofocus=(main && !form.is_rejected()).then_some("")
            required=kind != Kind::Label
            spellcheck="false"
            autocapitalize="none"
            aria-invalid=invalid.then_some("true")
            aria-describedby=(!described.is_empty()).then_some(described)
        />
    };
    view! {
        <div class="field" data-invalid=mark>
            {label}
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            {own_error.map(|error| view! { <p class="field-error" id=error_id>{error}</p> })}
            {match beside {
                Some(beside) => Either::Left(view! {
                    <div class="input-row">{input}{beside.place()}</div>
                }),
                None => Either::Right(input),
            }}
        </div>
    }
}
