//! Islands: the parts of a page that act in the browser. The server marks them in the HTML; the browser mounts each in its
//! place and drops it with the page (decision 13). A page that the browser draws itself has the same parts as plain
//! components.

use super::copy_key::CopyKey;
use super::ending::Ending;
use super::keep_codes::KeepCodes;
use super::poll::{WaitForLink, WaitForSync};
use super::reveal::Reveal;
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
    Reveal(Reveal),
    CopyKey(CopyKey),
    KeepCodes(KeepCodes),
    Ending(Ending),
    WaitForLink(WaitForLink),
    WaitForSync(WaitForSync),
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
            Self::Reveal(island) => EitherOf6::A(island.view()),
            Self::CopyKey(island) => EitherOf6::B(island.view()),
            Self::Ending(island) => EitherOf6::C(island.view()),
            Self::WaitForLink(island) => EitherOf6::D(island.view()),
            Self::WaitForSync(island) => EitherOf6::E(island.view()),
            Self::KeepCodes(island) => EitherOf6::F(island.view()),
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
