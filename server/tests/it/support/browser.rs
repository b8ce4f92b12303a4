//! A browser without scripts: keeps cookies, posts forms, follows redirects.

use super::TestApp;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use std::collections::BTreeMap;
use tower::ServiceExt as _;

/// An answer, body read.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// Path of the page, after redirects.
    pub path: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The page without what differs from answer to answer.
    pub fn page(&self) -> String {
        let mut parts = self.body.split("nonce=\"");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |page, part| {
            page + part.split_once('"').map_or("", |(_, rest)| rest)
        })
    }

    #[track_caller]
    pub fn shows(&self, text: &str) -> &Self {
        let plain = self
            .body
            .replace("&quot;", "\"")
            .replace("<!>", "")
            .replace("<!---->", "");
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
}

impl Browser {
    pub fn new(app: &TestApp) -> Self {
        Self::over(app.router.clone(), app.origin.clone())
    }

    /// A browser in front of any router.
    pub fn over(router: Router, origin: String) -> Self {
        Self {
            router,
            origin,
            cookies: BTreeMap::new(),
            language: "pt-BR",
        }
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
    pub async fn send(&mut self, request: Request<Body>) -> Answer {
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
            path,
        }
    }

    /// One GET, redirects not followed.
    pub async fn get_once(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.get_once(path).await;
        self.follow(answer).await
    }

    async fn follow(&mut self, mut answer: Answer) -> Answer {
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
        self.send(request).await
    }

    /// What an island asks: a server function without arguments, answered as data.
    pub async fn ask(&mut self, path: &str) -> Answer {
        let mut request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, &self.origin)
            .body(Body::empty())
            .unwrap();
        let json = http::HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::ACCEPT, json);
        self.send(request).await
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
