//! The server of eproc-2fa: domain, use cases, storage, and what stands around them
//! (docs/architecture.md).

pub mod domain;
pub mod mail;
pub mod peers;
pub mod ports;
pub mod services;
pub mod storage;
