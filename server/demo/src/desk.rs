//! The desk of the demonstration: all mails that were sent, STM on and off, the clock forward and back. It is a tool for
//! developers, in Portuguese like all of the demonstration.

use crate::shifted_clock::ShiftedClock;
use app::text::clock;
use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde::Deserialize;
use serde_json::json;
use server::domain::Timestamp;
use server::mail::memory::{Mailbox, SentMail};
use server::ports::Clock as _;
use server::web::{ServedInstance, static_files};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) stm_on: Arc<AtomicBool>,
    pub(crate) jmu: String,
    pub(crate) stm: String,
    pub(crate) instance: ServedInstance,
}

pub(crate) fn router(desk: Desk) -> Router {
    let files = static_files(&desk.instance);
    Router::new()
        .route("/", get(page))
        .route("/mail/{number}", get(mail))
        .route("/eproc/{instance}", get(eproc_page))
        .route("/clock", post(move_clock))
        .route("/stm", post(switch_stm))
        .route("/desk.css", get(style))
        .route("/state.json", get(state))
        .route("/mails.json", get(mails))
        .with_state(desk)
        .merge(files)
        .layer(middleware::from_fn(guard))
}

/// Pages of other web origins must not press the desk's buttons; a script on this machine may.
async fn guard(request: Request, next: Next) -> Response {
    // a page of a name that was rebound to this machine would read the mails
    let names_this_machine = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .and_then(|host| host.parse::<Authority>().ok())
        .is_some_and(|host| matches!(host.host(), "127.0.0.1" | "localhost" | "[::1]"));
    if !names_this_machine {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let foreign = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin" && site != "none");
    if foreign && !request.method().is_safe() {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response = next.run(request).await;
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
        frame-ancestors 'none'";
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        header::HeaderValue::from_static(policy),
    );
    response
}

#[derive(Template)]
#[template(path = "desk.html")]
struct DeskPage<'a> {
    desk: &'a Desk,
    now: Timestamp,
    shifted: i64,
    stm_on: bool,
    mails: Vec<SentMail>,
}

async fn page(State(desk): State<Desk>) -> Response {
    html(&DeskPage {
        now: desk.clock.now(),
        shifted: desk.clock.shifted(),
        stm_on: desk.stm_on.load(Ordering::SeqCst),
        mails: desk.mailbox.sent(),
        desk: &desk,
    })
}

/// The text of a mail, split at its link; without a link all of it is `before`.
#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage<'a> {
    desk: &'a Desk,
    mail: &'a SentMail,
    before: &'a str,
    link: &'a str,
    after: &'a str,
}

async fn mail(State(desk): State<Desk>, Path(number): Path<usize>) -> Response {
    let sent = desk.mailbox.sent();
    let Some(mail) = sent.get(number) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let parted = mail.link.as_deref().and_then(|link| {
        let (before, after) = mail.text.split_once(link)?;
        Some((before, link, after))
    });
    let (before, link, after) = parted.unwrap_or((&mail.text, "", ""));
    html(&MailPage {
        desk: &desk,
        mail,
        before,
        link,
        after,
    })
}

#[derive(Template)]
#[template(path = "eproc.html")]
struct EprocPage<'a> {
    desk: &'a Desk,
    instance: &'a str,
    portal: &'a str,
}

/// Stands in for e-Proc at `system_url`, to which the home page leads.
async fn eproc_page(State(desk): State<Desk>, Path(instance): Path<String>) -> Response {
    let portal = match instance.as_str() {
        "JMU" => &desk.jmu,
        "STM" => &desk.stm,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    html(&EprocPage {
        desk: &desk,
        instance: &instance,
        portal,
    })
}

fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn local_time(at: Timestamp) -> String {
    clock(at.0, -3)
}

async fn style() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (kind, include_str!("../templates/desk.css"))
}

#[derive(Deserialize)]
struct Shift {
    seconds: i64,
}

/// Moves the clock; zero seconds set it back to the system's time.
async fn move_clock(State(desk): State<Desk>, Form(shift): Form<Shift>) -> Redirect {
    match shift.seconds {
        0 => desk.clock.reset(),
        seconds => desk.clock.shift(seconds.clamp(-86_400, 86_400 * 11)),
    }
    Redirect::to("/")
}

#[derive(Deserialize)]
struct Switch {
    state: String,
}

async fn switch_stm(State(desk): State<Desk>, Form(switch): Form<Switch>) -> Redirect {
    desk.stm_on.store(switch.state == "on", Ordering::SeqCst);
    Redirect::to("/")
}

async fn state(State(desk): State<Desk>) -> Json<serde_json::Value> {
    Json(json!({
        "now": desk.clock.now().0,
        "shifted": desk.clock.shifted(),
        "stm": desk.stm_on.load(Ordering::SeqCst),
    }))
}

async fn mails(State(desk): State<Desk>) -> Json<serde_json::Value> {
    let as_json = |mail: &SentMail| {
        json!({
            "at": mail.at.0, "instance": mail.instance, "to": mail.to, "kind": mail.kind,
            "subject": mail.subject, "text": mail.text, "link": mail.link,
        })
    };
    Json(desk.mailbox.sent().iter().map(as_json).collect())
}
