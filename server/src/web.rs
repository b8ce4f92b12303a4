//! HTTP: the router, the guards in front of it, and the way from pages to use cases.

mod account_forms;
mod backend;
mod connections;
mod forms;
mod guards;
mod headers;
mod listen;
mod pages;
mod router;
mod static_files;
mod support_forms;
mod sync_api;

pub use listen::{bind, run};
pub use router::{ServedInstance, router};
pub use static_files::static_files;
