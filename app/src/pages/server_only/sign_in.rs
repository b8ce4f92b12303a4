//! Sign-in: one form with two buttons; the password is checked for both.

use crate::api::sign_in::SignIn;
use crate::components::action;
use crate::components::field::Kind;
use crate::components::frame::DrawnPage;
use crate::components::island::Island;
use crate::components::problems::PageForm;
use crate::components::reveal::Reveal;
use crate::components::support::{call_link, support_links};
use crate::model::SignInPurpose;
use crate::page_context::PageContext;
use crate::view::FormState;
use leptos::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInView {
    /// The form as it comes back.
    pub form: FormState,
}

/// The first page. *Entrar* is the primary button; the manual's *Autenticação em dois fatores*, for people without a factor,
/// stands below it with less weight. When a form comes back the button that was pressed comes first.
pub fn draw(page_context: &PageContext, view: &SignInView) -> DrawnPage {
    let t = page_context.texts();
    let form = &view.form;
    let reveal = Island::Reveal(Reveal {
        field: "password".to_owned(),
        show: t.show().to_owned(),
        hide: t.hide().to_owned(),
        show_label: t.show_password().to_owned(),
        hide_label: t.hide_password().to_owned(),
    });
    let enrolling = form.value("intent") == SignInPurpose::SecondFactor.code();
    // only the support team can help; nothing that is typed here does
    let blocked = form
        .problems
        .iter()
        .any(|found| found.problem.asks_for_support());
    let pair_refused = form.problem("login").or(form.problem("password")).is_some();
    let (first, second) = if enrolling {
        (SignInPurpose::SecondFactor, SignInPurpose::Enter)
    } else {
        (SignInPurpose::Enter, SignInPurpose::SecondFactor)
    };
    let form = PageForm::new(page_context, form, &["login", "password"]);
    form.frame(t.sign_in_title())
        .around(view! {
            <h1>{t.sign_in_title()}</h1>
            <form class="form" method="post" action={action::<SignIn>()} novalidate>
                // one frame around the message and the two fields that it is about
                <div class="pair" data-refused=pair_refused.then_some("")>
                    {form.summary()}
                    {form.field(Kind::Login, t.login_label(), t.login_hint())}
                    {form.field_with(Kind::Password, t.password_label(), "", "", Some(reveal))}
                </div>
                <div class="actions">
                    {blocked.then(|| call_link(page_context, "button primary"))}
                    {intent_button(page_context, first, if blocked { "button quiet" } else { "button primary" })}
                </div>
                <details class="more">
                    <summary>{t.forgot()}</summary>
                    <p>{t.forgot_help()}" "{support_links(page_context)}"."</p>
                </details>
                <p class="second">
                    {(!enrolling).then_some(t.sign_in_first_time())}
                    {intent_button(page_context, second, "button quiet")}
                </p>
            </form>
        })
        .erased()
}

fn intent_button(
    page_context: &PageContext,
    purpose: SignInPurpose,
    class: &'static str,
) -> impl IntoView + use<> {
    let t = page_context.texts();
    let label = match purpose {
        SignInPurpose::Enter => t.enter(),
        SignInPurpose::SecondFactor => t.second_factor(),
    };
    view! { <button class=class name="intent" value=purpose.code()>{label}</button> }
}
