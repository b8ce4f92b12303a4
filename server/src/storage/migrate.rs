//! Opening and migrating, safe when several processes start at once (decision 11). sqlx's own lock does nothing on SQLite and
//! is an advisory lock on PostgreSQL, so it is off; a file lock of the operating system or a leased row replaces it.

use super::{Engine, StoreError, StoreResult};
use crate::domain::{DatabaseUrl, Seconds, Timestamp};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, SqlSafeStr as _};
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

/// How long one process may migrate before another one takes over.
const LEASE: Seconds = Seconds::minutes(5);

/// SQLite: keeps other processes out until it is dropped. PostgreSQL: empty, because the lease has ended already.
pub(super) struct OpeningLock {
    _file: Option<File>,
}

fn open_error(what: &str, error: impl std::fmt::Display) -> StoreError {
    StoreError::Open(format!("{what}: {error}"))
}

/// The engine of a database, and its URL as sqlx wants it.
pub(super) fn engine_of(url: &DatabaseUrl) -> (Engine, String) {
    match url {
        DatabaseUrl::Sqlite(path) => (Engine::Sqlite, format!("sqlite://{}", path.display())),
        DatabaseUrl::Postgres(url) => (Engine::Postgres, url.expose().to_owned()),
    }
}

/// Migrates to the newest version under the lock of the engine.
pub(super) async fn prepare(engine: Engine, url: &str, now: Timestamp) -> StoreResult<OpeningLock> {
    match engine {
        Engine::Sqlite => {
            let lock = lock_beside(Path::new(url.trim_start_matches("sqlite://"))).await?;
            let mut conn = connect_sqlite(url).await?;
            run(migrations(engine), &mut conn).await?;
            conn.close().await?;
            Ok(OpeningLock { _file: Some(lock) })
        }
        Engine::Postgres => {
            let mut conn = AnyConnection::connect(url)
                .await
                .map_err(|error| open_error("the database cannot be reached", error))?;
            let holder = format!("{}-{}", std::process::id(), now.0);
            take_lease(&mut conn, &holder, now).await?;
            let result = run(migrations(engine), &mut conn).await;
            // only the own lease is ended: after five minutes another process may hold it
            sqlx::query("UPDATE migration_lease SET until = 0 WHERE holder = $1")
                .bind(&holder)
                .execute(&mut conn)
                .await?;
            conn.close().await?;
            result.map(|()| OpeningLock { _file: None })
        }
    }
}

/// Every migration: number, description and text in SQLite's dialect.
const MIGRATIONS: [(i64, &str, &str); 1] = [(
    1,
    "journey",
    include_str!("../../migrations/0001_journey.sql"),
)];

/// The migrations in the dialect of an engine. PostgreSQL differs in two words: the type of bytes, and a column that counts
/// its rows.
fn migrations(engine: Engine) -> Migrator {
    let all = MIGRATIONS.into_iter().map(|(version, description, text)| {
        let text = match engine {
            Engine::Sqlite => text.to_owned(),
            Engine::Postgres => text.replace(" BLOB", " BYTEA").replace(
                "INTEGER PRIMARY KEY AUTOINCREMENT",
                "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            ),
        };
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            AssertSqlSafe(text).into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(all.collect())
}

/// Opens a file that only its owner may read and write, and creates it when it is missing.
fn own_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

async fn lock_beside(path: &Path) -> StoreResult<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = own_file(Path::new(&name)).map_err(|error| {
        open_error(
            &format!("{} cannot be opened", Path::new(&name).display()),
            error,
        )
    })?;
    // created here, because SQLite would create it with the permissions of the umask
    own_file(path)
        .map_err(|error| open_error(&format!("{} cannot be opened", path.display()), error))?;
    tokio::task::spawn_blocking(move || file.lock().map(|()| file))
        .await
        .map_err(|error| open_error("locking the database", error))?
        .map_err(|error| open_error("locking the database", error))
}

/// Keeps other processes from serving the same SQLite file until it is dropped. Empty on PostgreSQL, where several may serve.
pub struct ServingLock {
    _file: Option<File>,
}

impl ServingLock {
    /// The command line needs none.
    ///
    /// # Errors
    /// A sentence for the operator when another process serves this file.
    pub fn take(url: &DatabaseUrl) -> StoreResult<Self> {
        let DatabaseUrl::Sqlite(path) = url else {
            return Ok(Self { _file: None });
        };
        let mut name = path.as_os_str().to_owned();
        name.push(".serving");
        let shown = path.display();
        let file = own_file(Path::new(&name))
            .map_err(|error| open_error(&format!("{shown}.serving cannot be opened"), error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Open(format!(
                "another process serves {shown}: a SQLite file has one; several need PostgreSQL"
            ))),
            Err(TryLockError::Error(error)) => Err(open_error(
                &format!("{shown}.serving cannot be locked"),
                error,
            )),
        }
    }
}

async fn run(mut migrations: Migrator, conn: &mut AnyConnection) -> StoreResult<()> {
    migrations.set_locking(false);
    migrations.run(conn).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => StoreError::Open(format!(
            "the database is from a newer version of eproc-2fa (it has migration {version}, which \
             this program does not know): start the newer program, or restore a backup"
        )),
        MigrateError::VersionMismatch(version) => StoreError::OtherSchema(version),
        other => open_error("migrating the database", other),
    })
}

/// Opens a connection with the settings of every SQLite connection and creates the file.
pub(super) async fn connect_sqlite(url: &str) -> StoreResult<AnyConnection> {
    let mut conn = AnyConnection::connect(&format!("{url}?mode=rwc"))
        .await
        .map_err(|error| open_error("the database file cannot be opened", error))?;
    configure_sqlite(&mut conn, false).await?;
    Ok(conn)
}

/// WAL with `synchronous=FULL`: an answered write survives a power cut. The WAL is copied into the file after 4,000 pages, because
/// sign-ins change the same pages again and again, and is cut to 64 MB after a large import. A reader's connection cannot write.
pub(super) async fn configure_sqlite(conn: &mut AnyConnection, reader: bool) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL; PRAGMA cache_size = -2000; PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;",
    )
    .execute(&mut *conn)
    .await?;
    if reader {
        sqlx::raw_sql("PRAGMA query_only = ON")
            .execute(conn)
            .await?;
    }
    Ok(())
}

async fn take_lease(conn: &mut AnyConnection, holder: &str, now: Timestamp) -> StoreResult<()> {
    const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration_lease \
        (id BIGINT PRIMARY KEY, holder TEXT NOT NULL, until BIGINT NOT NULL)";
    // one statement decides between processes that start at once: a lease is taken only after its end
    const TAKE: &str = "INSERT INTO migration_lease (id, holder, until) VALUES (1, $1, $2) \
        ON CONFLICT (id) DO UPDATE SET holder = $1, until = $2 \
        WHERE migration_lease.until <= $3 RETURNING holder";
    let mut failures = 0;
    for waited in 0.. {
        // two first starts may create the table at once, and PostgreSQL then fails one of them
        if let Err(error) = sqlx::raw_sql(TABLE).execute(&mut *conn).await {
            failures += 1;
            if failures > 20 {
                return Err(open_error("preparing the database", error));
            }
            continue;
        }
        let at = now + Seconds(waited / 20);
        let taken: Option<(String,)> = sqlx::query_as(TAKE)
            .bind(holder)
            .bind((at + LEASE).0)
            .bind(at.0)
            .fetch_optional(&mut *conn)
            .await?;
        if taken.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
