//! The document around every page, the routes, and what an installation tells its pages.

use crate::{
    api::{
        backend::{CookieKind, SetCookie},
        request,
    },
    components::layout::NotFound,
    pages, routes,
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    ParamSegment, SsrMode, StaticSegment,
    components::{FlatRoutes, Route, Router},
};
use std::sync::Arc;

/// Addresses of the script, the wasm and the style sheet, read once at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// wasm-bindgen's module.
    pub js: String,
    /// The wasm.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
}

/// What an installation tells its pages. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<SiteData>);

/// The data of [`Site`].
#[derive(Clone, Debug)]
pub struct SiteData {
    /// Short name, as in cookies and sync: `JMU`.
    pub instance: String,
    /// Name on the bar and in titles: `e-Proc/JMU`.
    pub label: String,
    /// Support team's name.
    pub support_name: String,
    /// Support team's e-mail.
    pub support_email: String,
    /// Support team's telephone.
    pub support_phone: String,
    /// Door to e-Proc, where configured.
    pub system_url: Option<String>,
    /// Hours between local time and UTC.
    pub utc_offset_hours: i8,
    /// Whether `public_url` is https: decides name and attributes of cookies (R10).
    pub https: bool,
    /// Script, wasm and style.
    pub assets: Assets,
    /// Address of the demo desk, in the demonstration only.
    pub demo_desk: Option<String>,
    /// Where `cargo leptos watch` listens for the reload socket, under its environment only.
    pub reload: Option<LeptosOptions>,
}

impl Site {
    /// Shares `data`.
    pub fn new(data: SiteData) -> Self {
        Self(Arc::new(data))
    }

    /// Name of a cookie (R10): the instance is in it, because ports do not separate cookies.
    pub fn cookie_name(&self, kind: CookieKind) -> String {
        let prefix = if self.https { "__Host-" } else { "" };
        format!("{prefix}{}-{}", self.instance.to_lowercase(), kind.code())
    }

    /// The one cookie builder (house decision 7).
    pub fn set_cookie(&self, cookie: &SetCookie) -> String {
        let name = self.cookie_name(cookie.kind);
        let value = cookie.value.as_deref().unwrap_or_default();
        let age = match (&cookie.value, cookie.max_age) {
            (None, _) => "; Max-Age=0".to_owned(),
            (_, Some(age)) => format!("; Max-Age={age}"),
            (_, None) => String::new(),
        };
        let secure = if self.https { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
    }
}

impl std::ops::Deref for Site {
    type Target = SiteData;

    fn deref(&self) -> &SiteData {
        &self.0
    }
}

/// The document. Our scripts are files; the framework's own, after the page, carry the nonce that
/// goes into this answer's policy (R12).
pub fn shell(site: &Site) -> impl IntoView + use<> {
    let lang = request::facts().lang;
    if let Some(nonce) = use_nonce() {
        request::allow_nonce(&nonce);
    }
    let assets = site.assets.clone();
    let reload = site.reload.clone();
    view! {
        <!DOCTYPE html>
        <html lang=lang.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.css/>
                // asks for script and wasm only where a page has islands
                <script
                    type="module"
                    src="/boot.js"
                    id="boot"
                    data-js=assets.js
                    data-wasm=assets.wasm
                ></script>
                {reload.map(|options| view! { <AutoReload options/> })}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

fn one(path: &'static str) -> StaticSegment<&'static str> {
    StaticSegment(path.trim_start_matches('/'))
}

fn two(path: &'static str) -> (StaticSegment<&'static str>, StaticSegment<&'static str>) {
    let (first, second) = path
        .trim_start_matches('/')
        .split_once('/')
        .unwrap_or((path, ""));
    (StaticSegment(first), StaticSegment(second))
}

/// The routes. Every page is rendered whole before it is sent, so that it can be read without
/// JavaScript.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <FlatRoutes fallback=NotFound>
                <Route path=one(routes::SIGN_IN) view=pages::sign_in::SignInPage ssr=SsrMode::Async/>
                <Route path=two(routes::CODE) view=pages::code::CodePage ssr=SsrMode::Async/>
                <Route path=two(routes::NOTICE) view=pages::notice::NoticePage ssr=SsrMode::Async/>
                <Route path=one(routes::ENROL) view=pages::enrol::EnrolPage ssr=SsrMode::Async/>
                <Route path=two(routes::MAIL_SENT) view=pages::mail_sent::MailSentPage ssr=SsrMode::Async/>
                <Route
                    path=two(routes::CHANGE_ADDRESS)
                    view=pages::change_address::ChangeAddressPage
                    ssr=SsrMode::Async
                />
                <Route
                    path=(one(routes::ACTIVATION), ParamSegment("token"))
                    view=pages::link::LinkPage
                    ssr=SsrMode::Async
                />
                <Route path=one(routes::DENIED) view=pages::link::DeniedPage ssr=SsrMode::Async/>
                <Route path=one(routes::ACTIVATED) view=pages::activated::ActivatedPage ssr=SsrMode::Async/>
                <Route path=one(routes::HOME) view=pages::home::HomePage ssr=SsrMode::Async/>
                <Route path=one(routes::ACCOUNT) view=pages::home::AccountPage ssr=SsrMode::Async/>
                <Route
                    path=(one(routes::NOT_ME), ParamSegment("token"))
                    view=pages::not_me::NotMePage
                    ssr=SsrMode::Async
                />
                <Route path=one(routes::REPORTED) view=pages::not_me::ReportedPage ssr=SsrMode::Async/>
                <Route path=one(routes::PRIVACY) view=pages::privacy::PrivacyPage ssr=SsrMode::Async/>
            </FlatRoutes>
        </Router>
    }
}
