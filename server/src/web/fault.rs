//! Pages for requests that never reach a page: refused, incomplete, failed. Plain HTML in the
//! frame of every other page.

use app::{
    Site,
    text::{Lang, Texts, fill},
};
use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};

/// What went wrong.
pub(super) enum Fault<'a> {
    /// Not sent by a page of ours.
    Forbidden,
    /// Incomplete, doubled, too long, of the wrong type.
    BadForm(StatusCode),
    /// Ours; the reference is in the log.
    Failed(&'a str),
}

/// Whether the client wants a page rather than data.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// The language that the browser asks for; the cookie needs no look at a refused request.
pub(super) fn language(headers: &HeaderMap) -> Lang {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map(Lang::preferred)
        .unwrap_or_default()
}

/// The page (or, for a fetch, the bare status) of a fault.
pub(super) fn answer(site: &Site, lang: Lang, page: bool, fault: &Fault<'_>) -> Response {
    let t = lang.texts();
    let (status, title, text) = match fault {
        Fault::Forbidden => (StatusCode::FORBIDDEN, t.forbidden_title, t.forbidden_text),
        Fault::BadForm(status) => (*status, t.bad_form_title, t.bad_form_text),
        Fault::Failed(_) => (StatusCode::SERVICE_UNAVAILABLE, t.fault_title, t.fault_text),
    };
    if !page {
        return (status, Body::empty()).into_response();
    }
    let reference = match fault {
        Fault::Failed(reference) => {
            format!(
                "<p>{}</p>",
                fill(t.fault_reference, &[("reference", &escape(reference))])
            )
        }
        _ => String::new(),
    };
    (
        status,
        Html(document(
            site,
            lang,
            t,
            title,
            &format!("<p>{text}</p>{reference}"),
        )),
    )
        .into_response()
}

fn document(site: &Site, lang: Lang, t: &Texts, title: &str, body: &str) -> String {
    let (label, css) = (escape(&site.label), escape(&site.assets.css));
    let (name, email, phone) = (
        escape(&site.support_name),
        escape(&site.support_email),
        escape(&site.support_phone),
    );
    format!(
        "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{}: {title} · {label}</title><link rel=\"stylesheet\" href=\"{css}\">\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"></head><body>\
         <header class=\"bar\"><div class=\"bar-inner\">\
         <span class=\"bar-mark\" aria-hidden=\"true\"></span>\
         <span class=\"bar-name\">{label}</span></div></header>\
         <main id=\"main\" class=\"page\"><h1>{title}</h1>{body}<p><a href=\"/\">{}</a></p></main>\
         <footer class=\"foot\"><div class=\"foot-inner\"><address class=\"foot-support\">\
         <strong>{name}</strong><br>{} {email}<br>{} {phone}</address></div></footer></body></html>",
        lang.tag(),
        t.error_prefix,
        t.back_to_sign_in,
        t.support_email,
        t.support_phone,
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
