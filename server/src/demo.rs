//! The demonstration: two complete instances in one process, people to try it with, and the demo
//! desk (mailbox, STM on and off, the clock). Loopback only; `serve` has none of this.

mod desk;
mod people;

use crate::{
    ambient::{ShiftedClock, SystemEntropy},
    bootstrap::{Assembled, asked_to_stop, assemble, start_log},
    cli::demo::DemoOptions,
    config::{Config, LogFormat, key},
    mail::{
        memory::{Mailbox, MemoryMailer},
        smtp::{SmtpMailer, SmtpSettings, TlsMode},
    },
    ports::{Clock, Mailer},
    web,
};
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// One of the two instances.
struct Place<'a> {
    name: &'static str,
    addr: SocketAddr,
    peer: &'static str,
    peer_addr: SocketAddr,
    dir: &'a Path,
    desk_url: &'a str,
    policy: &'static str,
}

/// Runs the demonstration until it is asked to stop.
///
/// # Errors
/// A sentence for the developer.
pub async fn demo(options: DemoOptions) -> Result<(), String> {
    start_log(LogFormat::Text, "info");
    let desk_url = format!("http://{}", options.desk_addr);
    let (jmu_dir, stm_dir) = (options.data.join("jmu"), options.data.join("stm"));
    let places = [
        Place {
            name: "JMU",
            addr: options.jmu_addr,
            peer: "STM",
            peer_addr: options.stm_addr,
            dir: &jmu_dir,
            desk_url: &desk_url,
            policy: if options.required {
                "required"
            } else {
                "optional"
            },
        },
        Place {
            name: "STM",
            addr: options.stm_addr,
            peer: "JMU",
            peer_addr: options.jmu_addr,
            dir: &stm_dir,
            desk_url: &desk_url,
            policy: "optional",
        },
    ];
    let clock = Arc::new(ShiftedClock::default());
    let keys = [prepare(&jmu_dir, "JMU")?, prepare(&stm_dir, "STM")?];
    let mut assembled = Vec::new();
    for (place, peer_key) in places.iter().zip([&keys[1], &keys[0]]) {
        let path = place.dir.join("config.toml");
        std::fs::write(&path, config_text(place, peer_key))
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let config = Config::load_without_environment(&path).map_err(|error| error.to_string())?;
        let clock: Arc<dyn Clock> = clock.clone();
        assembled.push(assemble(config, clock, Some(desk_url.clone())).await?);
    }
    let [jmu, stm]: [Assembled; 2] = assembled
        .try_into()
        .map_err(|_| "two instances".to_owned())?;
    people::register(&jmu.services, &stm.services).await?;
    let mailbox = Arc::new(Mailbox::default());
    for instance in [&jmu, &stm] {
        instance.start_workers(mailer(instance, &options, &clock, &mailbox)?)?;
    }
    let stm_on = Arc::new(AtomicBool::new(true));
    let desk = desk::router(desk::Desk {
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
    println!("{}", people::welcome(&options));
    run_all(listeners).await
}

async fn run_all<const N: usize>(
    listeners: [(tokio::net::TcpListener, Router); N],
) -> Result<(), String> {
    let runs = listeners
        .map(|(listener, router)| tokio::spawn(web::run(listener, router, asked_to_stop())));
    for run in runs {
        run.await
            .map_err(|error| error.to_string())?
            .map_err(|error| format!("serving ended: {error}"))?;
    }
    Ok(())
}

/// Folder and key of an instance, and its public keys as its peer must know them.
fn prepare(dir: &Path, name: &str) -> Result<String, String> {
    std::fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let path = dir.join("key");
    if !path.exists() {
        key::create(&path, name, &SystemEntropy)?;
    }
    let keyring = key::load(&path)?;
    Ok(key::instance_keys(&keyring).public().to_string())
}

fn config_text(place: &Place<'_>, peer_key: &str) -> String {
    let Place {
        name,
        addr,
        peer,
        peer_addr,
        desk_url,
        policy,
        ..
    } = place;
    format!(
        "# written by `eproc-2fa demo` at every start\n\
         [instance]\nname = \"{name}\"\nlabel = \"e-Proc/{name}\"\npublic_url = \"http://{addr}\"\n\
         system_url = \"{desk_url}/eproc/{name}\"\n\
         [listen]\naddr = \"{addr}\"\n\
         [database]\nurl = \"sqlite:{name}.db\"\n\
         [keys]\nfile = \"key\"\n\
         [support]\nname = \"Equipe de Suporte – e-Proc\"\nemail = \"eproc@stm.jus.br\"\n\
         phone = \"(61) 3313-9144\"\n\
         [policy]\nsecond_factor = \"{policy}\"\n\
         [policy.profiles]\nmagistrate = \"required\"\n\
         [mail]\ntransport = \"file\"\nfrom = \"nao-responda@stm.jus.br\"\n\
         [mail.file]\ndir = \"mail\"\n\
         [[peers]]\nname = \"{peer}\"\nurl = \"http://{peer_addr}\"\nkeys = \"{peer_key}\"\n",
    )
}

fn mailer(
    instance: &Assembled,
    options: &DemoOptions,
    clock: &Arc<ShiftedClock>,
    mailbox: &Arc<Mailbox>,
) -> Result<Arc<dyn Mailer>, String> {
    let branding = instance.config.branding.clone();
    let clock: Arc<dyn Clock> = clock.clone();
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

/// STM switched off answers nobody.
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
