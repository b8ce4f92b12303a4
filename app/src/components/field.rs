//! Form fields: label, hint, error and input, connected for screen readers.

use super::island::Island;
use super::problems::{PageForm, error_id};
use crate::view::Problem;
use leptos::either::Either;
use leptos::prelude::*;

/// What a field is for; id, type and `autocomplete` follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Login,
    Password,
    /// One-time code (R27): one field without `maxlength`, numeric keyboard, spaces may be pasted.
    Code,
    /// The same on a page whose main heading is the label, which the page draws. The field gets the focus when the page opens.
    MainCode,
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
            Self::Code | Self::MainCode | Self::AnyCode => "code",
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
            Self::Code | Self::MainCode => ("text", "input code", "one-time-code", "numeric"),
            Self::AnyCode => ("text", "input code long", "one-time-code", "text"),
            // no browser should keep it, or offer it again
            Self::RecoveryCode => ("text", "input code long", "off", "text"),
            Self::Label | Self::Reason => ("text", "input", "off", "text"),
            Self::EntryNumber => ("text", "input code", "off", "numeric"),
            Self::Email => ("email", "input", "email", "email"),
        }
    }
}

impl PageForm<'_> {
    /// A field. Its id and name follow from its kind. `hint` is shown below the label, and read by screen readers with the field;
    /// it may be empty.
    pub fn field(self, kind: Kind, label: &'static str, hint: &str) -> impl IntoView + use<> {
        self.field_with(kind, label, hint, "", None)
    }

    /// A field with an island beside the input. `value` is shown when nothing came back. What was typed comes back, but never a
    /// password or code.
    pub fn field_with(
        self,
        kind: Kind,
        label: &'static str,
        hint: &str,
        value: &str,
        beside: Option<Island>,
    ) -> impl IntoView + use<> {
        let form = self.state;
        let id = kind.id();
        let is_main = kind == Kind::MainCode;
        let is_below_summary = self.below_summary.contains(&id);
        // user and password are refused as a pair: neither field is marked alone
        let pair = kind == Kind::Password && form.problem("login") == Some(&Problem::Credentials);
        let told_at = if pair { "login" } else { id };
        let problem = form.problem(told_at);
        let marked = problem.is_some_and(|problem| *problem != Problem::Credentials);
        let mark = marked.then_some(if is_below_summary { "above" } else { "here" });
        let error = problem.map(|problem| self.page_context.locale.problem(told_at, problem));
        let invalid = error.is_some();
        let error_id = error_id(told_at);
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        let hint_id = format!("{id}-hint");
        let described = [
            hint.is_some().then_some(hint_id.as_str()),
            invalid.then_some(&error_id),
        ];
        let described: Vec<_> = described.into_iter().flatten().collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        let (r#type, class, autocomplete, inputmode) = kind.attributes();
        let typed = form.value(id);
        let value = match kind {
            Kind::Password | Kind::Code | Kind::MainCode | Kind::AnyCode | Kind::RecoveryCode => {
                String::new()
            }
            _ if typed.is_empty() => value.to_owned(),
            _ => typed,
        };
        let own_error = error.filter(|_| !is_below_summary);
        let input = view! {
            <input
                id=id
                name=id
                type=r#type
                class=class
                autocomplete=autocomplete
                inputmode=inputmode
                value=value
                autofocus=(is_main && !form.is_rejected()).then_some("")
                required=kind != Kind::Label
                spellcheck="false"
                autocapitalize="none"
                aria-invalid=invalid.then_some("true")
                aria-describedby=described
            />
        };
        view! {
            <div class="field" data-invalid=mark>
                {(!is_main).then(|| view! { <label for=id>{label}</label> })}
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
}
