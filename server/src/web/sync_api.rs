//! The endpoint to which peers post (docs/sync.md). Its authority is the signature of the message.

use super::router::ServedInstance;
use crate::domain::envelope;
use crate::domain::{
    Batch, BatchAnswer, BatchReply, ClientInfo, EnvelopeError, InstanceName, SyncMessage,
};
use crate::services::ServiceError;
use app::api::request::ClientIp;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::json;

fn refuse(status: StatusCode, code: &str, description: &str) -> Response {
    (
        status,
        Json(json!({ "err": code, "description": description })),
    )
        .into_response()
}

/// Answers that somebody is here (docs/sync.md). It reads nothing.
pub(super) async fn probe() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Opens and applies the messages of a POST and answers each with a signed reply, in the same order. A message that cannot be opened
/// gets a code of RFC 8935 §2.4 in its place, and one that cannot be applied now is to be sent again.
pub(super) async fn receive(
    State(instance): State<ServedInstance>,
    client: Option<Extension<ClientIp>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if kind != Some(envelope::BATCH_TYPE) {
        return refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "invalid_request",
            "wrong content type",
        );
    }
    let batch = match Batch::parse(&body) {
        Ok(batch) => batch,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.code(), &error.to_string()),
    };
    let client = ClientInfo {
        browser: String::new(),
        ip: client.map(|Extension(client)| client.0),
    };
    let now = instance.services.now();
    let opened: Vec<_> = batch
        .sets
        .iter()
        .map(|token| {
            instance
                .receiver
                .open(token, now)
                .map_err(|error| (error, token))
        })
        .collect();
    // anybody can send what is not to be trusted: one of a request is noted, and costs one write at most
    let untrusted = opened.iter().find_map(|opened| opened.as_ref().err());
    if let Some((error, token)) = untrusted {
        let claimed = envelope::claimed_issuer(token);
        let noted = instance
            .services
            .note_untrusted_message(client, *error, claimed.as_deref())
            .await;
        if let Err(error) = noted {
            tracing::error!(%error, "the alarm was not audited");
        }
    }
    // together, so that the store can commit them together; a peer sends one message for each person
    let answers = opened.into_iter().map(|opened| answer(&instance, opened));
    let replies = futures_util::future::join_all(answers).await;
    Json(BatchReply { replies }).into_response()
}

async fn answer(
    instance: &ServedInstance,
    opened: Result<SyncMessage, (EnvelopeError, &String)>,
) -> BatchAnswer {
    let services = &instance.services;
    let message = match opened {
        Ok(message) => message,
        Err((error, _)) => {
            return BatchAnswer::Refused {
                err: error.code().to_owned(),
                description: error.to_string(),
            };
        }
    };
    let header = message.header.clone();
    // the receiver knows issuers by configured names only
    let Ok(issuer) = InstanceName::parse(&header.issuer) else {
        return BatchAnswer::Failed { failed: true };
    };
    let applied = services.for_peer(&issuer).receive(message).await;
    if matches!(applied, Err(ServiceError::Early)) {
        // it comes again by itself
        return BatchAnswer::Failed { failed: true };
    }
    let signed = applied
        .map_err(|error| error.to_string())
        .and_then(|answer| {
            let reply = instance.receiver.reply(&header, answer);
            reply.map_err(|error| error.to_string())
        });
    match signed {
        Ok(reply) => BatchAnswer::Signed { reply },
        Err(error) => {
            tracing::error!(error, "a sync message could not be applied");
            BatchAnswer::Failed { failed: true }
        }
    }
}
