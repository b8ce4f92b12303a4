//! Islands: the parts of a page that act in the browser. The server marks them in the HTML; the browser mounts each in its
//! place and drops it with the page (decision 13). A page that the browser draws itself has the same parts as plain
//! components.

use super::copy_key::CopyKey;
use super::ending::Ending;
use super::keep_codes::KeepCodes;
use super::poll::{WaitForLink, WaitForSync};
use super::reveal::Reveal;
use crate::view::{Progress, SyncReport};
use leptos::either::EitherOf6;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Name of the element around an island.
pub const ELEMENT: &str = "eproc-island";
/// Attribute of that element with the island as text ([`Island::to_attribute`]).
pub const DATA: &str = "data-island";

/// An island with its arguments, as the HTML carries it to the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Island {
    /// [`Reveal`]: shows and hides a password.
    Reveal {
        /// Id of the password field.
        field: String,
        /// Text of the button while the password is hidden.
        show: String,
        /// Text of the button while the password is shown.
        hide: String,
        /// Accessible name while the password is hidden.
        show_label: String,
        /// Accessible name while the password is shown.
        hide_label: String,
    },
    /// [`CopyKey`]: copies the setup key.
    CopyKey {
        /// The setup key without spaces.
        key: String,
        label: String,
        /// Announced after success.
        copied: String,
        /// Announced after a failure.
        failed: String,
    },
    /// [`KeepCodes`]: copies and prints recovery codes.
    KeepCodes {
        /// What is copied.
        text: String,
        copy: String,
        /// Announced after success.
        copied: String,
        /// Announced after a failure.
        failed: String,
        print: String,
    },
    /// [`Ending`]: announces that a page will expire.
    Ending {
        /// Seconds from now to the end.
        seconds: i64,
        text: String,
    },
    /// [`WaitForLink`]: waits for the confirmation of a link.
    WaitForLink {
        /// The state when the server drew the page.
        initial: Progress,
    },
    /// [`WaitForSync`]: waits for the outcomes at the other instances.
    WaitForSync {
        /// The outcomes when the server drew the page.
        initial: SyncReport,
        /// Text of the link that asks again without JavaScript.
        reload: String,
        /// Path of the page.
        page: String,
    },
}

impl Island {
    /// The island as postcard in base64; `None` when it cannot be written.
    #[cfg(feature = "ssr")]
    fn to_attribute(&self) -> Option<String> {
        let bytes = postcard::to_allocvec(self).ok()?;
        Some(data_encoding::BASE64.encode(&bytes))
    }

    /// Reads the bytes that [`Island::to_attribute`] encoded; `None` for other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    pub fn view(self) -> impl IntoView {
        match self {
            Self::Reveal {
                field,
                show,
                hide,
                show_label,
                hide_label,
            } => EitherOf6::A(view! { <Reveal field show hide show_label hide_label/> }),
            Self::CopyKey {
                key,
                label,
                copied,
                failed,
            } => EitherOf6::B(view! { <CopyKey key label copied failed/> }),
            Self::Ending { seconds, text } => EitherOf6::C(view! { <Ending seconds text/> }),
            Self::WaitForLink { initial } => EitherOf6::D(view! { <WaitForLink initial/> }),
            Self::WaitForSync {
                initial,
                reload,
                page,
            } => EitherOf6::E(view! { <WaitForSync initial reload page/> }),
            Self::KeepCodes {
                text,
                copy,
                copied,
                failed,
                print,
            } => EitherOf6::F(view! { <KeepCodes text copy copied failed print/> }),
        }
    }

    /// The component in its element. Only the HTML of the server needs the arguments in the attribute.
    pub fn place(self) -> impl IntoView {
        #[cfg(feature = "ssr")]
        let data = self.to_attribute();
        #[cfg(not(feature = "ssr"))]
        let data = None::<String>;
        view! { <eproc-island data-island=data>{self.view()}</eproc-island> }
    }
}
