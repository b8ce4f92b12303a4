//! The two instances, each with folder, configuration and key, and the three listeners.

use crate::desk::{self, Desk};
use crate::options::Options;
use crate::people;
use crate::shifted_clock::ShiftedClock;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use server::ambient::SystemEntropy;
use server::bootstrap::{Assembled, StartError, asked_to_stop, assemble, start_log};
use server::config::{Config, LogFormat, key};
use server::domain::ClientIpSource;
use server::mail::memory::{Mailbox, MemoryMailer};
use server::mail::smtp::{SmtpMailer, SmtpSettings, TlsMode};
use server::ports::{Clock, Mailer};
use server::web;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs the demonstration until it is stopped.
///
/// # Errors
/// A sentence for the developer.
pub(crate) async fn run(options: &Options) -> Result<(), String> {
    start_log(LogFormat::Text, server::bootstrap::Level::INFO);
    let desk_url = format!("http://{}", options.desk_addr);
    let clock = Arc::new(ShiftedClock::default());
    let jmu = Place::prepare("JMU", options.jmu_addr, options)?;
    let stm = Place::prepare("STM", options.stm_addr, options)?;
    let policy = if options.required {
        "required"
    } else {
        "optional"
    };
    let jmu_config = jmu.config(&stm, &desk_url, policy)?;
    let stm_config = stm.config(&jmu, &desk_url, "optional")?;
    let jmu = jmu.assemble(&jmu_config, &clock, &desk_url).await?;
    let stm = stm.assemble(&stm_config, &clock, &desk_url).await?;
    people::register(&jmu, &stm).await?;
    let mailbox = Arc::new(Mailbox::default());
    for instance in [&jmu, &stm] {
        instance.start_workers(mailer(instance, options, clock.clone(), &mailbox)?)?;
    }
    let stm_on = Arc::new(AtomicBool::new(true));
    let desk = desk::router(Desk {
        mailbox,
        clock,
        stm_on: stm_on.clone(),
        jmu: format!("http://{}", options.jmu_addr),
        stm: format!("http://{}", options.stm_addr),
        instance: jmu.instance.clone(),
    });
    let stm_router =
        web::router(stm.instance).layer(middleware::from_fn_with_state(stm_on, switch));
    let listeners = [
        (
            web::bind(options.jmu_addr).await?,
            web::router(jmu.instance),
        ),
        (web::bind(options.stm_addr).await?, stm_router),
        (web::bind(options.desk_addr).await?, desk),
    ];
    println!("{}", people::welcome(options));
    run_all(listeners).await
}

async fn run_all<const N: usize>(
    listeners: [(tokio::net::TcpListener, Router); N],
) -> Result<(), String> {
    // on this machine only, and so without a proxy
    let clients = ClientIpSource {
        proxies: Vec::new(),
        is_direct: true,
    };
    let runs = listeners.map(|(listener, router)| {
        tokio::spawn(web::run(listener, router, clients.clone(), asked_to_stop()))
    });
    for run in runs {
        run.await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// One of the two instances before it starts.
struct Place {
    name: &'static str,
    addr: SocketAddr,
    dir: PathBuf,
    /// Its public keys, in the text form for its peer.
    keys: String,
}

impl Place {
    /// Creates folder and key where they are missing.
    fn prepare(name: &'static str, addr: SocketAddr, options: &Options) -> Result<Self, String> {
        let dir = options.data.join(name.to_lowercase());
        std::fs::create_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        let path = dir.join("key");
        if !path.exists() {
            key::create(&path, name, &SystemEntropy)?;
        }
        let keys = key::instance_keys(&key::load(&path)?).public().to_string();
        Ok(Self {
            name,
            addr,
            dir,
            keys,
        })
    }

    /// Writes the configuration again, so that `eproc-2fa` can be called with it, and loads it.
    fn config(&self, peer: &Self, desk_url: &str, policy: &str) -> Result<Config, String> {
        let path = self.dir.join("config.toml");
        std::fs::write(&path, self.config_text(peer, desk_url, policy))
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Config::load_without_environment(&path).map_err(|error| error.to_string())
    }

    /// Puts the instance together. A database of an older demonstration, which no migration leads to this one's, is replaced: there is
    /// nothing in it but made-up people.
    async fn assemble(
        &self,
        config: &Config,
        clock: &Arc<ShiftedClock>,
        desk_url: &str,
    ) -> Result<Assembled, String> {
        let put_together = || assemble(config.clone(), clock.clone(), Some(desk_url.to_owned()));
        let assembled = match put_together().await {
            Err(StartError::OtherSchema(_)) => {
                let database = self.dir.join(format!("{}.db", self.name));
                for ending in ["", "-wal", "-shm"] {
                    let mut file = database.clone().into_os_string();
                    file.push(ending);
                    match std::fs::remove_file(&file) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                            return Err(format!("{}: {error}", file.display()));
                        }
                        _ => {}
                    }
                }
                eprintln!(
                    "{} was made by an older demonstration and is replaced by a new one",
                    database.display()
                );
                put_together().await
            }
            assembled => assembled,
        };
        assembled.map_err(|error| error.to_string())
    }

    fn config_text(&self, peer: &Self, desk_url: &str, policy: &str) -> String {
        let Self { name, addr, .. } = self;
        // everybody comes from this machine, which is one network
        let throttle = "[throttle]\nnetwork_failures = 100000\n";
        format!(
            "# written by `eproc-2fa-demo` at every start\n\
             [instance]\nname = \"{name}\"\nlabel = \"e-Proc/{name}\"\npublic_url = \"http://{addr}\"\n\
             system_url = \"{desk_url}/eproc/{name}\"\n\
             [listen]\naddr = \"{addr}\"\n\
             [database]\nurl = \"sqlite:{name}.db\"\n\
             [keys]\nfile = \"key\"\n\
             [support]\nname = \"Equipe de Suporte – e-Proc\"\nemail = \"eproc@stm.jus.br\"\n\
             phone = \"(61) 3313-9144\"\n\
             [policy]\nsecond_factor = \"{policy}\"\n\
             [policy.profiles]\nmagistrate = \"required\"\n\
             {throttle}\
             [mail]\ntransport = \"file\"\nfrom = \"nao-responda@stm.jus.br\"\n\
             [mail.file]\ndir = \"mail\"\n\
             [[peers]]\nname = \"{}\"\nurl = \"http://{}\"\nkeys = \"{}\"\n",
            peer.name, peer.addr, peer.keys
        )
    }
}

fn mailer(
    instance: &Assembled,
    options: &Options,
    clock: Arc<dyn Clock>,
    mailbox: &Arc<Mailbox>,
) -> Result<Arc<dyn Mailer>, String> {
    let branding = instance.config.branding.clone();
    let Some(smtp) = options.smtp else {
        let name = instance.services.settings().instance.clone();
        return Ok(Arc::new(MemoryMailer::new(
            name,
            branding,
            clock,
            mailbox.clone(),
        )));
    };
    let settings = SmtpSettings {
        port: smtp.port(),
        tls: TlsMode::PlainAllowed,
        ..SmtpSettings::new(smtp.ip().into())
    };
    Ok(Arc::new(SmtpMailer::new(settings, branding, clock)?))
}

/// Answers 503 to every request while STM is switched off.
async fn switch(State(on): State<Arc<AtomicBool>>, request: Request, next: Next) -> Response {
    if on.load(Ordering::SeqCst) {
        next.run(request).await
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "STM está desligado na mesa da demonstração",
        )
            .into_response()
    }
}
