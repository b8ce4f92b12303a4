//! A browser: keeps cookies, posts forms, follows redirects; or moves within a running document, as
//! the wasm does. Tests see the same either way: the page, and the path in the address bar.

use super::TestApp;
use app::model::Language;
use app::navigation::{self, NavigationReply, PageContent, RunningDocument, ShownPage};
use app::pages::{draw_client_page, render, to_html};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use tower::ServiceExt as _;

/// An answer, body read.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// Path of the page, after redirects.
    pub path: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The reply to a running document.
    #[track_caller]
    pub fn reply(&self) -> NavigationReply {
        let kind = self.headers[header::CONTENT_TYPE].to_str().unwrap();
        let read = navigation::read_reply(self.status.as_u16(), kind, &self.bytes);
        read.unwrap_or_else(|_| panic!("{} {kind}: no reply: {}", self.status, self.body))
    }

    /// The page of a reply, as the running document shows it.
    fn shown(mut self, page: ShownPage, before: &str) -> Self {
        let (title, main) = match page.content {
            PageContent::Html { title, main } => (title, main),
            PageContent::Data(data) => render(|| {
                let drawn = draw_client_page(&page.page_context, data);
                (drawn.title, to_html(drawn.main))
            }),
        };
        let language = page.page_context.locale.language.tag();
        let around = page
            .surroundings
            .map_or_else(String::new, |found| found.header + &found.footer);
        self.body = format!("<html lang=\"{language}\"><title>{title}</title>{main}{around}");
        let address = page.address.unwrap_or_else(|| before.to_owned());
        let path = address.split('?').next().unwrap_or_default();
        path.clone_into(&mut self.path);
        self
    }

    #[track_caller]
    pub fn shows(&self, text: &str) -> &Self {
        let plain = self.body.replace("&quot;", "\"");
        assert!(
            plain.contains(text),
            "{} does not show {text:?}:\n{plain}",
            self.path
        );
        self
    }

    #[track_caller]
    pub fn hides(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{} shows {text:?}", self.path);
        self
    }

    #[track_caller]
    pub fn at(&self, path: &str) -> &Self {
        assert_eq!(self.path, path, "{} {}", self.status, self.body);
        self
    }
}

/// A browser of one visitor.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    origin: String,
    pub cookies: BTreeMap<String, String>,
    pub language: &'static str,
    /// The document that runs, where this browser moves within one.
    pub running: Option<RunningDocument>,
    /// Path in the address bar.
    at: String,
    /// The address of its connection; the server does not know it where there is none.
    connection: Option<IpAddr>,
}

impl Browser {
    pub fn new(app: &TestApp) -> Self {
        let mut browser = Self::over(app.router.clone(), app.origin.clone());
        browser.running = app.database.is_running().then(|| RunningDocument {
            language: Language::Pt,
            release: app.release.clone(),
        });
        browser
    }

    /// A browser in front of any router.
    pub fn over(router: Router, origin: String) -> Self {
        Self {
            router,
            origin,
            cookies: BTreeMap::new(),
            language: "pt-BR",
            running: None,
            at: "/".to_owned(),
            connection: None,
        }
    }

    /// The same visitor, coming from this ip.
    pub fn coming_from(mut self, ip: &str) -> Self {
        self.connection = Some(ip.parse().unwrap());
        self
    }

    /// The same visitor, answered by another replica.
    pub fn through(&self, app: &TestApp) -> Self {
        Self {
            router: app.router.clone(),
            ..self.clone()
        }
    }

    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let jar: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
            .header(header::ACCEPT_LANGUAGE, self.language)
            .header(
                header::USER_AGENT,
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            )
            .header(header::COOKIE, jar.join("; "))
    }

    /// Sends a request as it is and keeps the cookies of the answer.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        if let Some(ip) = self.connection {
            let connection = ConnectInfo(SocketAddr::new(ip, 4711));
            request.extensions_mut().insert(connection);
        }
        let path = request.uri().path().to_owned();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.into(),
            path,
        }
    }

    /// Sends a step of the running document and shows what the reply says.
    pub async fn step(&mut self, mut request: Request<Body>) -> Answer {
        let Some(running) = self.running.clone() else {
            return self.send(request).await;
        };
        let headers = request.headers_mut();
        let value = |text: &str| http::HeaderValue::from_str(text).unwrap();
        headers.insert(navigation::HEADER, value(&running.to_header()));
        headers.insert(header::ACCEPT, value(navigation::CONTENT_TYPE));
        let head = request.method() == Method::HEAD;
        let answer = self.send(request).await;
        if head
            || answer.headers.get(header::CONTENT_TYPE) != Some(&value(navigation::CONTENT_TYPE))
        {
            return answer;
        }
        match answer.reply() {
            NavigationReply::Show(page) => {
                let language = page.page_context.locale.language;
                self.running = Some(RunningDocument {
                    language,
                    ..running
                });
                let answer = answer.shown(*page, &self.at);
                self.at.clone_from(&answer.path);
                answer
            }
            NavigationReply::LoadDocument { address } => {
                let mut document = self.clone();
                document.running = None;
                let answer = Box::pin(document.get(&address)).await;
                self.cookies = document.cookies;
                self.at.clone_from(&answer.path);
                answer
            }
            NavigationReply::LeaveOrigin { url } => panic!("left for {url}"),
        }
    }

    /// One GET, redirects not followed.
    pub async fn get_once(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        self.step(request).await
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.get_once(path).await;
        self.follow(answer).await
    }

    pub async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..6 {
            if !answer.status.is_redirection() {
                return answer;
            }
            let to = answer.location().to_owned();
            answer = self.get_once(&to).await;
        }
        panic!("redirected in circles: {answer:?}");
    }

    /// One form post, redirects not followed.
    pub async fn post_once(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, &self.origin)
            .body(Body::from(body))
            .unwrap();
        self.step(request).await
    }

    /// What an island asks: a server function without arguments, answered as data.
    pub async fn ask<T: serde::de::DeserializeOwned>(&mut self, path: &str) -> T {
        let mut request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, &self.origin)
            .body(Body::empty())
            .unwrap();
        let data = http::HeaderValue::from_static(navigation::CONTENT_TYPE);
        request.headers_mut().insert(header::ACCEPT, data);
        let answer = self.send(request).await;
        postcard::from_bytes(&answer.bytes).unwrap()
    }

    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let answer = self.post_once(path, form).await;
        self.follow(answer).await
    }
}

/// Percent-encoding of a form value.
pub fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
