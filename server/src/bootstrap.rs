//! Makes the concrete adapters and connects them. No other file of this library names them.

use crate::ambient::{LocalLeaseClock, SystemClock, SystemEntropy};
use crate::config::{Config, LogFormat, MailWay};
use crate::domain::{InstanceKeys, Receiver, SyncMessage};
use crate::mail::file::FileMailer;
use crate::mail::smtp::SmtpMailer;
use crate::peers::HttpPeers;
use crate::ports::{Clock, Entropy, LeaseClock, Mailer, Peers};
use crate::services::Services;
use crate::storage::{DatabaseClock, Engine, ServingLock, Store, StoreError};
use crate::web;
use app::support::Support;
use app::{Assets, Site, SiteData};
use std::path::{Path, PathBuf};
use std::sync::Arc;
pub use tracing::Level;

/// One instance that is assembled but does not serve yet.
pub struct Assembled {
    pub services: Arc<Services>,
    pub store: Store,
    /// What `web::router` needs.
    pub instance: web::ServedInstance,
    /// What the operator decided.
    pub config: Config,
    keys: Vec<Arc<InstanceKeys>>,
    clock: Arc<dyn Clock>,
    _serving: ServingLock,
}

/// Why an instance cannot be put together, in a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database has another schema than this program's, and no migration leads from one to the other.
    #[error("{0}")]
    OtherSchema(String),
    #[error("{0}")]
    Other(String),
}

impl From<String> for StartError {
    fn from(sentence: String) -> Self {
        Self::Other(sentence)
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::OtherSchema(_) => Self::OtherSchema(error.to_string()),
            other => Self::Other(other.to_string()),
        }
    }
}

/// Opens the store and puts the use cases together, without workers: for the command line.
///
/// # Errors
/// A sentence for the operator.
pub async fn open_services(config: &Config) -> Result<Services, String> {
    open(config, Arc::new(SystemClock))
        .await
        .map(|opened| opened.services)
        .map_err(|error| error.to_string())
}

/// The store of an instance and what depends only on it and on the configuration.
struct Opened {
    store: Store,
    services: Services,
    keys: Vec<Arc<InstanceKeys>>,
}

async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Opened, StartError> {
    let keyring = config.keyring().map_err(|error| error.to_string())?;
    let keys = config.sync_keys().map_err(|error| error.to_string())?;
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let settings = config.settings.clone();
    let names = config.instance_names();
    let (url, now) = (&config.database_url, clock.now());
    let store = Store::open(url, keyring, entropy.clone(), names, now).await?;
    // replicas on one PostgreSQL agree on the time of leases; one SQLite file has one process
    let lease_clock: Arc<dyn LeaseClock> = match store.engine() {
        Engine::Postgres => Arc::new(DatabaseClock(store.clone())),
        Engine::Sqlite => Arc::new(LocalLeaseClock(clock.clone())),
    };
    let services = Services::new(store.clone(), clock, lease_clock, entropy, settings);
    Ok(Opened {
        store,
        services,
        keys,
    })
}

/// Assembles one instance. `demo_desk` is the URL of the demonstration's desk, `None` outside the demonstration.
///
/// # Errors
/// A sentence for the operator.
pub async fn assemble(
    config: Config,
    clock: Arc<dyn Clock>,
    demo_desk: Option<String>,
) -> Result<Assembled, StartError> {
    let serving = ServingLock::take(&config.database_url)?;
    let Opened {
        store,
        services,
        keys,
    } = open(&config, clock.clone()).await?;
    let services = Arc::new(services);
    let settings = services.settings();
    let branding = &config.branding;
    let files = site_files(config.assets_dir.clone())?;
    let peer_keys = config.peers.iter();
    let receiver = Receiver::new(
        settings.instance.clone(),
        keys.clone(),
        peer_keys.map(|peer| (peer.name.to_string(), peer.trusted_keys())),
    );
    let instance = web::ServedInstance {
        site: Site::new(SiteData {
            instance: settings.instance.clone(),
            label: settings.label.clone(),
            support: Support {
                name: branding.support_name.clone(),
                email: branding.support_email.as_typed().to_owned(),
                phone: branding.support_phone.clone(),
            },
            system_url: settings.system_url.clone(),
            utc_offset_hours: branding.utc_offset_hours,
            https: settings.public_url.starts_with("https://"),
            hsts_subdomains: config.hsts_subdomains,
            assets: files.assets,
            demo_desk,
            reload: reload_options(),
        }),
        services: services.clone(),
        receiver: Arc::new(receiver),
        web_origin: settings.public_url.clone(),
        client_ip_source: config.client_ip_source.clone(),
        files: files.dir,
        hashed: files.hashed,
    };
    Ok(Assembled {
        services,
        store,
        instance,
        config,
        keys,
        clock,
        _serving: serving,
    })
}

impl Assembled {
    /// Starts the workers of the outbox and the deletion of old data.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn start_workers(&self, mailer: Arc<dyn Mailer>) -> Result<(), String> {
        let peers = http_peers(&self.config, &self.keys, self.clock.clone())?;
        let peers: Arc<dyn Peers> = Arc::new(peers);
        self.services.start_outbox_workers(mailer, &peers);
        self.services.start_retention();
        self.services.start_watch();
        Ok(())
    }

    /// The mailer that the configuration asks for.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn configured_mailer(&self) -> Result<Arc<dyn Mailer>, String> {
        let (branding, clock) = (self.config.branding.clone(), self.clock.clone());
        Ok(match self.config.mail_way.clone() {
            MailWay::Smtp(settings) => Arc::new(SmtpMailer::new(settings, branding, clock)?),
            MailWay::File(dir) => Arc::new(FileMailer::new(dir, branding, clock)?),
        })
    }
}

fn http_peers(
    config: &Config,
    keys: &[Arc<InstanceKeys>],
    clock: Arc<dyn Clock>,
) -> Result<HttpPeers, String> {
    let signing = keys.first().ok_or("keys.sync_files names no file")?;
    HttpPeers::new(
        config.settings.instance.clone(),
        signing.clone(),
        config.peers.clone(),
        clock,
        Arc::new(SystemEntropy),
        crate::peers::TIMEOUT,
    )
    .map_err(|error| error.to_string())
}

/// The way to the peers of an instance, for a command.
///
/// # Errors
/// A sentence for the operator, when this instance has no key or a peer cannot be set up.
pub fn peers_of(config: &Config) -> Result<HttpPeers, String> {
    let keys = config.sync_keys().map_err(|error| error.to_string())?;
    http_peers(config, &keys, Arc::new(SystemClock))
}

/// Asks each peer about a person whom nobody has: a signed *no record* shows that the way there, names, keys and clocks fit. It opens no
/// database.
///
/// # Errors
/// A sentence for the operator, when this instance has no key or a peer cannot be set up.
pub async fn check_peers(config: &Config) -> Result<Vec<(String, Result<(), String>)>, String> {
    let (peers, clock) = (peers_of(config)?, SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let mut answers = Vec::new();
    for peer in &config.peers {
        let name = peer.name.to_string();
        let own = config.settings.instance.clone();
        let random = || crate::domain::token::row_id(entropy.bytes());
        let question = SyncMessage::about_nobody(own, name.clone(), &random, clock.now());
        let answer = match peers.deliver(&name, &[question]).await {
            Ok(answers) => answers.into_iter().next(),
            Err(error) => Some(Err(error)),
        };
        let answer = match answer {
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(error.to_string()),
            None => Err("no answer".to_owned()),
        };
        answers.push((name, answer));
    }
    Ok(answers)
}

/// Runs one instance until SIGTERM or SIGINT.
///
/// # Errors
/// A sentence for the operator.
pub async fn serve(config: Config) -> Result<(), String> {
    start_log(config.log.format, config.log.level);
    protect_memory();
    let address = config.listen_addr;
    let assembled = assemble(config, Arc::new(SystemClock), None)
        .await
        .map_err(|error| error.to_string())?;
    tell_unreachable_people(&assembled).await?;
    let decoys = assembled.services.refresh_decoys().await;
    decoys.map_err(|error| error.to_string())?;
    let slower = assembled.services.people_slower_than_floor().await;
    let people = slower.map_err(|error| error.to_string())?;
    if people > 0 {
        tracing::warn!(
            people,
            "hashes take longer than sessions.refusal_floor_ms: the time tells who exists"
        );
    }
    let mailer = assembled.configured_mailer()?;
    assembled.start_workers(mailer)?;
    let listener = web::bind(address).await?;
    tracing::info!(%address, instance = assembled.services.settings().instance, "serving");
    let clients = assembled.instance.client_ip_source.clone();
    let router = web::router(assembled.instance);
    web::run(listener, router, clients, asked_to_stop()).await;
    Ok(())
}

/// No dump of this process is written and no other process of its user may read its memory, because the key is in it.
fn protect_memory() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let protected = set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .and_then(|()| setrlimit(Resource::Core, none));
    if let Err(error) = protected {
        tracing::warn!(%error, "the memory of this process is not protected");
    }
}

/// Says how many people a security alert of a first enrolment does not reach (finding M7).
async fn tell_unreachable_people(assembled: &Assembled) -> Result<(), String> {
    let counted = async {
        assembled
            .store
            .reader()
            .await?
            .count_without_contact()
            .await
    };
    let people = counted
        .await
        .map_err(|error: StoreError| error.to_string())?;
    let policy = assembled.services.settings().policy.without_contact;
    if people > 0 {
        tracing::warn!(
            people,
            ?policy,
            "without a contact: no notice of an enrolment reaches them"
        );
    }
    Ok(())
}

/// Starts the log on the error output, once per process.
pub fn start_log(format: LogFormat, level: Level) {
    use std::io::IsTerminal as _;
    use tracing_subscriber::filter::Targets;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;
    use tracing_subscriber::{Layer as _, fmt};
    // of other crates only what is wrong
    let filter = Targets::new()
        .with_default(Level::WARN)
        .with_target("server", level)
        .with_target("app", level);
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        // in a file, colours are control characters
        .with_ansi(std::io::stderr().is_terminal());
    // a second call in one process (tests) keeps the first subscriber
    let log = tracing_subscriber::registry();
    let _ = match format {
        LogFormat::Json => log.with(lines.json().with_filter(filter)).try_init(),
        LogFormat::Text => {
            let lines = lines.with_target(false);
            log.with(lines.with_filter(filter)).try_init()
        }
    };
    // one line, as everything else; without this a panic prints several
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let message = panic.payload_as_str().unwrap_or_default();
        tracing::error!(?place, ?message, "a panic");
    }));
}

pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

/// The built files of the pages.
pub struct Files {
    pub dir: PathBuf,
    /// URL paths of script, wasm and style sheet.
    pub assets: Assets,
    /// Whether the names contain a hash of the content.
    pub hashed: bool,
}

/// Finds the built files: in the configured folder, else where cargo-leptos says, else beside the program, else where a build
/// in this folder puts them. With `manifest.json` the names are hashed; without it they are the names that cargo-leptos
/// writes.
///
/// # Errors
/// A sentence for the operator.
pub fn site_files(configured: Option<PathBuf>) -> Result<Files, String> {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.join("site")));
    let candidates = match configured {
        Some(dir) => vec![dir],
        None => [
            std::env::var_os("LEPTOS_SITE_ROOT").map(PathBuf::from),
            beside,
        ]
        .into_iter()
        .flatten()
        .chain([PathBuf::from("target/site")])
        .collect(),
    };
    let dir = candidates.iter().find(|dir| dir.join("pkg").is_dir()).ok_or_else(|| {
        let looked: Vec<_> = candidates.iter().map(|dir| dir.display().to_string()).collect();
        format!(
            "assets.dir: the built pages were not found (looked in {}); `make build` makes them",
            looked.join(", ")
        )
    })?;
    let (assets, hashed) = read_manifest(dir)?;
    Ok(Files {
        dir: dir.clone(),
        assets,
        hashed,
    })
}

fn read_manifest(dir: &Path) -> Result<(Assets, bool), String> {
    let path = dir.join("manifest.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        let named = |ending: &str| format!("/pkg/eproc-2fa.{ending}");
        return Ok((
            Assets {
                js: named("js"),
                wasm: named("wasm"),
                css: named("css"),
            },
            false,
        ));
    };
    let manifest: std::collections::BTreeMap<String, String> = serde_json::from_str(&text)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let name = |key: &str| {
        manifest
            .get(key)
            .cloned()
            .ok_or_else(|| format!("{} names no {key}", path.display()))
    };
    Ok((
        Assets {
            js: name("js")?,
            wasm: name("wasm")?,
            css: name("css")?,
        },
        true,
    ))
}

/// The address of the reload socket; `None` unless `cargo leptos watch` runs.
fn reload_options() -> Option<leptos::config::LeptosOptions> {
    std::env::var_os("LEPTOS_WATCH")?;
    leptos::config::get_configuration(None)
        .ok()
        .map(|found| found.leptos_options)
}
