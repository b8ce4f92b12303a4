//! A backend that answers each page with what the test gave it.

use app::{
    App, Assets, Site, SiteData,
    api::{
        backend::{Answer, Backend, EnrolForm, Enrolment, Facts, Intent, Page, Reply, SignIn},
        error::ApiError,
    },
    components::layout::Now,
    shell,
    text::Lang,
    view::{
        ActivatedView, ChangeAddressView, CodeView, EnrolView, HomeView, LinkView, MailSentView,
        NotMeView, NoticeView, Progress, SignInView, SyncReport,
    },
};
use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
    response::Response,
};
use leptos::{config::LeptosOptions, prelude::provide_context};
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use scraper::Html;
use std::{
    any::Any,
    sync::{Arc, Mutex},
};
use tower::ServiceExt as _;

/// 23 November 2026, 12:00 UTC.
pub const NOW: i64 = 1_795_435_200;

/// A `Reply<Page<V>>` for the one page that is asked for.
struct Fake(Mutex<Option<Box<dyn Any + Send>>>);

impl Fake {
    fn shown<V: 'static>(&self) -> Reply<Page<V>> {
        let shown = self.0.lock().unwrap().take().expect("a page asks once");
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
        support_name: "Suporte".into(),
        support_email: "suporte@stm.example".into(),
        support_phone: "(61) 3000-0000".into(),
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

async fn answer(path: &str, lang: Lang, shown: Option<Box<dyn Any + Send>>) -> Response {
    let fake = Arc::new(Fake(Mutex::new(shown)));
    let backend = Backend {
        sign_in: fake.clone(),
        enrolment: fake,
    };
    let site = site();
    let options = LeptosOptions::builder().output_name("eproc-2fa").build();
    let context = {
        let site = site.clone();
        move || {
            provide_context(site.clone());
            provide_context(backend.clone());
            provide_context(Now(NOW));
        }
    };
    let draw = move || shell(&site);
    let router = Router::new()
        .leptos_routes_with_context(
            &options,
            generate_route_list(App),
            context.clone(),
            draw.clone(),
        )
        .fallback(leptos_axum::render_app_async_with_context(context, draw))
        .with_state(options);
    let request = Request::get(path)
        .header(header::ACCEPT_LANGUAGE, lang.tag())
        .body(Body::empty())
        .expect("a request");
    router.oneshot(request).await.expect("an answer")
}

async fn parse(response: Response) -> Html {
    let bytes = to_bytes(response.into_body(), 1 << 20)
        .await
        .expect("a body");
    Html::parse_document(std::str::from_utf8(&bytes).expect("UTF-8"))
}

/// The page at `path`, its backend answering `shown`: a `Page<V>` in a box, or a view.
pub async fn render(path: &str, lang: Lang, shown: impl Into<Shown>) -> Html {
    let response = answer(path, lang, Some(shown.into().0)).await;
    assert_eq!(response.status(), 200, "{path}");
    parse(response).await
}

/// Status and target of a page whose backend leads elsewhere.
pub async fn redirected(path: &str, to: &str) -> (u16, String) {
    let elsewhere: Page<HomeView> = Page::Go(to.into());
    let response = answer(path, Lang::Pt, Some(Box::new(elsewhere))).await;
    let location = response.headers()[header::LOCATION]
        .to_str()
        .expect("a path");
    (response.status().as_u16(), location.to_owned())
}

/// A page whose backend failed.
pub async fn failed(path: &str, lang: Lang, reference: &str) -> (u16, Html) {
    let error = ApiError::Unavailable {
        reference: reference.into(),
    };
    let response = answer(path, lang, Some(Box::new(error))).await;
    (response.status().as_u16(), parse(response).await)
}

/// A page that asks the backend nothing.
pub async fn unknown(path: &str, lang: Lang) -> (u16, Html) {
    let response = answer(path, lang, None).await;
    (response.status().as_u16(), parse(response).await)
}

/// Whether a server function takes posts at `path`.
pub fn posts_to(path: &str) -> bool {
    leptos::server_fn::axum::server_fn_paths()
        .any(|(known, method)| known == path && method == http::Method::POST)
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
