//! The demo desk: every mail sent, STM on and off, the clock forward and back. A developer's
//! tool, in Portuguese like everything the demonstration shows.

use crate::shifted_clock::ShiftedClock;
use app::text::clock;
use axum::{
    Form, Json, Router,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;
use server::{
    mail::memory::{Mailbox, SentMail},
    ports::Clock as _,
    web::{Instance, static_files},
};
use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) stm_on: Arc<AtomicBool>,
    pub(crate) jmu: String,
    pub(crate) stm: String,
    pub(crate) instance: Instance,
}

pub(crate) fn router(desk: Desk) -> Router {
    let files = static_files(&desk.instance);
    Router::new()
        .route("/", get(page))
        .route("/mail/{number}", get(mail))
        .route("/eproc/{instance}", get(eproc_page))
        .route("/clock", post(move_clock))
        .route("/stm", post(switch_stm))
        .route("/state.json", get(state))
        .route("/mails.json", get(mails))
        .with_state(desk)
        .merge(files)
        .layer(middleware::from_fn(guard))
}

/// Pages elsewhere may not press the desk's buttons; a script on this machine may.
async fn guard(request: Request, next: Next) -> Response {
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

async fn page(State(desk): State<Desk>) -> Html<String> {
    let now = desk.clock.now().0;
    let shifted = desk.clock.shifted();
    let on = desk.stm_on.load(Ordering::SeqCst);
    let (label, value) = if on {
        ("Desligar o STM", "off")
    } else {
        ("Ligar o STM", "on")
    };
    let mut body = format!(
        "<h1>Mesa da demonstração</h1>\
         <p>Relógio dos servidores: <strong>{}</strong> ({shifted:+} s). STM: <strong>{}</strong>.</p>\
         <form method=\"post\" action=\"/clock\" class=\"actions\">\
         <button class=\"button\" name=\"seconds\" value=\"-300\">−5 min</button>\
         <button class=\"button\" name=\"seconds\" value=\"30\">+30 s</button>\
         <button class=\"button\" name=\"seconds\" value=\"120\">+2 min</button>\
         <button class=\"button\" name=\"seconds\" value=\"3600\">+1 h</button>\
         <button class=\"button\" name=\"seconds\" value=\"0\">Hora certa</button></form>\
         <form method=\"post\" action=\"/stm\" class=\"actions\">\
         <button class=\"button\" name=\"state\" value=\"{value}\">{label}</button>\
         <a class=\"button\" href=\"{}\">Abrir o JMU</a><a class=\"button\" href=\"{}\">Abrir o STM</a>\
         </form><h2>Correio</h2>",
        clock(now, -3),
        if on { "ligado" } else { "desligado" },
        desk.jmu,
        desk.stm,
    );
    let sent = desk.mailbox.sent();
    if sent.is_empty() {
        body.push_str("<p class=\"muted\">Nenhuma mensagem ainda. <a href=\"/\">Atualizar</a></p>");
    }
    body.push_str("<ul class=\"desk-mail\">");
    for (number, mail) in sent.iter().enumerate().rev() {
        let _ = write!(
            body,
            "<li class=\"desk-mail-item\"><a href=\"/mail/{number}\">{}</a> \
             <span class=\"small muted\">{} · {} · para {}</span></li>",
            escape(&mail.subject),
            clock(mail.at.0, -3),
            escape(&mail.instance),
            escape(&mail.to)
        );
    }
    body.push_str("</ul>");
    Html(desk.document("Mesa da demonstração", &body))
}

async fn mail(State(desk): State<Desk>, Path(number): Path<usize>) -> Response {
    let sent = desk.mailbox.sent();
    let Some(mail) = sent.get(number) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let text = escape(&mail.text);
    let text = match &mail.link {
        Some(link) => {
            let link = escape(link);
            text.replacen(&link, &format!("<a href=\"{link}\">{link}</a>"), 1)
        }
        None => text,
    };
    let body = format!(
        "<p><a href=\"/\">Voltar à mesa</a></p><h1>{}</h1>\
         <p class=\"small muted\">Para {} · {}</p><pre class=\"desk-text\">{text}</pre>",
        escape(&mail.subject),
        escape(&mail.to),
        clock(mail.at.0, -3)
    );
    Html(desk.document(&escape(&mail.subject), &body)).into_response()
}

/// Stands for e-Proc itself at `system_url`: the end of the way through the portal.
async fn eproc_page(State(desk): State<Desk>, Path(instance): Path<String>) -> Response {
    let portal = match instance.as_str() {
        "JMU" => &desk.jmu,
        "STM" => &desk.stm,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let body = format!(
        "<h1>e-Proc/{instance}</h1>\
         <p class=\"lead\">Você entrou. Aqui se abre o e-Proc, com os seus processos.</p>\
         <p>Na demonstração, esta página faz as vezes dele: o portal de dois fatores trouxe você \
         até aqui, e o caminho termina.</p>\
         <p class=\"actions\"><a class=\"button\" href=\"{portal}/inicio\">Voltar ao portal</a> \
         <a class=\"button\" href=\"/\">Mesa da demonstração</a></p>"
    );
    Html(desk.document(&format!("e-Proc/{instance}"), &body)).into_response()
}

#[derive(Deserialize)]
struct Shift {
    seconds: i64,
}

/// Zero seconds: the right time again.
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

impl Desk {
    fn document(&self, title: &str, body: &str) -> String {
        format!(
            "<!DOCTYPE html><html lang=\"pt-BR\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title><link rel=\"stylesheet\" href=\"{}\">\
             <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"></head>\
             <body class=\"desk\"><main id=\"main\" class=\"page\">{body}</main></body></html>",
            escape(&self.instance.site.assets.css)
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
