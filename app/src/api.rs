//! The server functions: each reads the request, makes one call of the [`backend`], and answers by [`request`],
//! the one file that knows headers and redirects; [`cookies`] is the one that knows cookies.

#[cfg(feature = "ssr")]
pub mod backend;
#[cfg(feature = "ssr")]
pub mod cookies;
pub mod enrolment;
pub mod error;
#[cfg(feature = "ssr")]
pub mod request;
pub mod sign_in;
