//! The decisions of the product. They are pure: no clock, socket, row or framework; `now` is an argument.

pub mod audit;
pub mod client;
pub mod cpf;
pub mod database_url;
pub mod email;
pub mod enrolment;
pub mod entry;
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
pub mod recovery_code;
pub mod secret;
pub mod session;
pub mod sync;
pub mod throttle;
pub mod time;
pub mod token;
pub mod totp;
pub mod vault;
pub mod web_url;

pub use audit::{Actor, AuditEvent};
pub use client::{ClientInfo, UserAgent};
pub use cpf::{Cpf, CpfError};
pub use database_url::DatabaseUrl;
pub use email::{Email, EmailError, InstitutionalSuffixes};
pub use enrolment::{Enrolment, EnrolmentLimits, EnrolmentPurpose, EnrolmentState};
pub use entry::{Authority, EntryNumber, EntryRequest, EntryState, EntryWay, RecoveryPolicy};
pub use envelope::{
    Batch, BatchAnswer, BatchReply, EnvelopeError, InstanceKeys, KeyTextError, PeerKeys, Receiver,
};
pub use factor::{ClockDrift, FactorSource, NewTotpFactor, TotpFactor};
pub use link::{Link, LinkPurpose, VoidReason};
pub use mail::{AccountChange, Circumstances, MailJob, MailMessage, SecurityChange};
pub use network::{ClientIpSource, ClientNetwork, ProxyNetwork};
pub use new_person::{NewPerson, UniqueField};
pub use password::{HashMemory, PasswordHash, UnknownHash};
pub use peer::{InstanceName, Peer};
pub use person::{
    BadPersonId, BadProfileKind, FactorState, LoginKeys, Person, PersonId, ProfileKind, Sigla,
    SiglaError,
};
pub use policy::{Demand, FirstEnrolment, Policy, WithoutContact};
pub use recovery_code::RecoveryCode;
pub use secret::{SecretBytes, SecretText};
pub use session::{AuthenticationKind, RecoveryWay, Session, SessionLimits, Stage};
pub use sync::{
    AccountHere, AddedFactor, AssuranceRules, Change, Difference, Effect, EndedAs, EndedFactor,
    FactorName, InstanceRevisions, KnownFactor, MessageHeader, PeerRights, PersonChange, Proof,
    Revision, SharedFactor, SyncAnswer, SyncMessage,
};
pub use throttle::{AlarmThresholds, AttemptKind, NetworkBudget};
pub use time::{Seconds, Timestamp};
pub use token::{Token, TokenHash};
pub use totp::{OneTimeCode, TotpSecret};
pub use vault::{Keyring, SealContext, VaultError};
pub use web_url::{BaseUrl, ServerName, WebOrigin, WebUrl};
