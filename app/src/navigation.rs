//! Moving from page to page within one document: what the browser and the server tell each other
//! (docs/decisions/0013, docs/flows.md). A request says in one header that it comes from a running
//! document; its answer is a [`NavigationReply`]. Without the header every answer is a document or
//! a redirect. The header is no authority: it changes the form of an answer, never what it holds.

use crate::{model::Language, page_context::PageContext, view::ClientPage};
use leptos::server_fn::{ContentType as _, codec::PostcardEncoding};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
mod answer;
#[cfg(feature = "ssr")]
pub use answer::{NavigationAnswer, answer_running_document, show_fault};

/// Name of the request header of a running document; its value is a [`RunningDocument`].
pub const HEADER: &str = "eproc-navigation";

/// What a running document says of itself with each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningDocument {
    /// Language of its bar and footer.
    pub language: Language,
    /// Names of the files that it runs on (`Assets::release`).
    pub release: String,
}

impl RunningDocument {
    /// Value of the header: language, space, release.
    pub fn to_header(&self) -> String {
        format!("{} {}", self.language.code(), self.release)
    }

    /// Reads the header. `None` when it is not one of ours.
    pub fn of_header(value: &str) -> Option<Self> {
        let (language, release) = value.split_once(' ')?;
        Some(Self {
            language: Language::from_code(language)?,
            release: release.to_owned(),
        })
    }
}

/// Where a step within a document led.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NavigationReply {
    /// Show this page in the running document.
    Show(Box<ShownPage>),
    /// Load this path of ours as a document: it has a policy of its own, or the running document
    /// is of another release. A document of any release understands this variant: neither its place
    /// nor its form ever changes.
    LoadDocument {
        /// Path with query.
        address: String,
    },
    /// Leave for another origin. Told as data, because a redirect that fetch follows to another
    /// origin fails under the policy like a lost network.
    LeaveOrigin { url: String },
}

/// A page for a running document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownPage {
    /// Path with query, for the address bar; `None` where the page has no address of its own and
    /// the old one stays (a fault).
    pub address: Option<String>,
    /// Language and times of the page.
    pub page_context: PageContext,
    /// Bar and footer, where those of the running document are in another language.
    pub surroundings: Option<Surroundings>,
    /// The page itself.
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

/// What goes into `<main>`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageContent {
    /// Drawn by the server.
    Html {
        /// Title of the document, as text.
        title: String,
        /// Content of `<main>`.
        main: String,
    },
    /// Drawn by the browser.
    Data(ClientPage),
}

/// Why an answer is not one of ours, as far as the browser can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerProblem {
    /// No answer came: no network, or none in time.
    NoAnswer,
    /// Something in front of us answered that it is too busy or waits for us (429, 502, 503, 504).
    Busy,
    /// Somebody else answered (a captive portal, a proxy), or half of an answer came.
    NotOurs,
}

/// Type of an answer that holds a reply: that of the server functions.
pub const CONTENT_TYPE: &str = PostcardEncoding::CONTENT_TYPE;

/// Reads an answer. A reply of ours counts whatever its status; a redirect that fetch did not
/// follow has status 0, no type and no body.
///
/// # Errors
/// [`AnswerProblem::Busy`] or [`AnswerProblem::NotOurs`] for whatever is not a whole reply.
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
        // any release understands this one: these bytes never change
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
