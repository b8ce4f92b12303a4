//! The server of eproc-2fa: domain, use cases, storage and the adapters around them (docs/architecture.md).

pub mod ambient;
pub mod bootstrap;
pub mod cli;
pub mod config;
pub mod domain;
pub mod import;
pub mod mail;
pub mod peers;
pub mod ports;
pub mod services;
pub mod storage;
pub mod web;
