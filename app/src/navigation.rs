//! Moving from page to page within one document: the data that browser and server exchange (decision 13, docs/flows.md). One
//! header of a request says that it comes from a running document; the answer is then a [`NavigationReply`], else a document
//! or a redirect. The header is no authority: it changes the form of an answer and never what the answer may tell.

use crate::model::Language;
use crate::page_context::PageContext;
use crate::view::ClientPage;
use leptos::server_fn::ContentType as _;
use leptos::server_fn::codec::PostcardEncoding;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
mod answer;
#[cfg(feature = "ssr")]
pub use answer::{NavigationAnswer, answer_running_document, show_view};

/// Name of the request header of a running document; its value is a [`RunningDocument`].
pub const HEADER: &str = "eproc-navigation";

/// What a running document tells about itself with each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningDocument {
    /// Language of its bar and footer.
    pub language: Language,
    /// Names of the files with which it runs (`Assets::release`).
    pub release: String,
}

impl RunningDocument {
    /// Value of the header: language, space, release.
    pub fn to_header(&self) -> String {
        format!("{} {}", self.language.code(), self.release)
    }

    /// `None` when the value is not one of ours.
    pub fn of_header(value: &str) -> Option<Self> {
        let (language, release) = value.split_once(' ')?;
        Some(Self {
            language: Language::from_code(language)?,
            release: release.to_owned(),
        })
    }
}

/// Where a step within a document leads.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NavigationReply {
    /// Show this page in the running document.
    Show(Box<ShownPage>),
    /// Load this path of this web origin as a document, because it has a policy of its own or the running document is of
    /// another release. Documents of all releases read this variant, so its position and form never change.
    LoadDocument {
        /// Path with query.
        address: String,
    },
    /// Leave for another web origin. It is data and no redirect, because fetch would follow the redirect and fail under the
    /// policy, which looks like a lost network.
    LeaveOrigin { url: String },
}

/// A page for a running document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownPage {
    /// Path with query for the address bar; `None` for a fault, which has no address of its own and keeps the old one.
    pub address: Option<String>,
    /// Language, time zone and texts of the page.
    pub page_context: PageContext,
    /// Bar and footer, when those of the running document are in another language.
    pub surroundings: Option<Surroundings>,
    pub content: PageContent,
}

/// Bar and footer as HTML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings {
    /// What stands in `<body>` before `<main>`.
    pub header: String,
    /// What stands in `<body>` after `<main>`.
    pub footer: String,
}

/// The content of `<main>`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageContent {
    Html {
        /// Title of the document as plain text.
        title: String,
        main: String,
    },
    /// The browser draws it.
    Data(ClientPage),
}

/// Why an answer is not one of ours, as far as the browser can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerProblem {
    /// No answer came: there is no network, or it took too long.
    NoAnswer,
    /// A proxy in front of the server answered that the server is busy or not there (429, 502, 503, 504).
    Busy,
    /// Another party answered, such as a captive portal or a proxy, or the answer is incomplete.
    NotOurs,
}

/// Media type of an answer with a reply; it is the one of the server functions.
pub const CONTENT_TYPE: &str = PostcardEncoding::CONTENT_TYPE;

/// Reads an answer. A reply of ours counts with every status. A redirect that fetch did not follow has status 0, no type and
/// no body.
///
/// # Errors
/// [`AnswerProblem::Busy`] or [`AnswerProblem::NotOurs`] for everything that is not a complete reply.
pub fn read_reply(
    status: u16,
    content_type: &str,
    body: &[u8],
) -> Result<NavigationReply, AnswerProblem> {
    let whole = || {
        let (reply, rest) = postcard::take_from_bytes(body).ok()?;
        (content_type == CONTENT_TYPE && rest.is_empty()).then_some(reply)
    };
    whole().ok_or(match status {
        429 | 502..=504 => AnswerProblem::Busy,
        _ => AnswerProblem::NotOurs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_language_and_release() {
        let document = RunningDocument {
            language: Language::En,
            release: "/pkg/a.js /pkg/a.wasm /pkg/a.css".into(),
        };
        let header = document.to_header();
        assert_eq!(RunningDocument::of_header(&header), Some(document));
        for bad in ["", "pt", "xx a", "1", " "] {
            assert_eq!(RunningDocument::of_header(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_not_our_reply_is_told_apart() {
        let reply = NavigationReply::LoadDocument {
            address: "/inicio".into(),
        };
        let whole = postcard::to_allocvec(&reply).unwrap();
        // every release reads these bytes, so they never change
        assert_eq!(whole, b"\x01\x07/inicio");
        for status in [200, 404, 503] {
            assert!(read_reply(status, CONTENT_TYPE, &whole) == Ok(reply.clone()));
        }
        let half = &whole[..whole.len() - 1];
        let longer = [&whole[..], b"x"].concat();
        for (kind, body) in [
            ("text/html", &whole[..]),
            ("application/json", &whole),
            ("", b""),
            (CONTENT_TYPE, b""),
            (CONTENT_TYPE, half),
            (CONTENT_TYPE, &longer),
            (CONTENT_TYPE, b"\x09"),
            (CONTENT_TYPE, br#"{"message":"login required"}"#),
            ("text/html", b"<!DOCTYPE html><title>Wi-Fi</title>"),
        ] {
            for (status, problem) in [
                (200, AnswerProblem::NotOurs),
                (0, AnswerProblem::NotOurs),
                (413, AnswerProblem::NotOurs),
                (429, AnswerProblem::Busy),
                (503, AnswerProblem::Busy),
            ] {
                let read = read_reply(status, kind, body);
                assert!(read == Err(problem), "{status} {kind} {body:?}");
            }
        }
    }
}
