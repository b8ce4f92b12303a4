//! Integration tests: the real router, real databases, a manual clock. Every flow runs on SQLite
//! and, when `EPROC_TEST_POSTGRES` names a server, on PostgreSQL (`make test` starts one and
//! expects it; without one that half is skipped, which is said once).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod activation;
mod authenticators;
mod bad_input;
mod client_ip;
mod cookies;
mod dump;
mod enrolment;
mod fault_loop;
mod faults;
mod house;
mod lost_phone;
mod mail_sent;
mod navigation;
mod networks;
mod opening;
mod policy;
#[path = "../../examples/prepared/mod.rs"]
mod prepared;
mod process;
mod races;
mod recovery_codes;
mod retention;
mod sealing;
mod sessions;
mod siege;
mod sign_in;
mod stolen_account;
mod stolen_phone;
mod storage;
mod support;
mod support_desk;
mod sync;
mod sync_bad_input;
mod sync_changes;
mod sync_comparing;
mod sync_fault_loop;
mod sync_operating;
mod sync_taken_over;
mod throttle;
mod walls;
