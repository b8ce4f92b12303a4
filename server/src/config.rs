//! Configuration: one file and the environment over it, parsed once into what the program needs.
//!
//! [`Config::load`] refuses what is missing, unknown or senseless with a sentence that names the
//! setting, before anything is opened but the files of secrets. A [`Config`] holds nothing wrong.

mod error;
mod file;
pub mod key;
mod read;
mod template;
mod value;

#[cfg(test)]
pub(crate) mod tests;

pub use error::ConfigError;
pub use file::{Log, LogFormat};

use crate::domain::{
    ClientIpSource, DatabaseUrl, InstanceKeys, InstanceName, Keyring, Peer, Seconds,
};
use crate::mail::Branding;
use crate::mail::smtp::{SmtpLogin, SmtpSettings};
use crate::services::Settings;
use crate::storage::InstanceNames;
use file::{File, KeyFile, Smtp, Transport};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use value::{length, number, secret};

/// Everything an operator can say, for its users. Paths begin at the folder of the file. Secrets
/// are redacted in `Debug`.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name of this instance.
    pub instance: InstanceName,
    /// What the use cases need.
    pub settings: Settings,
    /// What mails say about this installation.
    pub branding: Branding,
    /// Address and port to listen on.
    pub listen_addr: SocketAddr,
    /// Whether browsers are told that all subdomains are https too.
    pub hsts_subdomains: bool,
    /// How the ip of a client is found.
    pub client_ip_source: ClientIpSource,
    /// Where the data is.
    pub database_url: DatabaseUrl,
    /// Where the key file is.
    pub key_file: PathBuf,
    /// The key files of the sync: the first signs, each opens.
    pub sync_key_files: Vec<PathBuf>,
    /// How mails are sent.
    pub mail_way: MailWay,
    /// The other instances, each with a name and keys of its own.
    pub peers: Vec<Peer>,
    /// Where the style sheet and the wasm are, if the operator says so.
    pub assets_dir: Option<PathBuf>,
    /// What is logged.
    pub log: Log,
}

/// How mails are sent.
#[derive(Clone, Debug)]
pub enum MailWay {
    /// Through a mail server.
    Smtp(SmtpSettings),
    /// Into this directory, for trying things out.
    File(PathBuf),
}

impl Config {
    /// Reads the file and the environment (`EPROC_2FA__SECTION__KEY`).
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::load_with(path, &read::environment(std::env::vars_os()))
    }

    /// Reads the file alone: the demonstration must not be led to a real database or a public
    /// address by variables that happen to be set (R20).
    pub fn load_without_environment(path: &Path) -> Result<Self, ConfigError> {
        Self::load_with(path, &[])
    }

    fn load_with(path: &Path, environment: &[(String, String)]) -> Result<Self, ConfigError> {
        let base = path.parent().unwrap_or(Path::new(""));
        read::read(path, environment)
            .and_then(|file| Self::of(file, base))
            .map_err(|error| error.naming_variable(environment))
    }

    /// What `init` writes for a new instance.
    pub fn template(instance: &str) -> String {
        template::render(instance)
    }

    /// What no setting can tell alone: defaults out of others, files, and what must fit together.
    fn of(file: File, base: &Path) -> Result<Self, ConfigError> {
        let (instance, sessions, mail) = (file.instance, file.sessions, file.mail);
        let own = format!("e-Proc/{}", instance.name);
        let label = instance.label.map_or(own, |label| label.0);
        if label.contains(':') {
            // authenticators read what stands before a colon as the issuer
            let what = "must not hold a colon";
            return Err(ConfigError::about("instance.label", what));
        }
        let (from_name, from_email) = mail.from;
        let branding = Branding {
            from_name: from_name.unwrap_or_else(|| label.clone()),
            from_email,
            instance_label: label.clone(),
            support_name: file.support.name.0,
            support_email: file.support.email,
            support_phone: file.support.phone.0,
            public_url: instance.public_url.to_string(),
            utc_offset_hours: number(instance.utc_offset_hours, -3),
        };
        let mut peers = file.peers;
        check_peers(&peers, &instance.name)?;
        let settings = Settings {
            instance: instance.name.to_string(),
            label,
            public_url: branding.public_url.clone(),
            system_url: instance.system_url.map(|url| url.as_str().to_owned()),
            sessions: sessions.limits(),
            enrolments: file.enrolment.limits(),
            refusal_floor_ms: number(sessions.refusal_floor_ms, 500),
            network_budget: file.throttle.network_budget(),
            alarms: file.throttle.alarms(),
            recovery: file.recovery.policy()?,
            audit_kept: length(file.audit.keep_days, Seconds::days, DEFAULT_AUDIT_KEPT),
            policy: file.policy.rules(),
            suffixes: file.enrolment.institutional_suffixes,
            peers: peers.iter().map(Peer::rights).collect(),
        };
        for peer in &mut peers {
            peer.ca_file = peer.ca_file.take().map(|path| base.join(path));
        }
        let mail_way = match mail.transport {
            Transport::Smtp => MailWay::Smtp(smtp(mail.smtp, base)?),
            Transport::File if instance.public_url.is_loopback() => {
                let dir = mail.file.and_then(|file| file.dir);
                MailWay::File(base.join(given(dir, "mail.file.dir")?))
            }
            Transport::File => {
                let what = "is \"file\", by which nobody gets a mail: for a public_url beyond this \
                            machine it must be \"smtp\"";
                return Err(ConfigError::about("mail.transport", what));
            }
        };
        let client_ip_source = ClientIpSource {
            proxies: file.listen.trusted_proxies,
            is_direct: !settings.public_url.starts_with("https://"),
        };
        let database = file.database;
        let url = secret("database.url", database.url, database.url_file, base)?;
        let database_url = DatabaseUrl::parse(given(url, "database.url")?.expose(), base)
            .map_err(|what| ConfigError::about("database.url", what))?;
        check_database_way(&database_url)
            .map_err(|what| ConfigError::about("database.url", what))?;
        Ok(Self {
            instance: instance.name,
            settings,
            branding,
            listen_addr: file.listen.addr,
            hsts_subdomains: file.listen.hsts_subdomains.unwrap_or(true),
            client_ip_source,
            database_url,
            key_file: base.join(&file.keys.file),
            sync_key_files: sync_key_files(file.keys, base)?,
            mail_way,
            peers,
            assets_dir: file.assets.dir.map(|dir| base.join(dir)),
            log: file.log,
        })
    }

    /// The instances among which changes travel.
    pub fn instance_names(&self) -> InstanceNames {
        let names =
            |peers: &mut dyn Iterator<Item = &Peer>| peers.map(|peer| peer.name.clone()).collect();
        InstanceNames {
            own: self.instance.clone(),
            peers: names(&mut self.peers.iter()),
            // a hash is shown to nobody who does not share passwords with this instance
            password_peers: names(&mut self.peers.iter().filter(|peer| peer.may_set_password)),
        }
    }

    /// Opens the keys by which the other instances know this one. The first signs; each opens what is sealed to it.
    pub fn sync_keys(&self) -> Result<Vec<Arc<InstanceKeys>>, ConfigError> {
        let load = |path: &PathBuf| {
            let keyring = key::load(path);
            let keyring = keyring.map_err(|what| ConfigError::about("keys.sync_files", what))?;
            Ok(Arc::new(key::instance_keys(&keyring)))
        };
        self.sync_key_files.iter().map(load).collect()
    }

    /// Opens the key file (R5).
    pub fn keyring(&self) -> Result<Keyring, ConfigError> {
        key::load(&self.key_file).map_err(|what| ConfigError::about("keys.file", what))
    }
}

/// Five years, as long as most limitation periods that an access may be asked about.
const DEFAULT_AUDIT_KEPT: Seconds = Seconds::days(5 * 365);

/// A database on another machine is reached by TLS that proves whose it is, or not at all: `prefer`, the default of the
/// client library, goes in the clear if the server says so.
fn check_database_way(url: &DatabaseUrl) -> Result<(), &'static str> {
    let DatabaseUrl::Postgres(url) = url else {
        return Ok(());
    };
    let options: PgConnectOptions = url
        .expose()
        .parse()
        .map_err(|_| "is no URL of a PostgreSQL database")?;
    let host = options.get_host();
    let is_here = options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    if is_here || matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) {
        Ok(())
    } else {
        Err(
            "leads to another machine, so it must end with sslmode=verify-full (and sslrootcert= \
             for an authority of your own)",
        )
    }
}

/// One file, or two while the keys change: the peers of this instance know two of it at most.
fn sync_key_files(keys: KeyFile, base: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let files = keys.sync_files.unwrap_or_else(|| vec![keys.file]);
    let files: Vec<_> = files.into_iter().map(|file| base.join(file)).collect();
    match &*files {
        [_] => Ok(files),
        [one, other] if one != other => Ok(files),
        _ => Err(ConfigError::about(
            "keys.sync_files",
            "names one file, or two different ones while the keys change",
        )),
    }
}

/// A setting that must be given where another one asks for it.
fn given<T>(setting: Option<T>, name: &str) -> Result<T, ConfigError> {
    setting.ok_or_else(|| ConfigError::missing(name))
}

/// No two instances have the same name or the same keys.
fn check_peers(peers: &[Peer], own: &InstanceName) -> Result<(), ConfigError> {
    for (at, peer) in peers.iter().enumerate() {
        let wrong =
            |key: &str, what: &str| Err(ConfigError::about(format!("peers[{at}].{key}"), what));
        let before = &peers[..at];
        if peer.name == *own {
            return wrong("name", "is this instance's own: a peer is another instance");
        }
        if before.iter().any(|other| other.name == peer.name) {
            return wrong("name", "stands in another [[peers]] too");
        }
        if before.iter().any(|other| other.keys == peer.keys) {
            return wrong("keys", "stand in another [[peers]] too");
        }
    }
    Ok(())
}

fn smtp(section: Option<Smtp>, base: &Path) -> Result<SmtpSettings, ConfigError> {
    let smtp = given(section, "mail.smtp.host")?;
    let (given_password, file) = (smtp.password, smtp.password_file);
    let password = secret("mail.smtp.password", given_password, file, base)?;
    let login = match (smtp.user, password) {
        (None, None) => None,
        (user, password) => Some(SmtpLogin {
            user: given(user, "mail.smtp.user")?.0,
            password: given(password, "mail.smtp.password")?,
        }),
    };
    Ok(SmtpSettings {
        port: number(smtp.port, smtp.tls.usual_port()),
        tls: smtp.tls,
        ca_file: smtp.ca_file.map(|file| base.join(file)),
        login,
        ..SmtpSettings::new(given(smtp.host, "mail.smtp.host")?)
    })
}
