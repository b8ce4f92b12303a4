//! Mails: what they say, the message they travel in, and the ways out of the house.
//!
//! A [`MailJob`](crate::domain::mail::MailJob) is rendered from the templates in
//! `templates/mail/` ([`render`]), put into a MIME message ([`message`]) and handed to one of
//! three implementations of [`Mailer`](crate::ports::Mailer): [`smtp`] for real, [`file`](mod@file)
//! for development, [`memory`] for tests and the demonstration.
//!
//! Every mail names the support team, carries exactly one link, and ends with *Não fui eu*. No
//! fault and no log line holds a recipient's full address or a mail's content (R22).

pub mod file;
pub mod memory;
pub mod message;
pub mod render;
pub mod smtp;
mod text;

#[cfg(test)]
mod sample;

pub use render::{Branding, Rendered, render};
