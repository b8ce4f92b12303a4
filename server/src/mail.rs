//! Mails: their text, the MIME message, and three ways to send it.
//!
//! A [`MailJob`](crate::domain::MailJob) is rendered from the templates in `templates/mail/` ([`render`]), put into a
//! MIME message ([`message`]) and given to one of three implementations of [`Mailer`](crate::ports::Mailer): [`smtp`] for
//! production, [`file`](mod@file) for development, [`memory`] for tests and the demonstration.
//!
//! Every mail names the support team, has exactly one link, and ends with what to do if the reader did not act. No error and
//! no log line has a recipient's full email or a mail's content (R22).

pub mod file;
pub mod memory;
pub mod message;
pub mod render;
pub mod smtp;
mod text;

#[cfg(test)]
mod sample;

pub use render::{Branding, Rendered, render};
