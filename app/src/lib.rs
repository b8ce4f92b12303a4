//! The pages of eproc-2fa, and what they and the server tell each other.
//!
//! Compiled twice: for the server (feature `ssr`, everything) and for the browser (feature
//! `hydrate`), where only the islands of [`components`], the server functions they call and the
//! types of [`view`] remain. Pages, texts and routing stay on the server (docs/decisions/0013).

pub mod api;
pub mod components;
pub mod view;

#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
pub mod text;

#[cfg(feature = "ssr")]
pub use shell::{App, Assets, Site, SiteData, shell};
