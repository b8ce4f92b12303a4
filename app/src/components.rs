//! Parts of pages. What acts in the browser is an [`island`]; the bar and the footer are drawn on
//! the server only.

pub mod copy_key;
pub mod ending;
pub mod field;
pub mod frame;
pub mod island;
pub mod poll;
pub mod problems;
pub mod qr_code;
pub mod reveal;
pub mod shops;
pub mod support;
pub mod sync_result;

#[cfg(feature = "ssr")]
pub mod layout;

use leptos::server_fn::ServerFn;

/// Where a form posts to.
pub fn action<F: ServerFn>() -> &'static str {
    F::PATH
}
