//! One concrete store over SQLite or PostgreSQL (house decision 1). Every statement is portable:
//! `$1` placeholders, BIGINT, TEXT and BLOB/BYTEA only. Races are decided by single conditional
//! statements and unique keys.
//!
//! Writes are closures (decision 10): on SQLite one task runs what is queued in one
//! `BEGIN IMMEDIATE`, a savepoint each, and answers after COMMIT; on PostgreSQL each is its own
//! transaction, run again when the database says so. Nothing slow belongs inside.

mod audit;
mod enrolment;
mod factor;
mod link;
mod mail_outbox;
mod migrate;
mod person;
mod retention;
mod session;
mod sync_outbox;
mod throttle;
mod tx;
mod writer;

pub use enrolment::{NewEnrolment, Origin};
pub use factor::{FactorRow, NewFactor};
pub use link::{LinkPurpose, LinkRow, Voided};
pub use mail_outbox::{DueMail, MailState, NewMail};
pub use person::{PersonRow, RegisteredPerson};
pub use retention::{AT_ONCE, RULES, Rule};
pub use session::NewSession;
pub use sync_outbox::{DueSync, SyncRow};
pub use throttle::{Attempt, Subject};
pub use tx::{Sealer, Tx};

use crate::{
    domain::{
        database_url::DatabaseUrl,
        time::Timestamp,
        vault::{Keyring, VaultError},
    },
    ports::Entropy,
};
use futures_util::future::BoxFuture;
use sqlx::{AnyPool, any::AnyPoolOptions};
use std::{sync::Arc, time::Duration};

/// Why the store could not answer. The detail is for the log, never for a page.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A sealed value does not open: damaged, moved, or another key.
    #[error("sealed value: {0}")]
    Vault(#[from] VaultError),
    /// A row holds what this program never writes.
    #[error("row makes no sense: {0}")]
    Corrupt(&'static str),
    /// Opening or migrating failed, in a sentence for the operator.
    #[error("{0}")]
    Open(String),
    /// The writer has stopped (shutdown).
    #[error("the store is closing")]
    Closing,
}

impl StoreError {
    /// Whether the change would have broken a unique key.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(e)) if e.is_unique_violation())
    }

    /// Whether the same closure may succeed when run again (PostgreSQL: serialisation failure,
    /// deadlock).
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(e))
            if e.code().is_some_and(|code| matches!(&*code, "40001" | "40P01")))
    }
}

/// Result of a statement.
pub type StoreResult<T> = Result<T, StoreError>;

/// Which engine is behind the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one file.
    Sqlite,
    /// A server.
    Postgres,
}

/// The open database of one instance.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    pool: AnyPool,
    writer: Option<writer::Writer>,
    sealer: Arc<Sealer>,
}

impl Store {
    /// Opens and migrates. Safe when several processes start at once (decision 11).
    ///
    /// # Errors
    /// [`StoreError::Open`] with a sentence for the operator: unreachable, from a newer version,
    /// or sealed under another key.
    pub async fn open(
        url: &DatabaseUrl,
        keyring: Keyring,
        entropy: Arc<dyn Entropy>,
        now: Timestamp,
    ) -> StoreResult<Self> {
        sqlx::any::install_default_drivers();
        let sealer = Arc::new(Sealer::new(keyring, entropy));
        let (engine, url) = migrate::engine_of(url);
        let lock = migrate::prepare(engine, &url, now).await?;
        let options = AnyPoolOptions::new()
            .max_connections(if engine == Engine::Sqlite { 4 } else { 16 })
            .acquire_timeout(Duration::from_secs(10));
        let pool = match engine {
            Engine::Sqlite => options.after_connect(|conn, _| {
                Box::pin(async move { migrate::configure_sqlite(conn, true).await })
            }),
            Engine::Postgres => options,
        }
        .connect_lazy(&url)?;
        let writer = match engine {
            Engine::Sqlite => {
                let conn = migrate::connect_sqlite(&url).await?;
                Some(writer::Writer::start(Tx::owned(conn, sealer.clone())))
            }
            Engine::Postgres => None,
        };
        drop(lock);
        let store = Self {
            engine,
            pool,
            writer,
            sealer,
        };
        store.check_key().await?;
        Ok(store)
    }

    /// The engine behind this store.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The keyring's sealing and indexing, for values that do not live in a table.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Runs a closure that only reads.
    pub async fn read<I, T>(
        &self,
        input: I,
        f: impl for<'t> FnOnce(&'t mut Tx, Arc<I>) -> BoxFuture<'t, StoreResult<T>>,
    ) -> StoreResult<T> {
        let conn = self.pool.acquire().await?;
        let mut tx = Tx::pooled(conn, self.sealer.clone());
        f(&mut tx, Arc::new(input)).await
    }

    /// Runs a closure as one transaction and answers after the commit. It may run more than once.
    pub async fn write<I, T, F>(&self, input: I, f: F) -> StoreResult<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, Arc<I>) -> BoxFuture<'t, StoreResult<T>> + Send + Sync + 'static,
    {
        let input = Arc::new(input);
        if let Some(writer) = &self.writer {
            return writer.run(input, f).await;
        }
        let store = self.clone();
        // a task of its own, as on SQLite: the caller may go away, its change stands or falls whole
        tokio::spawn(async move { store.transact(input, f).await })
            .await
            .map_err(|_| StoreError::Closing)?
    }

    /// PostgreSQL: each closure in a transaction of its own, run again when the database says so.
    async fn transact<I, T, F>(&self, input: Arc<I>, f: F) -> StoreResult<T>
    where
        F: for<'t> Fn(&'t mut Tx, Arc<I>) -> BoxFuture<'t, StoreResult<T>>,
    {
        let mut tries = 0;
        loop {
            let conn = self.pool.acquire().await?;
            let mut tx = Tx::pooled(conn, self.sealer.clone());
            tx.begin("BEGIN").await?;
            let result = match f(&mut tx, input.clone()).await {
                Ok(value) => tx.commit().await.map(|()| value),
                Err(error) => {
                    tx.rollback().await;
                    Err(error)
                }
            };
            match result {
                Err(error) if error.is_retryable() && tries < 8 => tries += 1,
                other => return other,
            }
        }
    }

    /// Refuses a key that is not the one this database was sealed with.
    async fn check_key(&self) -> StoreResult<()> {
        self.write((), |tx, _| Box::pin(tx.check_key_mark()))
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
