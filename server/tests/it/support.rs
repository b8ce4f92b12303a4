//! One instance over the real router, and browsers that keep cookies.

pub mod browser;
pub mod database;
pub mod dump;
pub mod journey;
pub mod pair;
pub mod process;
pub mod served_pair;

pub use browser::{Answer, Browser};
pub use database::Database;
pub use journey::{code_at, enrolled, with_ana};
pub use pair::Pair;

use app::model::{Language, SyncOutcome};
use app::support::Support;
use app::{Assets, Site, SiteData};
use axum::Router;
use server::ambient::{LocalLeaseClock, SystemEntropy};
use server::domain::{
    AlarmThresholds, ClientIpSource, Cpf, Email, EnrolmentLimits, HashMemory, InstanceKeys,
    InstanceName, InstitutionalSuffixes, Keyring, NetworkBudget, NewPerson, PasswordHash,
    PeerRights, PersonId, Policy, ProfileKind, ProxyNetwork, Receiver, RecoveryPolicy, Seconds,
    SecretText, SessionLimits, Sigla, SyncAnswer, SyncMessage, Timestamp,
};
use server::mail::Branding;
use server::mail::memory::{Mailbox, MemoryMailer, SentMail};
use server::ports::{Clock, Entropy, PeerError, Peers};
use server::services::people::{AccountAct, DoneAct, OperatorServices};
use server::services::{Services, Settings};
use server::storage::{InstanceNames, Store};
use server::web;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

/// Where every test begins: 2026-11-23 15:00:00 UTC, the first second of a step.
pub const START: i64 = 1_795_446_000;
/// The texts of the pages. A sentence stands literally in one test of its page; elsewhere it is
/// compared with these.
pub const PT: app::text::Texts = Language::Pt.texts();
/// The one password of all test people.
pub const PASSWORD: &str = "correct horse";

static HASH: LazyLock<PasswordHash> = LazyLock::new(|| {
    let memory = &mut HashMemory::default();
    PasswordHash::create(&SecretText::new(PASSWORD), [7; 16], memory)
});

/// A clock that stands still until it is moved.
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// No other instance answers.
pub struct NoPeers;

#[async_trait::async_trait]
impl Peers for NoPeers {
    async fn deliver(
        &self,
        _: &str,
        _: &[SyncMessage],
    ) -> Result<Vec<Result<SyncAnswer, PeerError>>, PeerError> {
        Err(PeerError::Unreachable("nobody there".to_owned()))
    }

    async fn is_reachable(&self, _: &str) -> bool {
        false
    }
}

/// Other instances that give this answer to everything.
pub struct Answering(pub SyncOutcome);

#[async_trait::async_trait]
impl Peers for Answering {
    async fn deliver(
        &self,
        _: &str,
        messages: &[SyncMessage],
    ) -> Result<Vec<Result<SyncAnswer, PeerError>>, PeerError> {
        let answer = SyncAnswer::of(self.0);
        Ok(messages.iter().map(|_| Ok(answer)).collect())
    }

    async fn is_reachable(&self, _: &str) -> bool {
        true
    }
}

/// Other instances that apply everything.
pub const WILLING: Answering = Answering(SyncOutcome::Synchronised);

/// What a test may choose.
pub struct Options {
    pub name: &'static str,
    pub peers: Vec<&'static str>,
    /// What the peers may change here; the name stands for each of them.
    pub peer_rights: PeerRights,
    pub policy: Policy,
    pub https: bool,
    pub hsts_subdomains: bool,
    pub refusal_floor_ms: u64,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<&'static str>,
    pub network_budget: NetworkBudget,
    pub alarms: AlarmThresholds,
    pub recovery: RecoveryPolicy,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "JMU",
            peers: Vec::new(),
            peer_rights: PeerRights {
                may_activate: true,
                may_replace: true,
                may_revoke: true,
                may_block: true,
                match_by_sigla: true,
                ..PeerRights::default()
            },
            policy: Policy::default(),
            https: false,
            hsts_subdomains: true,
            refusal_floor_ms: 0,
            trusted_proxies: Vec::new(),
            network_budget: NetworkBudget::default(),
            alarms: AlarmThresholds::default(),
            recovery: RecoveryPolicy::default(),
        }
    }
}

/// One instance.
#[derive(Clone)]
pub struct TestApp {
    pub services: Arc<Services>,
    pub router: Router,
    pub clock: Arc<ManualClock>,
    pub mailer: Arc<MemoryMailer>,
    pub keys: Arc<InstanceKeys>,
    pub database: Database,
    pub origin: String,
    /// What the documents of this instance call their release.
    pub release: String,
    options: Arc<Options>,
}

pub fn settings(options: &Options) -> Settings {
    Settings {
        instance: options.name.to_owned(),
        label: format!("e-Proc/{}", options.name),
        public_url: if options.https {
            "https://2fa.test"
        } else {
            "http://127.0.0.1:3000"
        }
        .to_owned(),
        policy: options.policy.clone(),
        sessions: SessionLimits::default(),
        enrolments: EnrolmentLimits::default(),
        suffixes: InstitutionalSuffixes::default(),
        system_url: None,
        peers: options
            .peers
            .iter()
            .map(|name| PeerRights {
                name: (*name).to_owned(),
                ..options.peer_rights.clone()
            })
            .collect(),
        refusal_floor_ms: options.refusal_floor_ms,
        network_budget: options.network_budget,
        alarms: options.alarms,
        recovery: options.recovery.clone(),
        audit_kept: Seconds::days(365),
    }
}

impl TestApp {
    pub async fn new(database: Database, options: Options) -> Self {
        let clock = Arc::new(ManualClock(AtomicI64::new(START)));
        Self::over(database, options, clock).await
    }

    /// Another process on the same database.
    pub async fn replica(&self) -> Self {
        let options = Options {
            name: self.options.name,
            peers: self.options.peers.clone(),
            peer_rights: self.options.peer_rights.clone(),
            policy: self.options.policy.clone(),
            https: self.options.https,
            hsts_subdomains: self.options.hsts_subdomains,
            refusal_floor_ms: self.options.refusal_floor_ms,
            trusted_proxies: self.options.trusted_proxies.clone(),
            network_budget: self.options.network_budget,
            alarms: self.options.alarms,
            recovery: self.options.recovery.clone(),
        };
        Self::over(self.database.clone(), options, self.clock.clone()).await
    }

    /// An instance with its own database but another's clock.
    pub async fn over(database: Database, options: Options, clock: Arc<ManualClock>) -> Self {
        let seed = options.name.bytes().next().unwrap_or_default();
        let keyring = Keyring::new(&[seed; 32]);
        let keys = Arc::new(InstanceKeys::derive(&keyring.derive_seed("test peers")));
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let names = names_of(&options);
        let url = database.parsed();
        let store = Store::open(&url, keyring, entropy.clone(), names, clock.now())
            .await
            .expect("the store opens");
        let settings = settings(&options);
        let branding = Branding {
            instance_label: settings.label.clone(),
            support_name: "Equipe de Suporte – e-Proc".to_owned(),
            support_email: Email::parse("eproc@stm.jus.br").unwrap(),
            support_phone: "(61) 3313-9144".to_owned(),
            public_url: settings.public_url.clone(),
            utc_offset_hours: -3,
            from_name: settings.label.clone(),
            from_email: Email::parse("nao-responda@stm.jus.br").unwrap(),
        };
        let mailer = Arc::new(MemoryMailer::new(
            options.name.to_owned(),
            branding.clone(),
            clock.clone(),
            Arc::new(Mailbox::default()),
        ));
        let origin = settings.public_url.clone();
        let services = Arc::new(Services::new(
            store,
            clock.clone(),
            Arc::new(LocalLeaseClock(clock.clone())),
            entropy,
            settings.clone(),
        ));
        let site = Site::new(SiteData {
            instance: settings.instance.clone(),
            label: settings.label,
            support: Support {
                name: branding.support_name,
                email: branding.support_email.as_typed().to_owned(),
                phone: branding.support_phone,
            },
            system_url: None,
            utc_offset_hours: -3,
            https: options.https,
            hsts_subdomains: options.hsts_subdomains,
            assets: Assets {
                js: "/pkg/a.js".to_owned(),
                wasm: "/pkg/a.wasm".to_owned(),
                css: "/pkg/a.css".to_owned(),
            },
            demo_desk: None,
            reload: None,
        });
        let release = site.assets.release();
        let instance = web::ServedInstance {
            services: services.clone(),
            site,
            receiver: Arc::new(Receiver::new(
                settings.instance,
                vec![keys.clone()],
                peers_of(&options),
            )),
            web_origin: origin.clone(),
            client_ip_source: ClientIpSource {
                proxies: options
                    .trusted_proxies
                    .iter()
                    .map(|text| ProxyNetwork::try_from((*text).to_owned()).unwrap())
                    .collect(),
                is_direct: !options.https,
            },
            files: database.dir().to_owned(),
            hashed: true,
        };
        let router = web::router(instance);
        Self {
            services,
            router,
            clock,
            mailer,
            keys,
            database,
            origin,
            release,
            options: Arc::new(options),
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self)
    }

    /// What the command line may do.
    pub fn operator(&self) -> OperatorServices<'_> {
        self.services.for_operator("operator")
    }

    /// An act of the operator that must succeed.
    pub async fn act(&self, login: &str, act: AccountAct) -> DoneAct {
        let done = self.operator().act(login, act, "ticket 7").await.unwrap();
        done.expect("the act is done")
    }

    pub async fn approve(&self, login: &str) {
        self.act(login, AccountAct::ApproveEnrolment).await;
    }

    pub async fn block(&self, login: &str) -> DoneAct {
        let keep_factor = false;
        self.act(login, AccountAct::Block { keep_factor }).await
    }

    /// What a help desk does for a blocked owner: a new password, then the account is opened. The tests' password stays.
    pub async fn give_back(&self, login: &str) {
        self.act(login, AccountAct::SetPassword(HASH.clone())).await;
        self.act(login, AccountAct::Unblock).await;
    }

    /// Registers a person and returns the number.
    pub async fn person(&self, sigla: &str) -> PersonId {
        self.person_with(sigla, &["lawyer"], &[], None).await
    }

    pub async fn person_with(
        &self,
        sigla: &str,
        profiles: &[&str],
        contacts: &[&str],
        cpf: Option<&str>,
    ) -> PersonId {
        let person = NewPerson {
            id: None,
            name: "Ana Souza".to_owned(),
            sigla: Sigla::parse(sigla).unwrap(),
            cpf: cpf.map(|cpf| Cpf::parse(cpf).unwrap()),
            password: HASH.clone(),
            profiles: profiles
                .iter()
                .map(|kind| ProfileKind::parse(kind).unwrap())
                .collect(),
            contacts: contacts
                .iter()
                .map(|to| Email::parse(to).unwrap())
                .collect(),
            language: Language::Pt,
        };
        self.operator()
            .register(vec![person])
            .await
            .unwrap()
            .unwrap()[0]
    }

    /// Sends every mail that is due and returns those to this address, oldest first.
    pub async fn mails_to(&self, address: &str) -> Vec<SentMail> {
        while self
            .services
            .deliver_next_mail(&*self.mailer)
            .await
            .unwrap()
        {}
        self.mailer
            .sent()
            .into_iter()
            .filter(|mail| mail.to == address)
            .collect()
    }

    pub fn now(&self) -> i64 {
        self.clock.now().0
    }
}

fn names_of(options: &Options) -> InstanceNames {
    let name = |name: &str| InstanceName::parse(name).unwrap();
    let peers: Vec<_> = options.peers.iter().map(|peer| name(peer)).collect();
    InstanceNames {
        own: name(options.name),
        password_peers: if options.peer_rights.may_set_password {
            peers.clone()
        } else {
            Vec::new()
        },
        peers,
    }
}

fn peers_of(options: &Options) -> Vec<(String, Vec<server::domain::PeerKeys>)> {
    options
        .peers
        .iter()
        .map(|name| {
            let seed = name.bytes().next().unwrap_or_default();
            let keyring = Keyring::new(&[seed; 32]);
            let keys = InstanceKeys::derive(&keyring.derive_seed("test peers"));
            ((*name).to_owned(), vec![keys.public()])
        })
        .collect()
}

/// Runs a test on both engines: `both!(name, |database: Database| async move { … });`
macro_rules! both {
    ($(#[$attribute:meta])* $name:ident, $test:expr) => {
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                ($test)(crate::support::Database::sqlite()).await;
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(database) = crate::support::Database::postgres().await {
                    ($test)(database).await;
                }
            }
        }
    };
}
pub(crate) use both;

/// Runs a test on both engines and in both ways of moving: page by page as documents, and within
/// one running document (`app::navigation`). The browser of the test hides the difference.
macro_rules! both_ways {
    ($name:ident, $test:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                ($test)(crate::support::Database::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite_running() {
                ($test)(crate::support::Database::sqlite().running()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(database) = crate::support::Database::postgres().await {
                    ($test)(database).await;
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres_running() {
                if let Some(database) = crate::support::Database::postgres().await {
                    ($test)(database.running()).await;
                }
            }
        }
    };
}
pub(crate) use both_ways;
