//! The endpoint to which peers post (docs/sync.md). Its authority is the signature of the message.

use super::router::ServedInstance;
use crate::domain::{client::ClientInfo, envelope};
use app::api::request::ClientIp;
use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

fn refuse(status: StatusCode, code: &str, description: &str) -> Response {
    (
        status,
        Json(json!({ "err": code, "description": description })),
    )
        .into_response()
}

/// Opens and applies a message and answers with a signed reply. A message that cannot be opened gets 400 and a code of RFC
/// 8935 §2.4.
pub(super) async fn receive(
    State(instance): State<ServedInstance>,
    client: Option<Extension<ClientIp>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if kind != Some(envelope::MESSAGE_TYPE) {
        return refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "invalid_request",
            "wrong content type",
        );
    }
    let now = instance.services.now();
    let text = std::str::from_utf8(&body).unwrap_or_default();
    let message = match instance.receiver.open(text, now) {
        Ok(message) => message,
        Err(error) => {
            let client = ClientInfo {
                browser: String::new(),
                ip: client.map(|Extension(client)| client.0),
            };
            let claimed = envelope::claimed_issuer(text);
            let noted = instance
                .services
                .note_untrusted_message(client, error, claimed.as_deref())
                .await;
            if let Err(error) = noted {
                tracing::error!(%error, "the alarm was not audited");
            }
            return refuse(StatusCode::BAD_REQUEST, error.code(), &error.to_string());
        }
    };
    let header = message.header.clone();
    let peer = instance.services.for_peer(&header.issuer);
    let outcome = match peer.receive(message).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::error!(%error, "a sync message could not be applied");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    match instance.receiver.reply(&header, outcome) {
        Ok(reply) => ([(header::CONTENT_TYPE, envelope::REPLY_TYPE)], reply).into_response(),
        Err(error) => {
            tracing::error!(%error, "a sync reply could not be signed");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
