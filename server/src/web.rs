//! HTTP: the router, what stands in front of it, and how pages reach the use cases.

mod backend;
mod forms;
mod guards;
mod headers;
mod listen;
mod pages;
mod router;
mod sync_api;

pub use listen::{bind, run};
pub use router::{ServedInstance, router, static_files};
