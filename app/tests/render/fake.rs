//! A backend that answers each page with what the test gave it.

use app::{
    Assets, Document, LoadedPage, Site, SiteData,
    api::{
        backend::{
            Answer, Backend, EnrolForm, Enrolment, Facts, Intent, Page, Portal, Reply, SignIn,
        },
        error::ApiError,
        request,
    },
    document, load_page,
    navigation::{self, NavigationAnswer, NavigationReply, RunningDocument},
    support::Support,
    text::Lang,
    view::{
        ActivatedView, ChangeAddressView, CodeView, EnrolView, HomeView, LinkView, MailSentView,
        NotMeView, NoticeView, Progress, SignInView, SyncReport,
    },
};
use async_trait::async_trait;
use leptos::{
    prelude::{Owner, provide_context},
    reactive::computed::ScopedFuture,
    server_fn::axum::server_fn_paths,
};
use leptos_axum::ResponseOptions;
use scraper::Html;
use std::{
    any::Any,
    sync::{Arc, Mutex},
};

/// 23 November 2026, 12:00 UTC.
pub const NOW: i64 = 1_795_435_200;

/// A `Reply<Page<V>>` for the one page that is asked for.
enum Fake {
    /// What the test gave: a `Page<V>` or an error, once.
    Once(Mutex<Option<Box<dyn Any + Send>>>),
    /// Every page leads here.
    Circle(&'static str),
}

impl Fake {
    fn shown<V: 'static>(&self) -> Reply<Page<V>> {
        let once = match self {
            Self::Once(once) => once,
            Self::Circle(path) => return Ok(Page::Go((*path).to_owned())),
        };
        let shown = once.lock().unwrap().take().expect("a page asks once");
        match shown.downcast::<Page<V>>() {
            Ok(page) => Ok(*page),
            Err(other) => Err(*other
                .downcast::<ApiError>()
                .expect("the view of this page, or an error")),
        }
    }
}

fn no_form<T>() -> Reply<T> {
    panic!("nothing is posted here")
}

#[async_trait]
impl SignIn for Fake {
    async fn sign_in_page(&self, _: Facts) -> Reply<Page<SignInView>> {
        self.shown()
    }
    async fn sign_in(&self, _: Facts, _: String, _: String, _: Intent) -> Reply<Answer> {
        no_form()
    }
    async fn code_page(&self, _: Facts) -> Reply<Page<CodeView>> {
        self.shown()
    }
    async fn verify_code(&self, _: Facts, _: String) -> Reply<Answer> {
        no_form()
    }
    async fn sign_out(&self, _: Facts) -> Reply<Answer> {
        no_form()
    }
    async fn home_page(&self, _: Facts) -> Reply<Page<HomeView>> {
        self.shown()
    }
}

#[async_trait]
impl Enrolment for Fake {
    async fn notice_page(&self, _: Facts) -> Reply<Page<NoticeView>> {
        self.shown()
    }
    async fn begin(&self, _: Facts) -> Reply<Answer> {
        no_form()
    }
    async fn enrol_page(&self, _: Facts) -> Reply<Page<EnrolView>> {
        self.shown()
    }
    async fn submit(&self, _: Facts, _: EnrolForm) -> Reply<Answer> {
        no_form()
    }
    async fn extend(&self, _: Facts, _: String, _: String) -> Reply<Answer> {
        no_form()
    }
    async fn mail_sent_page(&self, _: Facts) -> Reply<Page<MailSentView>> {
        self.shown()
    }
    async fn progress(&self, _: Facts) -> Reply<Progress> {
        no_form()
    }
    async fn resend(&self, _: Facts) -> Reply<Answer> {
        no_form()
    }
    async fn change_address_page(&self, _: Facts) -> Reply<Page<ChangeAddressView>> {
        self.shown()
    }
    async fn change_address(&self, _: Facts, _: String, _: String) -> Reply<Answer> {
        no_form()
    }
    async fn cancel(&self, _: Facts) -> Reply<Answer> {
        no_form()
    }
    async fn link_page(&self, _: Facts, _: String) -> Reply<Page<LinkView>> {
        self.shown()
    }
    async fn confirm(&self, _: Facts, _: String) -> Reply<Answer> {
        no_form()
    }
    async fn deny(&self, _: Facts, _: String) -> Reply<Answer> {
        no_form()
    }
    async fn activated_page(&self, _: Facts) -> Reply<Page<Option<ActivatedView>>> {
        self.shown()
    }
    async fn sync_progress(&self, _: Facts) -> Reply<SyncReport> {
        no_form()
    }
    async fn not_me_page(&self, _: Facts, _: String) -> Reply<Page<NotMeView>> {
        self.shown()
    }
    async fn not_me(&self, _: Facts, _: String) -> Reply<Answer> {
        no_form()
    }
}

fn site() -> Site {
    Site::new(SiteData {
        instance: "JMU".into(),
        label: "e-Proc/JMU".into(),
        support: Support {
            name: "Suporte".into(),
            email: "suporte@stm.example".into(),
            phone: "(61) 3000-0000".into(),
        },
        system_url: Some("https://eproc.example/".into()),
        utc_offset_hours: -3,
        https: true,
        assets: Assets {
            js: "/pkg/eproc-2fa.js".into(),
            wasm: "/pkg/eproc-2fa.wasm".into(),
            css: "/pkg/eproc-2fa.css".into(),
        },
        demo_desk: None,
        reload: None,
    })
}

fn portal(shown: Option<Box<dyn Any + Send>>) -> Portal {
    portal_over(Fake::Once(Mutex::new(shown)))
}

fn portal_over(fake: Fake) -> Portal {
    let fake = Arc::new(fake);
    Portal {
        site: site(),
        backend: Backend {
            sign_in: fake.clone(),
            enrolment: fake,
        },
        now: NOW,
    }
}

fn facts(lang: Lang) -> Facts {
    Facts {
        lang,
        ..Facts::default()
    }
}

async fn answer(path: &str, lang: Lang, shown: Option<Box<dyn Any + Send>>) -> (u16, Html) {
    let portal = portal(shown);
    let LoadedPage::Show { status, view } = load_page(&portal, path, facts(lang)).await else {
        panic!("{path} leads elsewhere");
    };
    let Document { html, nonce } = document(&portal.site, &portal.speech(lang), path, *view);
    assert!(nonce.is_none(), "a script stands inside the page");
    (status.as_u16(), Html::parse_document(&html))
}

/// The page at `path`, its backend answering `shown`: a `Page<V>` in a box, or a view.
pub async fn render(path: &str, lang: Lang, shown: impl Into<Shown>) -> Html {
    let (status, page) = answer(path, lang, Some(shown.into().0)).await;
    assert_eq!(status, 200, "{path}");
    page
}

/// The reply to a running document in the language of the page, or in another.
pub async fn reply(
    address: &str,
    lang: Lang,
    running: Lang,
    shown: impl Into<Shown>,
) -> NavigationAnswer {
    let running = RunningDocument {
        lang: running,
        release: site().assets.release(),
    };
    let portal = portal(Some(shown.into().0));
    navigation::answer_running_document(&portal, &running, address, facts(lang)).await
}

/// The reply of a backend whose pages lead to each other for ever.
pub async fn reply_in_a_circle(path: &'static str) -> NavigationAnswer {
    let portal = portal_over(Fake::Circle(path));
    navigation::answer_running_document(&portal, &running(), path, facts(Lang::Pt)).await
}

fn running() -> RunningDocument {
    RunningDocument {
        lang: Lang::Pt,
        release: site().assets.release(),
    }
}

/// The reply of a server function that answers `answer` to a running document, or to a plain form.
pub async fn answered(answer: Answer, plain: bool) -> (NavigationReply, Option<String>) {
    let request = http::Request::post("/api/any").header(http::header::ACCEPT, "text/html");
    let request = if plain {
        request
    } else {
        request.header(navigation::HEADER, running().to_header())
    };
    let (parts, ()) = request.body(()).expect("a request").into_parts();
    let response = ResponseOptions::default();
    let owner = Owner::new();
    let reply = owner.with(|| {
        provide_context(parts);
        provide_context(response.clone());
        provide_context(portal(None));
        ScopedFuture::new(request::answer(Ok(answer)))
    });
    let reply = reply.await.expect("a reply");
    let location = response
        .0
        .read()
        .unwrap()
        .headers
        .get(http::header::LOCATION)
        .map(|value| value.to_str().expect("a path").to_owned());
    (reply, location)
}

/// The reply to a document of another release.
pub async fn reply_to_old_release(address: &str) -> NavigationAnswer {
    let running = RunningDocument {
        lang: Lang::Pt,
        release: "/pkg/older.js".into(),
    };
    navigation::answer_running_document(&portal(None), &running, address, facts(Lang::Pt)).await
}

/// Where a page leads whose backend leads elsewhere.
pub async fn redirected(path: &str, to: &str) -> String {
    let elsewhere: Page<HomeView> = Page::Go(to.into());
    let portal = portal(Some(Box::new(elsewhere)));
    match load_page(&portal, path, facts(Lang::Pt)).await {
        LoadedPage::Go(path) => path,
        LoadedPage::Show { .. } => panic!("{path} leads nowhere"),
    }
}

/// A page whose backend failed.
pub async fn failed(path: &str, lang: Lang, reference: &str) -> (u16, Html) {
    let error = ApiError::Unavailable {
        reference: reference.into(),
    };
    answer(path, lang, Some(Box::new(error))).await
}

/// A page that asks the backend nothing.
pub async fn unknown(path: &str, lang: Lang) -> (u16, Html) {
    answer(path, lang, None).await
}

/// Whether a server function takes posts at `path`.
pub fn posts_to(path: &str) -> bool {
    server_fn_paths().any(|(known, method)| known == path && method == http::Method::POST)
}

/// What a page's backend answers, its type known to the page alone.
pub struct Shown(Box<dyn Any + Send>);

impl Shown {
    pub fn nothing() -> Self {
        Self(Box::new(()))
    }
}

macro_rules! views {
    ($($view:ty),*) => {$(
        impl From<$view> for Shown {
            fn from(view: $view) -> Self {
                Self(Box::new(Page::Show(view)))
            }
        }
    )*};
}

views!(
    SignInView,
    CodeView,
    HomeView,
    NoticeView,
    EnrolView,
    MailSentView,
    ChangeAddressView,
    LinkView,
    Option<ActivatedView>,
    NotMeView
);
