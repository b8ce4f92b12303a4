//! Sign-in: one form, two buttons; the password is checked in both.

use crate::{
    api::{request, sign_in::SignIn},
    components::{
        field::{Field, Kind},
        layout::{Frame, action, page},
        reveal::Reveal,
    },
};
use leptos::prelude::*;

/// The front door.
#[component]
pub fn SignInPage() -> impl IntoView {
    let facts = request::facts();
    page(
        async move { request::backend().sign_in.sign_in_page(facts).await },
        |speech, view| {
            let t = speech.t;
            let form = view.form;
            view! {
                <Frame speech=speech.clone() title=t.sign_in_title form=Some(form.clone())>
                    <p class="eyebrow">{t.system}</p>
                    <h1>{t.sign_in_title}</h1>
                    <form class="form" method="post" action={action::<SignIn>()} novalidate>
                        <Field
                            kind=Kind::Login
                            speech=speech.clone()
                            form=form.clone()
                            label=t.login_label
                            hint=t.login_hint
                        />
                        <Field kind=Kind::Password speech=speech.clone() form label=t.password_label>
                            <Reveal
                                field="password".to_owned()
                                show=t.show.to_owned()
                                hide=t.hide.to_owned()
                                show_label=t.show_password.to_owned()
                                hide_label=t.hide_password.to_owned()
                            />
                        </Field>
                        <div class="actions">
                            <button class="button primary" name="intent" value="enter">{t.enter}</button>
                            <button class="button" name="intent" value="second-factor">
                                {t.second_factor}
                            </button>
                        </div>
                        <p class="small muted">{t.sign_in_first_time}</p>
                    </form>
                </Frame>
            }
        },
    )
}
