//! One concrete store over SQLite or PostgreSQL (decision 1). Every statement is portable: `$1` placeholders, BIGINT, TEXT
//! and BLOB/BYTEA only. Single conditional statements and unique keys decide races.
//!
//! Writes are closures (decision 10). On SQLite one task runs queued closures in one `BEGIN IMMEDIATE`
//! and answers after COMMIT. On PostgreSQL each closure is its own transaction, which is run again after a serialisation
//! failure. A closure must not hash, send mail or use the network.

#[macro_use]
mod row;

mod audit;
mod clock;
mod enrolment;
mod entry;
mod factor;
mod handle;
mod link;
mod migrate;
mod outbox;
mod own_sessions;
mod person;
mod person_security;
mod recovery_code;
mod retention;
mod sealer;
mod session;
mod session_lock;
mod staging;
mod sync_account;
mod sync_change;
mod sync_inbox;
mod sync_outbox;
mod throttle;
mod unknown_person;
mod writer;

pub use audit::{AuditRow, network_of};
pub use clock::DatabaseClock;
pub use enrolment::NewEnrolment;
pub use entry::EntryApproval;
pub use handle::{Reader, Tx};
pub use migrate::ServingLock;
pub use outbox::{Channel, LeasedRow, NewMail};
pub use own_sessions::ListedSession;
pub use recovery_code::{RecoveryCodeUse, RecoveryCodes};
pub use retention::{AT_ONCE, RULES, Rule};
pub use sealer::Sealer;
pub use session_lock::LockedSession;
pub use staging::{DecidedImport, StagedPerson};
pub use sync_change::InstanceNames;
pub use sync_outbox::{ToldChange, WaitingChanges};
pub use throttle::{Attempt, AttemptSource, ThrottleKey, ThrottleSubject};
pub use unknown_person::LatePerson;

use crate::domain::{DatabaseUrl, Keyring, Timestamp, VaultError};
use crate::ports::Entropy;
use futures_util::future::BoxFuture;
use handle::Shared;
use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Notify;

/// Why the store could not answer. The detail is for the log and never for a page.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine refused the statement or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A sealed value does not open: it is damaged, was moved, or was sealed with another key.
    #[error("sealed value: {0}")]
    Vault(#[from] VaultError),
    /// A row has a value that this program never writes.
    #[error("{table}.{column} of row {row} makes no sense")]
    Corrupt {
        table: &'static str,
        column: &'static str,
        /// The row's id, or the id of the person to whom it belongs.
        row: String,
    },
    /// Two facts that one transaction keeps together contradict each other.
    #[error("the database contradicts itself: {0}")]
    Inconsistent(&'static str),
    /// The database has another schema under the number of a migration: it is older than the first release, or the migration
    /// was edited after it was applied.
    #[error(
        "migration {0} of the database differs from this program's: it was edited after it was applied"
    )]
    OtherSchema(i64),
    /// Opening, migrating or a commit of the writer failed. The text is a sentence for the operator.
    #[error("{0}")]
    Open(String),
    /// The task that writes has ended, as at shutdown.
    #[error("the store is closing")]
    Closing,
}

impl StoreError {
    /// Whether the change would have broken a unique key.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(e)) if e.is_unique_violation())
    }

    /// Whether the same closure may succeed when it is run again: on PostgreSQL after a serialisation failure (40001) or a
    /// deadlock (40P01).
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(e))
            if e.code().is_some_and(|code| matches!(&*code, "40001" | "40P01")))
    }
}

pub type StoreResult<T> = Result<T, StoreError>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded; the database is one file.
    Sqlite,
    Postgres,
}

/// Changes that are committed as one transaction or not at all. They may run more than once, so the unit itself holds all
/// that they need.
pub trait UnitOfWork: Send + Sync + 'static {
    /// The result for the caller; the caller gets it after the commit.
    type Output: Send + 'static;

    /// Runs the changes. An error rolls all of them back.
    fn run(&self, tx: &mut Tx) -> impl Future<Output = StoreResult<Self::Output>> + Send;

    /// The changes as one boxed future, so that a unit is compiled once and not once for each engine.
    fn boxed_run<'t>(&'t self, tx: &'t mut Tx) -> BoxFuture<'t, StoreResult<Self::Output>> {
        Box::pin(self.run(tx))
    }
}

/// A unit of work that consists of an input and a closure.
struct ClosureUnit<I, T, F> {
    input: I,
    closure: F,
    output: PhantomData<fn() -> T>,
}

impl<I, T, F> UnitOfWork for ClosureUnit<I, T, F>
where
    I: Send + Sync + 'static,
    T: Send + 'static,
    F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, StoreResult<T>> + Send + Sync + 'static,
{
    type Output = T;

    async fn run(&self, tx: &mut Tx) -> StoreResult<T> {
        (self.closure)(tx, &self.input).await
    }
}

#[derive(Clone)]
enum Writers {
    /// SQLite: one task owns the only writing connection.
    Task(writer::Writer),
    /// PostgreSQL: a separate pool, so that readers and writers do not wait for each other's connections.
    Pool(AnyPool),
}

/// Connections of each of the two pools on PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 8;
/// Reading connections on SQLite.
const SQLITE_READERS: u32 = 4;
/// How often a transaction on PostgreSQL is run again after a retryable error.
const MOST_RETRIES: u32 = 8;

/// Connections on PostgreSQL end by themselves what takes too long, so that one lost process that holds a person's row does not
/// stop that person for ever, nor sixteen of them everybody.
fn bounded(options: AnyPoolOptions) -> AnyPoolOptions {
    options.after_connect(|connection, _| {
        Box::pin(async move {
            for limit in [
                "SET statement_timeout = '15s'",
                "SET lock_timeout = '5s'",
                "SET idle_in_transaction_session_timeout = '30s'",
            ] {
                sqlx::query(limit).execute(&mut *connection).await?;
            }
            Ok(())
        })
    })
}

/// The open database of one instance.
#[derive(Clone)]
pub struct Store {
    shared: Shared,
    readers: AnyPool,
    writers: Writers,
}

impl Store {
    /// Opens the database and migrates it to the newest version. `url` is `sqlite:PATH` or `postgres://…`. Several processes
    /// may start at once (decision 11). Changes of people are told to the peers among `names`.
    ///
    /// # Errors
    /// [`StoreError::Open`] with a sentence for the operator: the database is unreachable, of a newer version, or sealed with
    /// another key.
    pub async fn open(
        url: &DatabaseUrl,
        keyring: Keyring,
        entropy: Arc<dyn Entropy>,
        names: InstanceNames,
        now: Timestamp,
    ) -> StoreResult<Self> {
        sqlx::any::install_default_drivers();
        let (engine, url) = migrate::engine_of(url);
        let shared = Shared {
            engine,
            sealer: Arc::new(Sealer::new(keyring, entropy)),
            names: Arc::new(names),
            sent: Arc::default(),
            outbox_wake: Arc::default(),
        };
        let lock = migrate::prepare(engine, &url, now).await?;
        let options = |connections| {
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(10))
        };
        let (readers, writers) = match engine {
            Engine::Sqlite => {
                let readers = options(SQLITE_READERS)
                    .after_connect(|connection, _| {
                        Box::pin(async move { migrate::configure_sqlite(connection, true).await })
                    })
                    .connect_lazy(&url)?;
                let connection = migrate::connect_sqlite(&url).await?;
                let tx = Tx::on_writer(connection, shared.clone());
                (readers, Writers::Task(writer::Writer::start(tx)?))
            }
            Engine::Postgres => (
                bounded(options(POSTGRES_CONNECTIONS)).connect_lazy(&url)?,
                Writers::Pool(bounded(options(POSTGRES_CONNECTIONS)).connect_lazy(&url)?),
            ),
        };
        drop(lock);
        let store = Self {
            shared,
            readers,
            writers,
        };
        store.check_key().await?;
        Ok(store)
    }

    pub fn engine(&self) -> Engine {
        self.shared.engine
    }

    /// How many statements were sent since the store was opened, besides those that begin and end transactions: for tests and
    /// measurements.
    pub fn statements(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
    }

    /// Wakes after each commit of this process that has queued a row of the outbox.
    pub fn outbox_wake(&self) -> &Notify {
        &self.shared.outbox_wake
    }

    /// Sealing and blind indexes with this instance's key, for values that are in no table.
    pub fn sealer(&self) -> &Sealer {
        &self.shared.sealer
    }

    /// A handle whose statements all see the same snapshot of the database.
    pub async fn reader(&self) -> StoreResult<Reader> {
        let begin = match self.shared.engine {
            Engine::Sqlite => "BEGIN",
            // with READ COMMITTED each statement would see another state of the database
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let snapshot = self.readers.begin_with(begin).await?;
        Ok(Reader::snapshot(snapshot, self.shared.clone()))
    }

    /// Runs a unit of work as one transaction and returns after the commit.
    pub async fn write<U: UnitOfWork>(&self, unit: U) -> StoreResult<U::Output> {
        let unit = Arc::new(unit);
        match &self.writers {
            Writers::Task(writer) => writer.run(unit).await,
            // in a task of its own, as on SQLite: when the caller is cancelled the transaction still ends as a whole
            Writers::Pool(pool) => {
                let (pool, shared) = (pool.clone(), self.shared.clone());
                tokio::spawn(async move { transact(&pool, &shared, &*unit).await })
                    .await
                    .map_err(|_| StoreError::Closing)?
            }
        }
    }

    /// Writes SQLite's log of changes into the file and empties it, as after large changes: it would grow while others read. Nothing
    /// to do on PostgreSQL.
    pub async fn checkpoint(&self) -> StoreResult<()> {
        if self.shared.engine == Engine::Sqlite {
            sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&self.readers)
                .await?;
        }
        Ok(())
    }

    /// An error when the database takes no change any more, as on a full disk.
    pub async fn check_write(&self) -> StoreResult<()> {
        self.write_with((), |tx, ()| Box::pin(tx.write_in_vain()))
            .await
    }

    /// Runs a closure as one transaction and returns after the commit. The closure gets its input by reference, because it
    /// may run more than once.
    pub async fn write_with<I, T, F>(&self, input: I, closure: F) -> StoreResult<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> BoxFuture<'t, StoreResult<T>> + Send + Sync + 'static,
    {
        self.write(ClosureUnit {
            input,
            closure,
            output: PhantomData,
        })
        .await
    }

    /// Refuses a key with which this database was not sealed.
    async fn check_key(&self) -> StoreResult<()> {
        self.write_with((), |tx, ()| Box::pin(tx.check_key_mark()))
            .await
            .map_err(|error| match error {
                StoreError::Vault(_) => StoreError::Open(
                    "the key file is not the one this database was sealed with: \
                 set keys.file to the key that was made together with it"
                        .to_owned(),
                ),
                other => other,
            })
    }
}

/// Runs a unit in a PostgreSQL transaction of its own, and again after a retryable error.
async fn transact<U: UnitOfWork>(
    pool: &AnyPool,
    shared: &Shared,
    unit: &U,
) -> StoreResult<U::Output> {
    let mut retries = 0;
    loop {
        let connection = pool.acquire().await?;
        let mut tx = Tx::pooled(connection, shared.clone());
        tx.begin("BEGIN").await?;
        let result = match unit.boxed_run(&mut tx).await {
            Ok(value) => tx.commit().await.map(|()| value),
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        };
        match result {
            Err(error) if error.is_retryable() && retries < MOST_RETRIES => retries += 1,
            other => return other,
        }
    }
}
