//! The frame of every page: bar, step line, footer, error summary, and how a page is loaded.

use crate::{
    Site,
    api::{
        backend::{Page, Reply},
        error::ApiError,
        request,
        sign_in::SetLanguage,
    },
    routes,
    text::{Lang, Locale, Texts, fill},
    view::FormState,
};
use http::StatusCode;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

/// What every page needs to speak: the installation, the language and its texts, local time.
#[derive(Clone)]
pub struct Speech {
    /// The installation.
    pub site: Site,
    /// Texts of the page's language.
    pub t: &'static Texts,
    /// Language, zone, now.
    pub locale: Locale,
}

impl Speech {
    /// Of the request being answered.
    pub fn of_request() -> Self {
        let site = request::site();
        let lang = request::facts().lang;
        let locale = Locale {
            lang,
            utc_offset_hours: site.utc_offset_hours,
            now: expect_context::<Now>().0,
        };
        Self {
            site,
            t: lang.texts(),
            locale,
        }
    }

    /// A text with its holes filled.
    pub fn fill(&self, text: &str, values: &[(&str, &str)]) -> String {
        fill(text, values).into_owned()
    }
}

/// The server's clock at the time of the request, seconds since the Unix epoch.
#[derive(Clone, Copy, Debug)]
pub struct Now(pub i64);

/// Where a form posts to.
pub fn action<F: ServerFn>() -> &'static str {
    F::PATH
}

/// Loads a page's view and draws it; a redirect draws nothing, a fault says so.
pub fn page<V: Send + 'static, R: IntoView + 'static>(
    load: impl Future<Output = Reply<Page<V>>> + Send + 'static,
    draw: impl FnOnce(Speech, V) -> R + Send + 'static,
) -> impl IntoView {
    let speech = Speech::of_request();
    Suspend::new(async move {
        match load.await {
            Ok(page) => request::show(page)
                .map(|view| draw(speech, view).into_any())
                .into_any(),
            Err(error) => fault(&speech, &error).into_any(),
        }
    })
}

fn fault(speech: &Speech, error: &ApiError) -> impl IntoView + use<> {
    request::status(StatusCode::SERVICE_UNAVAILABLE);
    let t = speech.t;
    let reference = match error {
        ApiError::Unavailable { reference } if !reference.is_empty() => {
            Some(speech.fill(t.fault_reference, &[("reference", reference)]))
        }
        _ => None,
    };
    view! {
        <Frame speech=speech.clone() title=t.fault_title>
            <h1>{t.fault_title}</h1>
            <p>{t.fault_text}</p>
            {reference.map(|text| view! { <p>{text}</p> })}
        </Frame>
    }
}

/// The page of an unknown path.
#[component]
pub fn NotFound() -> impl IntoView {
    request::status(StatusCode::NOT_FOUND);
    let speech = Speech::of_request();
    let t = speech.t;
    view! {
        <Frame speech title=t.not_found_title>
            <h1>{t.not_found_title}</h1>
            <p>{t.not_found_text}</p>
            <p><a href=routes::SIGN_IN>{t.back_to_sign_in}</a></p>
        </Frame>
    }
}

/// Bar, main column and footer. The title says state first, then page, then instance.
#[component]
pub fn Frame(
    /// How the page speaks.
    speech: Speech,
    /// The page's name.
    title: &'static str,
    /// The form that came back, if any.
    #[prop(optional_no_strip)]
    form: Option<FormState>,
    /// Step of the enrolment, from 1.
    #[prop(optional)]
    step: usize,
    /// The page.
    children: Children,
) -> impl IntoView {
    let Speech { site, t, locale } = speech.clone();
    let rejected = form.as_ref().is_some_and(FormState::is_rejected);
    let mut parts = Vec::new();
    if rejected {
        parts.push(format!("{}: {title}", t.error_prefix));
    } else {
        parts.push(title.to_owned());
    }
    if step > 0 {
        parts.push(speech.fill(t.step_of, &[("n", &step.to_string())]));
    }
    parts.push(site.label.clone());
    let title = parts.join(" · ");
    view! {
        <Title text=title/>
        <a class="skip" href="#main">{t.skip}</a>
        <header class="bar">
            <div class="bar-inner">
                <span class="bar-mark" aria-hidden="true"></span>
                <span class="bar-name">{site.label.clone()}</span>
            </div>
        </header>
        <main id="main" class="page">
            {(step > 0).then(|| view! { <Steps t now=step/> })}
            {form.map(|form| view! { <Summary form locale/> })}
            {children()}
        </main>
        <Footer speech/>
    }
}

#[component]
fn Steps(t: &'static Texts, now: usize) -> impl IntoView {
    let items = [t.step_notice, t.step_app, t.step_mail, t.step_confirm]
        .into_iter()
        .enumerate()
        .map(|(at, name)| {
            let at = at + 1;
            let state = match at.cmp(&now) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "next",
            };
            view! {
                <li data-state=state aria-current=(at == now).then_some("step")>
                    <span class="steps-n">{at.to_string()}</span>
                    {" "}{name}
                    {(at < now).then(|| view! {
                        <span class="visually-hidden">{format!(" ({})", t.step_done)}</span>
                    })}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="steps" aria-label=t.steps_label>{items}</ol> }
}

/// The error summary: focused when the page opens, without JavaScript too.
#[component]
fn Summary(form: FormState, locale: Locale) -> impl IntoView {
    if !form.is_rejected() {
        return None;
    }
    let items = form
        .problems
        .iter()
        .map(|found| {
            let sentence = locale.problem(&found.field, &found.problem);
            if found.field.is_empty() {
                view! { <li>{sentence}</li> }.into_any()
            } else {
                view! { <li><a href=format!("#{}", found.field)>{sentence}</a></li> }.into_any()
            }
        })
        .collect_view();
    Some(view! {
        <div class="summary" role="alert" tabindex="-1" autofocus aria-labelledby="summary-title">
            <h2 id="summary-title">{locale.lang.texts().summary_title}</h2>
            <ul>{items}</ul>
        </div>
    })
}

/// What a form just did, where the page looks the same as before: focused when it opens.
#[component]
pub fn Done(
    /// The sentence.
    sentence: String,
) -> impl IntoView {
    view! {
        <div class="note" data-tone="success" role="status" tabindex="-1" autofocus>
            <p>{sentence}</p>
        </div>
    }
}

#[component]
fn Footer(speech: Speech) -> impl IntoView {
    let Speech { site, t, locale } = speech;
    let other = if locale.lang == Lang::Pt {
        Lang::En
    } else {
        Lang::Pt
    };
    view! {
        <footer class="foot">
            <div class="foot-inner">
                <address class="foot-support">
                    <strong>{site.support_name.clone()}</strong>
                    <br/>
                    {t.support_email}" "
                    <a href=format!("mailto:{}", site.support_email)>{site.support_email.clone()}</a>
                    <br/>
                    {t.support_phone}" "{site.support_phone.clone()}
                </address>
                <nav class="foot-nav" aria-label=t.page_options>
                    <form method="post" action={action::<SetLanguage>()}>
                        <input type="hidden" name="back" value=request::current_path()/>
                        <button
                            class="linklike"
                            name="lang"
                            value=other.code()
                            lang=t.other_language_tag
                        >
                            {t.other_language}
                        </button>
                    </form>
                    <a href=routes::PRIVACY>{t.privacy_link}</a>
                    {site.demo_desk.clone().map(|desk| view! { <a href=desk>{t.demo_desk}</a> })}
                </nav>
            </div>
        </footer>
    }
}
