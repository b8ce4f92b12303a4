//! The pages of eproc-2fa, and the data that they and the server exchange.
//!
//! It is compiled twice: for the server with all its parts (feature `ssr`), and for the browser (feature `csr`) with the
//! islands of [`components`], the pages of [`view::ClientPage`] with their texts, and the types of [`view`] and
//! [`navigation`]. Only the server draws the other pages (decision 13).

// a page is one type, nested as deep as its elements
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
