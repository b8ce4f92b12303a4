//! Islands: the parts of a page that act in the browser. The server marks them in the HTML of a
//! page, the browser mounts each in its place and ends it with the page (docs/decisions/0013).
//! A page that the browser draws itself holds the same parts as plain components.

use super::{
    copy_key::CopyKey,
    ending::Ending,
    poll::{WaitForLink, WaitForSync},
    reveal::Reveal,
};
use crate::view::{Progress, SyncReport};
use leptos::{either::EitherOf5, prelude::*};
use serde::{Deserialize, Serialize};

/// Name of the element around an island.
pub const ELEMENT: &str = "eproc-island";
/// Attribute of that element that holds the island ([`Island::to_attribute`]).
pub const DATA: &str = "data-island";

/// An island with its arguments, as it crosses from the HTML to the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Island {
    /// [`Reveal`]: shows and hides a password.
    Reveal {
        /// Id of the password field.
        field: String,
        /// Text while hidden.
        show: String,
        /// Text while shown.
        hide: String,
        /// Accessible name while hidden.
        show_label: String,
        /// Accessible name while shown.
        hide_label: String,
    },
    /// [`CopyKey`]: copies the setup key.
    CopyKey {
        /// The key without spaces.
        key: String,
        /// Text of the button.
        label: String,
        /// Announced when it worked.
        copied: String,
        /// Announced when it did not.
        failed: String,
    },
    /// [`Ending`]: says that a page is about to run out.
    Ending {
        /// Seconds from now to the end.
        seconds: i64,
        /// What is said.
        text: String,
    },
    /// [`WaitForLink`]: waits for the confirmation of a link.
    WaitForLink {
        /// State as the server drew it.
        initial: Progress,
    },
    /// [`WaitForSync`]: waits for the other instances.
    WaitForSync {
        /// Results as the server drew them.
        initial: SyncReport,
        /// Text of the link that asks again without JavaScript.
        reload: String,
        /// Path of the page.
        page: String,
    },
}

impl Island {
    /// The island as postcard in base64.
    #[cfg(feature = "ssr")]
    fn to_attribute(&self) -> Option<String> {
        let bytes = postcard::to_allocvec(self).ok()?;
        Some(data_encoding::BASE64.encode(&bytes))
    }

    /// Reads bytes that [`Island::to_attribute`] wrote. `None` for any others.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    /// The component itself.
    pub fn view(self) -> impl IntoView {
        match self {
            Self::Reveal {
                field,
                show,
                hide,
                show_label,
                hide_label,
            } => EitherOf5::A(view! { <Reveal field show hide show_label hide_label/> }),
            Self::CopyKey {
                key,
                label,
                copied,
                failed,
            } => EitherOf5::B(view! { <CopyKey key label copied failed/> }),
            Self::Ending { seconds, text } => EitherOf5::C(view! { <Ending seconds text/> }),
            Self::WaitForLink { initial } => EitherOf5::D(view! { <WaitForLink initial/> }),
            Self::WaitForSync {
                initial,
                reload,
                page,
            } => EitherOf5::E(view! { <WaitForSync initial reload page/> }),
        }
    }

    /// The component in its element. Only the server's HTML needs the arguments beside it.
    pub fn place(self) -> impl IntoView {
        #[cfg(feature = "ssr")]
        let data = self.to_attribute();
        #[cfg(not(feature = "ssr"))]
        let data = None::<String>;
        view! { <eproc-island data-island=data>{self.view()}</eproc-island> }
    }
}
