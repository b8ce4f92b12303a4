//! Parts of pages. Those that act in the browser are islands; the rest is drawn on the server
//! only.

pub mod copy_key;
pub mod ending;
pub mod poll;
pub mod qr_code;
pub mod reveal;
pub mod sync_result;

#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod layout;
