//! A throw-away database per test.

use super::dump::Dump;
use server::domain::DatabaseUrl;
use sqlx::Connection as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Once};
use tempfile::TempDir;

static NUMBER: AtomicU32 = AtomicU32::new(0);

fn number() -> String {
    format!(
        "{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::SeqCst)
    )
}

/// Once a process, and not through a macro: what those write in a test that passes is not shown.
fn say_skipped() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let text = b"\nSKIPPED: the PostgreSQL half of every test, which passes unrun \
            (EPROC_TEST_POSTGRES names no server; .ci/pg run COMMAND starts one)\n";
        let _ = std::io::stderr().write_all(text);
    });
}

/// Its address and a folder of its own, removed with the last clone.
#[derive(Clone)]
pub struct Database {
    url: String,
    dir: Arc<TempDir>,
    /// Whether the browsers of this test move within a running document.
    running: bool,
}

fn folder() -> Arc<TempDir> {
    let made = tempfile::Builder::new().prefix("eproc-2fa-test-").tempdir();
    Arc::new(made.unwrap())
}

impl Database {
    pub fn sqlite() -> Self {
        let dir = folder();
        Self {
            url: format!("sqlite:{}", dir.path().join("test.db").display()),
            dir,
            running: false,
        }
    }

    /// `None` where no server was named, which is said aloud; a failure where one was expected
    /// (`.ci/test` expects one, and so does CI).
    pub async fn postgres() -> Option<Self> {
        let Ok(admin) = std::env::var("EPROC_TEST_POSTGRES") else {
            for expected in ["EPROC_EXPECT_POSTGRES", "CI"] {
                assert!(
                    std::env::var_os(expected).is_none(),
                    "{expected} is set, and EPROC_TEST_POSTGRES names no server"
                );
            }
            say_skipped();
            return None;
        };
        let name = format!("eproc_test_{}", number());
        sqlx::any::install_default_drivers();
        let mut conn = sqlx::AnyConnection::connect(&admin).await.unwrap();
        let sql = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        let (base, query) = match admin.split_once('?') {
            Some((base, query)) => (base, format!("?{query}")),
            None => (admin.as_str(), String::new()),
        };
        let at = base.rfind('/').unwrap();
        Some(Self {
            url: format!("{}/{name}{query}", &base[..at]),
            dir: folder(),
            running: false,
        })
    }

    /// The same for browsers that move within a running document.
    pub fn running(self) -> Self {
        Self {
            running: true,
            ..self
        }
    }

    pub fn is_running(&self) -> bool {
        self.running
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn parsed(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url, Path::new("")).unwrap()
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// URL of another, empty database on the same engine.
    pub async fn beside(&self, name: &str) -> String {
        if let Some(file) = self.url.strip_prefix("sqlite:") {
            return format!("sqlite:{file}-{name}");
        }
        self.admin(&format!("CREATE DATABASE {{name}}_{name}"))
            .await;
        let (base, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        format!("{base}_{name}?{query}")
    }

    /// Ends every connection to a PostgreSQL database and lets nobody in, as a failing server does.
    pub async fn shut_out(&self) {
        self.admin("ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            .await;
        self.admin(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        .await;
    }

    /// Lets everybody in again.
    pub async fn let_in(&self) {
        self.admin("ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            .await;
    }

    async fn admin(&self, statement: &str) {
        let admin = std::env::var("EPROC_TEST_POSTGRES").unwrap();
        let base = self.url.split('?').next().unwrap();
        let name = base.rsplit('/').next().unwrap();
        let mut conn = sqlx::AnyConnection::connect(&admin).await.unwrap();
        let sql = sqlx::AssertSqlSafe(statement.replace("{name}", name));
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    }

    /// A connection beside the store's, for looking at rows.
    pub async fn connect(&self) -> sqlx::AnyConnection {
        Self::connect_to(&self.url).await
    }

    /// The same for a database beside it.
    pub async fn connect_to(url: &str) -> sqlx::AnyConnection {
        let url = url.replacen("sqlite:", "sqlite://", 1);
        sqlx::AnyConnection::connect(&url).await.unwrap()
    }

    /// A copy of an SQLite database as it is now, elsewhere.
    pub async fn backup(&self) -> Self {
        let copy = Self::sqlite();
        let DatabaseUrl::Sqlite(path) = copy.parsed() else {
            panic!("a copy is made of SQLite databases only");
        };
        sqlx::query("VACUUM INTO $1")
            .bind(path.to_string_lossy().into_owned())
            .execute(&mut self.connect().await)
            .await
            .unwrap();
        copy
    }

    /// Everything stored: what a thief of the database sees, and what a request must not change.
    pub async fn dump(&self) -> Dump {
        Dump::of(&mut self.connect().await).await
    }
}
