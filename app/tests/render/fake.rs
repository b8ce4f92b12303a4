//! A backend that answers each page with what the test gave it.

use app::api::backend::{
    AccountForm, ApiResult, Backend, FormResponse, Page, Portal, RequestContext, SyncPage,
    TypedEmail,
};
use app::api::error::ApiError;
use app::api::request;
use app::model::{Language, SignInPurpose};
use app::navigation::{self, NavigationAnswer, NavigationReply, RunningDocument};
use app::routes::PageRoute;
use app::support::Support;
use app::view::{
    ActivatedView, AuthenticatorsView, ChangeEmailView, ClientPage, CodeView, EnrolView, EntryView,
    HistoryView, HomeView, IntroView, LinkView, LostPhoneView, MailSentView, NotMeView, PageView,
    Progress, RecoveryCodesView, RecoveryLinkView, SessionsView, SignInLinkView, SignInView,
    SupportDeskView, SyncReport,
};
use app::{Assets, Document, LoadedPage, Site, SiteData, document, load_page};
use async_trait::async_trait;
use leptos::prelude::{Owner, provide_context};
use leptos::reactive::computed::ScopedFuture;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::ResponseOptions;
use scraper::Html;
use std::sync::{Arc, Mutex};

/// 23 November 2026, 12:00 UTC.
pub const NOW: i64 = 1_795_435_200;

enum Fake {
    /// What the test gave, once.
    Once(Mutex<Option<ApiResult<Page>>>),
    /// Every page leads here.
    Circle(&'static str),
}

fn no_form<T>() -> ApiResult<T> {
    panic!("nothing is posted here")
}

#[async_trait]
impl Backend for Fake {
    async fn page(&self, _: RequestContext, route: PageRoute) -> ApiResult<Page> {
        let once = match self {
            Self::Once(once) => once,
            Self::Circle(path) => return Ok(Page::Redirect((*path).to_owned())),
        };
        let page = once.lock().unwrap().take().expect("a page asks once")?;
        Ok(match page {
            Page::Show(view) => Page::Show(match *view {
                PageView::Home(view) if route == PageRoute::Account => {
                    Box::new(PageView::Account(view))
                }
                PageView::LostPhone(view) if route == PageRoute::StolenPhone => {
                    Box::new(PageView::StolenPhone(view))
                }
                PageView::NewPhone(view) if route == PageRoute::Authenticators => {
                    Box::new(PageView::Authenticators(view))
                }
                view => Box::new(view),
            }),
            page @ Page::Redirect(_) => page,
        })
    }
    async fn sign_in(
        &self,
        _: RequestContext,
        _: String,
        _: String,
        _: SignInPurpose,
    ) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn verify_code(&self, _: RequestContext, _: String) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn account(&self, _: RequestContext, _: AccountForm) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn sign_out(&self, _: RequestContext) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn begin_enrolment(&self, _: RequestContext) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn submit_enrolment(
        &self,
        _: RequestContext,
        _: String,
        _: TypedEmail,
    ) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn extend_session(&self, _: RequestContext, _: TypedEmail) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn resend_link(&self, _: RequestContext) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn change_email(&self, _: RequestContext, _: TypedEmail) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn cancel_enrolment(&self, _: RequestContext) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn confirm_activation(&self, _: RequestContext, _: String) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn deny_activation(&self, _: RequestContext, _: String) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn report_not_me(&self, _: RequestContext, _: String) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn use_sign_in_link(&self, _: RequestContext, _: String) -> ApiResult<FormResponse> {
        no_form()
    }
    async fn enrolment_progress(&self, _: RequestContext) -> ApiResult<Progress> {
        no_form()
    }
    async fn sync_progress(&self, _: RequestContext, _: SyncPage) -> ApiResult<SyncReport> {
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
        hsts_subdomains: true,
        assets: Assets {
            js: "/pkg/eproc-2fa.js".into(),
            wasm: "/pkg/eproc-2fa.wasm".into(),
            css: "/pkg/eproc-2fa.css".into(),
        },
        demo_desk: None,
        reload: None,
    })
}

fn portal(shown: Option<ApiResult<Page>>) -> Portal {
    portal_over(Fake::Once(Mutex::new(shown)))
}

fn portal_over(fake: Fake) -> Portal {
    Portal {
        site: site(),
        backend: Arc::new(fake),
        now: NOW,
    }
}

fn context(portal: &Portal, language: Language) -> RequestContext {
    RequestContext {
        locale: portal.locale(language),
        ..RequestContext::default()
    }
}

async fn answer(path: &str, language: Language, shown: Option<ApiResult<Page>>) -> (u16, Html) {
    let portal = portal(shown);
    let LoadedPage::Show { status, view } =
        load_page(&portal, path, context(&portal, language)).await
    else {
        panic!("{path} leads elsewhere");
    };
    let Document { html, nonce } = document(
        &portal.site,
        &portal.page_context(portal.locale(language)),
        path,
        *view,
    );
    assert!(nonce.is_none(), "a script stands inside the page");
    (status.as_u16(), Html::parse_document(&html))
}

/// The page at `path`, its backend answering `shown`: a view.
pub async fn render(path: &str, language: Language, shown: impl Into<Shown>) -> Html {
    let (status, page) = answer(path, language, Some(Ok(shown.into().0))).await;
    assert_eq!(status, 200, "{path}");
    page
}

/// The reply to a running document in the language of the page, or in another.
pub async fn reply(
    address: &str,
    language: Language,
    running: Language,
    shown: impl Into<Shown>,
) -> NavigationAnswer {
    let running = RunningDocument {
        language: running,
        release: site().assets.release(),
    };
    let portal = portal(Some(Ok(shown.into().0)));
    navigation::answer_running_document(&portal, &running, address, context(&portal, language))
        .await
}

/// The reply of a backend whose pages lead to each other for ever.
pub async fn reply_in_a_circle(path: &'static str) -> NavigationAnswer {
    let portal = portal_over(Fake::Circle(path));
    navigation::answer_running_document(&portal, &running(), path, context(&portal, Language::Pt))
        .await
}

fn running() -> RunningDocument {
    RunningDocument {
        language: Language::Pt,
        release: site().assets.release(),
    }
}

/// The reply of a server function that answers `answer` to a running document, or to a plain form.
pub async fn answered(
    response_of_form: FormResponse,
    plain: bool,
) -> (NavigationReply, Option<String>) {
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
        ScopedFuture::new(request::respond(Ok(response_of_form)))
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
        language: Language::Pt,
        release: "/pkg/older.js".into(),
    };
    let portal = portal(None);
    let context = context(&portal, Language::Pt);
    navigation::answer_running_document(&portal, &running, address, context).await
}

/// Where a page leads whose backend leads elsewhere.
pub async fn redirected(path: &str, to: &str) -> String {
    let portal = portal(Some(Ok(Page::Redirect(to.into()))));
    match load_page(&portal, path, context(&portal, Language::Pt)).await {
        LoadedPage::Redirect(path) => path,
        LoadedPage::Show { .. } => panic!("{path} leads nowhere"),
    }
}

/// A page whose backend failed.
pub async fn failed(path: &str, language: Language, reference: &str) -> (u16, Html) {
    let error = ApiError::Unavailable {
        reference: reference.into(),
    };
    answer(path, language, Some(Err(error))).await
}

/// A page that asks the backend nothing.
pub async fn unknown(path: &str, language: Language) -> (u16, Html) {
    answer(path, language, None).await
}

/// Whether a server function takes posts at `path`.
pub fn posts_to(path: &str) -> bool {
    server_fn_paths().any(|(known, method)| known == path && method == http::Method::POST)
}

/// What a page's backend answers.
pub struct Shown(Page);

impl Shown {
    /// For a page without a view of its own.
    pub fn nothing(view: PageView) -> Self {
        Self(Page::Show(Box::new(view)))
    }
}

macro_rules! views {
    ($($view:ty => $page:expr),* $(,)?) => {$(
        impl From<$view> for Shown {
            fn from(view: $view) -> Self {
                Self(Page::Show(Box::new($page(view))))
            }
        }
    )*};
}

views!(
    SignInView => PageView::SignIn,
    CodeView => PageView::Code,
    HomeView => PageView::Home,
    IntroView => PageView::Intro,
    ChangeEmailView => PageView::ChangeEmail,
    LinkView => PageView::Link,
    NotMeView => PageView::NotMe,
    SignInLinkView => PageView::SignInLink,
    LostPhoneView => PageView::LostPhone,
    RecoveryLinkView => PageView::RecoveryLink,
    SupportDeskView => PageView::SupportDesk,
    EntryView => PageView::Entry,
    RecoveryCodesView => PageView::RecoveryCodes,
    AuthenticatorsView => PageView::NewPhone,
    SessionsView => PageView::Sessions,
    HistoryView => PageView::History,
    EnrolView => |view| PageView::Client(ClientPage::Enrol(view)),
    MailSentView => |view| PageView::Client(ClientPage::MailSent(view)),
    Option<ActivatedView> => |view| PageView::Client(ClientPage::Activated { view }),
);
