//! A new phone, and the names and removal of authenticators.

use crate::api::account::{BeginNewPhone, RenameAuthenticator, RevokeAuthenticator};
use crate::components::action;
use crate::components::field::Kind;
use crate::components::frame::{Done, DrawnPage};
use crate::components::problems::PageForm;
use crate::page_context::PageContext;
use crate::routes;
use crate::view::{FactorView, FormState};
use leptos::either::Either;
use leptos::prelude::*;

/// The page for a new phone, and the page for names and removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorsView {
    /// The form as it comes back.
    pub form: FormState,
    /// Whether one more code must be given first.
    pub needs_proof: bool,
    /// The active authenticators, oldest first.
    pub factors: Vec<FactorView>,
    /// Whether one more may be added.
    pub may_add: bool,
}

/// The name of an authenticator on a page.
pub fn name_of(page_context: &PageContext, factor: &FactorView) -> String {
    if factor.label.is_empty() {
        page_context.texts().app_unnamed().to_owned()
    } else {
        factor.label.clone()
    }
}

/// The name with the time since when it is active, so that two without a name are told apart.
fn name_and_time(page_context: &PageContext, factor: &FactorView) -> String {
    let name = name_of(page_context, factor);
    let since = page_context.locale.moment(factor.since);
    let text = page_context.texts().app_since();
    page_context.fill(text, &[("name", &name), ("since", &since)])
}

/// What becomes of the old phone, and the name of the new one.
pub fn draw_new_phone(page_context: &PageContext, view: &AuthenticatorsView) -> DrawnPage {
    let t = page_context.texts();
    let form = PageForm::new(page_context, &view.form, &[]);
    let content = if view.needs_proof {
        Either::Left(super::proof_form(form, routes::NEW_PHONE))
    } else {
        let alone = view.factors.len() == 1;
        let replaced = view.factors.iter().enumerate().map(|(at, factor)| {
            let label = if alone {
                t.new_phone_replace().to_owned()
            } else {
                let name = name_and_time(page_context, factor);
                page_context.fill(t.new_phone_replace_one(), &[("name", &name)])
            };
            super::choice("replaces", factor.id.clone(), label, at == 0)
        });
        Either::Right(view! {
            <p class="lead">{t.new_phone_lead()}</p>
            <form class="form" method="post" action={action::<BeginNewPhone>()} novalidate>
                <fieldset class="choices">
                    <legend>{t.new_phone_old()}</legend>
                    {replaced.collect_view()}
                    {view.may_add.then(|| {
                        super::choice("replaces", String::new(), t.new_phone_add().to_owned(), false)
                    })}
                </fieldset>
                {form.field(Kind::Label, t.new_phone_name(), t.new_phone_name_hint())}
                {super::send_or_leave(t.proceed(), routes::ACCOUNT, t.back())}
            </form>
        })
    };
    form.frame(t.new_phone_title()).headed(content)
}

/// One authenticator is chosen, and gets another name or is removed.
pub fn draw_authenticators(page_context: &PageContext, view: &AuthenticatorsView) -> DrawnPage {
    let t = page_context.texts();
    let form = PageForm::new(page_context, &view.form, &[]);
    let content = if view.needs_proof {
        Either::Left(super::proof_form(form, routes::AUTHENTICATORS))
    } else {
        let alone = view.factors.len() == 1;
        let chosen = view.form.value("id");
        let factors = view.factors.iter().enumerate().map(|(at, factor)| {
            let checked = factor.id == chosen || chosen.is_empty() && at == 0;
            super::choice(
                "id",
                factor.id.clone(),
                name_and_time(page_context, factor),
                checked,
            )
        });
        Either::Right(view! {
            <form class="form" method="post" action={action::<RenameAuthenticator>()} novalidate>
                <fieldset class="choices">
                    <legend>{t.apps_which()}</legend>
                    {factors.collect_view()}
                </fieldset>
                {form.field(Kind::Label, t.apps_name(), "")}
                <div class="actions">
                    <button class="button primary">{t.apps_rename()}</button>
                    {(!alone).then(|| view! {
                        <button class="button" formaction={action::<RevokeAuthenticator>()}>
                            {t.apps_remove()}
                        </button>
                    })}
                    <a class="button quiet" href=routes::ACCOUNT>{t.back()}</a>
                </div>
            </form>
            {alone.then(|| view! {
                <p>{t.apps_last()}" "<a href=routes::NEW_PHONE>{t.new_phone_title()}</a></p>
            })}
        })
    };
    form.frame(t.apps_title()).headed(view! {
        {view.form.is_done().then(|| view! { <Done sentence=t.apps_done().to_owned()/> })}
        {content}
    })
}
