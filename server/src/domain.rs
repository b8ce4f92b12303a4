//! The decisions of the product. They are pure: no clock, socket, row or framework; `now` is an argument.

pub mod audit;
pub mod client;
pub mod cpf;
pub mod database_url;
pub mod email;
pub mod enrolment;
pub mod envelope;
pub mod factor;
pub mod link;
pub mod mail;
pub mod network;
pub mod new_person;
pub mod password;
pub mod peer;
pub mod person;
pub mod policy;
pub mod secret;
pub mod session;
pub mod sync;
pub mod throttle;
pub mod time;
pub mod token;
pub mod totp;
pub mod vault;
pub mod web_url;
