//! HTTP: the router, the guards in front of it, and the way from pages to use cases.

mod backend;
mod connections;
mod forms;
mod guards;
mod headers;
mod listen;
mod pages;
mod router;
mod sync_api;

pub use listen::{bind, run};
pub use router::{ServedInstance, router, static_files};
