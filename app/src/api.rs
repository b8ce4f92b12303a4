//! The server functions. Each reads the request, calls the [`backend`] and answers by [`request`], which alone knows headers
//! and redirects; [`cookies`] alone knows cookies.

pub mod account;
#[cfg(feature = "ssr")]
pub mod backend;
#[cfg(feature = "ssr")]
pub mod cookies;
pub mod enrolment;
pub mod error;
#[cfg(feature = "ssr")]
pub mod request;
pub mod sign_in;
