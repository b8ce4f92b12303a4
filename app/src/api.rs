//! The server functions: each reads the facts of the request, makes one call, and maps the result.
//! They are the public API; [`backend`] is what they call, [`request`] the one file that touches
//! cookies, headers and redirects.

#[cfg(feature = "ssr")]
pub mod backend;
pub mod enrolment;
pub mod error;
#[cfg(feature = "ssr")]
pub mod request;
pub mod sign_in;
