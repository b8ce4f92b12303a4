//! The only file that names the concrete adapters and wires them, once.

use crate::{
    ambient::{SystemClock, SystemEntropy},
    config::{Config, LogFormat, MailWay, key},
    domain::envelope::{InstanceKeys, Receiver},
    mail::{file::FileMailer, smtp::SmtpMailer},
    peers::HttpPeers,
    ports::{Clock, Entropy, Mailer},
    services::{Links, Services},
    storage::Store,
    web,
};
use app::{Assets, Site, SiteData, routes, support::Support};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// One instance, put together but not serving yet.
pub struct Assembled {
    /// Use cases.
    pub services: Arc<Services>,
    /// What the web needs.
    pub instance: web::Instance,
    keys: Arc<InstanceKeys>,
    config: Config,
    clock: Arc<dyn Clock>,
}

/// Opens the store and puts the use cases together, without workers: for the command line.
///
/// # Errors
/// A sentence for the operator.
pub async fn open_services(config: &Config) -> Result<Services, String> {
    open(config, Arc::new(SystemClock))
        .await
        .map(|(services, _)| services)
}

async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<(Services, InstanceKeys), String> {
    let say = |error: crate::config::ConfigError| error.to_string();
    let keyring = config.keyring().map_err(say)?;
    let keys = key::instance_keys(&keyring);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let url = config.database_url().map_err(say)?;
    let store = Store::open(url.expose(), keyring, entropy.clone(), clock.now())
        .await
        .map_err(|error| error.to_string())?;
    let settings = config.settings().map_err(say)?;
    let links = Links {
        activation: routes::activation_link,
        not_me: routes::not_me_link,
    };
    Ok((Services::new(store, clock, entropy, settings, links), keys))
}

/// Puts one instance together.
///
/// # Errors
/// A sentence for the operator.
pub async fn assemble(
    config: Config,
    clock: Arc<dyn Clock>,
    demo_desk: Option<String>,
) -> Result<Assembled, String> {
    let say = |error: crate::config::ConfigError| error.to_string();
    let (services, keys) = open(&config, clock.clone()).await?;
    let (services, keys) = (Arc::new(services), Arc::new(keys));
    let settings = services.settings();
    let branding = config.branding().map_err(say)?;
    let files = site_files(config.assets_dir())?;
    let receiver = Receiver::new(
        settings.instance.clone(),
        keys.clone(),
        config
            .peers()
            .map_err(say)?
            .into_iter()
            .map(|peer| (peer.name, peer.keys)),
    );
    let instance = web::Instance {
        site: Site::new(SiteData {
            instance: settings.instance.clone(),
            label: settings.label.clone(),
            support: Support {
                name: branding.support_name,
                email: branding.support_email,
                phone: branding.support_phone,
            },
            system_url: config.system_url().map_err(say)?,
            utc_offset_hours: branding.utc_offset_hours,
            https: settings.public_url.starts_with("https://"),
            assets: files.assets,
            demo_desk,
            reload: reload_options(),
        }),
        services: services.clone(),
        receiver: Arc::new(receiver),
        origin: settings.public_url.clone(),
        files: files.dir,
        hashed: files.hashed,
    };
    Ok(Assembled {
        services,
        instance,
        keys,
        config,
        clock,
    })
}

impl Assembled {
    /// Starts the workers behind the outboxes.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn start_workers(&self, mailer: Arc<dyn Mailer>) -> Result<(), String> {
        let peers = HttpPeers::new(
            self.services.settings().instance.clone(),
            self.keys.clone(),
            self.config.peers().map_err(|error| error.to_string())?,
            self.clock.clone(),
            Arc::new(SystemEntropy),
            crate::peers::TIMEOUT,
        )
        .map_err(|error| error.to_string())?;
        self.services.start_outboxes(mailer, Arc::new(peers));
        self.services.start_retention();
        Ok(())
    }

    /// What mails say about this installation.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn branding(&self) -> Result<crate::mail::Branding, String> {
        self.config.branding().map_err(|error| error.to_string())
    }

    /// The mailer that the configuration asks for.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn configured_mailer(&self) -> Result<Arc<dyn Mailer>, String> {
        let say = |error: crate::config::ConfigError| error.to_string();
        let branding = self.branding()?;
        Ok(match self.config.mail_way().map_err(say)? {
            MailWay::Smtp(settings) => {
                Arc::new(SmtpMailer::new(settings, branding, self.clock.clone())?)
            }
            MailWay::File(dir) => Arc::new(FileMailer::new(dir, branding, self.clock.clone())?),
        })
    }
}

/// Runs the demonstration until it is asked to stop.
///
/// # Errors
/// A sentence for the developer.
pub async fn demo(options: crate::cli::demo::DemoOptions) -> Result<(), String> {
    crate::demo::demo(options).await
}

/// Runs one instance until it is asked to stop.
///
/// # Errors
/// A sentence for the operator.
pub async fn serve(config: Config) -> Result<(), String> {
    start_log(config.log.format, config.log.level.as_str());
    let address = config.listen_addr();
    let assembled = assemble(config, Arc::new(SystemClock), None).await?;
    let mailer = assembled.configured_mailer()?;
    assembled.start_workers(mailer)?;
    let listener = web::bind(address).await?;
    tracing::info!(%address, instance = assembled.services.settings().instance, "serving");
    web::run(listener, web::router(assembled.instance), asked_to_stop())
        .await
        .map_err(|error| format!("serving ended: {error}"))
}

/// The log, once a process.
pub fn start_log(format: LogFormat, level: &str) {
    use std::io::IsTerminal as _;
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::new(format!("warn,server={level},app={level}"));
    let log = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // in a file, colours are control characters
        .with_ansi(std::io::stderr().is_terminal());
    // a second call in one process (tests) keeps the first subscriber
    let _ = match format {
        LogFormat::Json => log.json().try_init(),
        LogFormat::Text => log.with_target(false).try_init(),
    };
}

/// Resolves on SIGTERM or SIGINT.
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

/// The built files and their names.
pub struct Files {
    /// Their folder.
    pub dir: PathBuf,
    /// Script, wasm, style.
    pub assets: Assets,
    /// Whether the names carry a hash.
    pub hashed: bool,
}

/// Finds the built files: where the configuration says, else where cargo-leptos says, else beside
/// the program, else where a build in this folder puts them. With `manifest.json` the names are
/// hashed; without it they are those that cargo-leptos writes.
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

/// Under `cargo leptos watch` only: where its reload socket listens.
fn reload_options() -> Option<leptos::config::LeptosOptions> {
    std::env::var_os("LEPTOS_WATCH")?;
    leptos::config::get_configuration(None)
        .ok()
        .map(|found| found.leptos_options)
}
