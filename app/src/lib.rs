//! The pages of eproc-2fa, and what they and the server tell each other.
//!
//! Compiled twice: for the server (feature `ssr`, everything) and for the browser (feature `csr`),
//! where the islands of [`components`], the pages of [`view::ClientPage`] with their texts, and the
//! types of [`view`] and [`navigation`] remain. The other pages are drawn on the server
//! (docs/decisions/0013).

// a page is one type, as deep as its elements are nested
#![recursion_limit = "256"]

pub mod api;
pub mod components;
pub mod model;
pub mod navigation;
pub mod page_context;
pub mod pages;
pub mod routes;
pub mod support;
pub mod text;
pub mod view;

#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
mod load;
#[cfg(feature = "ssr")]
mod site;

#[cfg(feature = "ssr")]
pub use document::{Document, document};
#[cfg(feature = "ssr")]
pub use load::{LoadedPage, load_page};
#[cfg(feature = "ssr")]
pub use site::{Assets, Site, SiteData};
