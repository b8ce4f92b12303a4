//! Sign-in: one form, two buttons; the password is checked in both.

use crate::{
    api::sign_in::SignIn,
    components::{
        action,
        field::{Field, Kind},
        frame::{DrawnPage, PageFrame},
        island::Island,
    },
    speech::Speech,
    view::SignInView,
};
use leptos::prelude::*;

/// The front door.
pub fn draw(speech: &Speech, view: SignInView) -> DrawnPage {
    let t = speech.texts();
    let form = view.form;
    let reveal = Island::Reveal {
        field: "password".to_owned(),
        show: t.show().to_owned(),
        hide: t.hide().to_owned(),
        show_label: t.show_password().to_owned(),
        hide_label: t.hide_password().to_owned(),
    };
    PageFrame::new(speech, t.sign_in_title())
        .with_form(&form)
        .around(view! {
            <p class="eyebrow">{t.system()}</p>
            <h1>{t.sign_in_title()}</h1>
            <form class="form" method="post" action={action::<SignIn>()} novalidate>
                <Field
                    kind=Kind::Login
                    speech=speech.clone()
                    form=form.clone()
                    label=t.login_label()
                    hint=t.login_hint()
                />
                <Field
                    kind=Kind::Password
                    speech=speech.clone()
                    form=form.clone()
                    label=t.password_label()
                    beside=reveal
                />
                <div class="actions">
                    <button class="button primary" name="intent" value="enter">{t.enter()}</button>
                    <button class="button" name="intent" value="second-factor">
                        {t.second_factor()}
                    </button>
                </div>
                <p class="small muted">{t.sign_in_first_time()}</p>
            </form>
        })
        .erased()
}
