//! Parts of pages. A part that acts in the browser is an [`island`]; only the server draws bar and footer.

pub mod copy_key;
pub mod ending;
pub mod field;
pub mod frame;
pub mod island;
pub mod keep_codes;
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

/// The path to which a form posts for this server function.
pub fn action<F: ServerFn>() -> &'static str {
    F::PATH
}
