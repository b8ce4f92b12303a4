//! The two handles on the database: [`Reader`] has no method that writes; [`Tx`] can do all that a reader can, and write.

use super::row::{Arguments, UnsentChanges};
use super::{Engine, InstanceNames, Sealer, StoreError, StoreResult};
use crate::domain::SealContext;
use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AssertSqlSafe, FromRow, Transaction};
use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// Most changes that are sent to SQLite together: more of them are rarely written in the same order again, and sqlx keeps a hundred
/// prepared texts.
const MOST_UNSENT: u64 = 8;

enum Connection {
    /// SQLite: the only writing connection.
    Writer(Box<AnyConnection>),
    /// PostgreSQL: a connection of the writers' pool.
    Pooled(PoolConnection<Any>),
    /// A read-only transaction that is rolled back when it is dropped.
    Snapshot(Transaction<'static, Any>),
}

/// Reads from the database. A reader from `Store::reader` sees one snapshot in all its statements; inside a [`Tx`] on
/// PostgreSQL each statement sees what was committed before it. The file of each noun adds its statements as methods.
pub struct Reader {
    connection: Connection,
    pub(super) engine: Engine,
    pub(super) sealer: Arc<Sealer>,
    pub(super) names: Arc<InstanceNames>,
    sent: Arc<AtomicU64>,
    outbox_wake: Arc<Notify>,
    /// Only a [`Tx`] has any.
    unsent: UnsentChanges,
}

/// What all handles of a store share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) engine: Engine,
    pub(super) sealer: Arc<Sealer>,
    pub(super) names: Arc<InstanceNames>,
    /// How many statements the database was asked to run, besides those that begin and end transactions.
    pub(super) sent: Arc<AtomicU64>,
    /// Wakes the workers of the outbox in this process after a commit that has queued something.
    pub(super) outbox_wake: Arc<Notify>,
}

impl Reader {
    pub(super) fn snapshot(transaction: Transaction<'static, Any>, shared: Shared) -> Self {
        Self::new(Connection::Snapshot(transaction), shared)
    }

    fn new(connection: Connection, shared: Shared) -> Self {
        Self {
            connection,
            engine: shared.engine,
            sealer: shared.sealer,
            names: shared.names,
            sent: shared.sent,
            outbox_wake: shared.outbox_wake,
            unsent: UnsentChanges::default(),
        }
    }

    fn connection(&mut self) -> &mut AnyConnection {
        match &mut self.connection {
            Connection::Writer(connection) => connection,
            Connection::Pooled(connection) => connection,
            Connection::Snapshot(transaction) => transaction,
        }
    }

    /// The connection for one more statement, after all changes have been sent.
    async fn for_statement(&mut self) -> StoreResult<&mut AnyConnection> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        self.up_to_date().await
    }

    /// The connection after all changes have been sent.
    async fn up_to_date(&mut self) -> StoreResult<&mut AnyConnection> {
        let count = mem::take(&mut self.unsent.count);
        if count > 0 {
            self.sent.fetch_add(count, Ordering::Relaxed);
            let (sql, arguments) = mem::take(&mut self.unsent).into_parts();
            // joined from texts of this program only
            let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
            query.execute(self.connection()).await?;
        }
        Ok(self.connection())
    }

    /// Returns the row that a statement selects; `None` when there is none.
    pub(super) async fn fetch_optional<R>(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<Option<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let query = sqlx::query_as_with(sql, arguments.into_inner()?);
        Ok(query.fetch_optional(self.for_statement().await?).await?)
    }

    /// Returns the only row that a statement selects; no row is an error.
    pub(super) async fn fetch_one<R>(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<R>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let query = sqlx::query_as_with(sql, arguments.into_inner()?);
        Ok(query.fetch_one(self.for_statement().await?).await?)
    }

    pub(super) async fn fetch_all<R>(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<Vec<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let query = sqlx::query_as_with(sql, arguments.into_inner()?);
        Ok(query.fetch_all(self.for_statement().await?).await?)
    }

    /// The only column of each row that a statement selects.
    pub(super) async fn fetch_column<T>(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<Vec<T>>
    where
        (T,): for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let rows: Vec<(T,)> = self.fetch_all(sql, arguments).await?;
        Ok(rows.into_iter().map(|(value,)| value).collect())
    }

    /// The only column of the only row that a statement selects; no row is an error.
    pub(super) async fn fetch_value<T>(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<T>
    where
        (T,): for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let (value,): (T,) = self.fetch_one(sql, arguments).await?;
        Ok(value)
    }

    /// Whether a statement selects any row.
    pub(super) async fn has_row(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<bool> {
        Ok(self.fetch_optional::<()>(sql, arguments).await?.is_some())
    }

    /// Checks that the engine answers.
    pub async fn ping(&mut self) -> StoreResult<()> {
        self.fetch_one::<(i64,)>("SELECT CAST(1 AS BIGINT)", Arguments::none())
            .await?;
        Ok(())
    }
}

/// A transaction that may write. When it is dropped before its commit nothing is changed.
pub struct Tx {
    reader: Reader,
    /// True between BEGIN and the end of the transaction.
    open: bool,
    /// Whether a row of the outbox was written since BEGIN.
    has_queued: bool,
}

impl Tx {
    pub(super) fn on_writer(connection: AnyConnection, shared: Shared) -> Self {
        Self {
            reader: Reader::new(Connection::Writer(Box::new(connection)), shared),
            open: false,
            has_queued: false,
        }
    }

    pub(super) fn pooled(connection: PoolConnection<Any>, shared: Shared) -> Self {
        Self {
            reader: Reader::new(Connection::Pooled(connection), shared),
            open: false,
            has_queued: false,
        }
    }

    /// Has the workers of the outbox woken after the commit.
    pub(super) fn note_queued(&mut self) {
        self.has_queued = true;
    }

    /// Runs a statement that writes. On SQLite it is sent together with the next ones, at the latest before the next row is read:
    /// an error may come later, but within the transaction.
    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<()> {
        if self.engine == Engine::Postgres {
            self.execute_counted(sql, arguments).await?;
            return Ok(());
        }
        self.reader.unsent.push(sql, arguments)?;
        if self.unsent.count == MOST_UNSENT {
            self.send_changes().await?;
        }
        Ok(())
    }

    /// Sends what has not been sent yet.
    pub(super) async fn send_changes(&mut self) -> StoreResult<()> {
        self.up_to_date().await.map(|_| ())
    }

    /// Forgets what has not been sent yet: a failed closure is undone.
    pub(super) fn forget_changes(&mut self) {
        self.reader.unsent = UnsentChanges::default();
    }

    /// Runs a statement that writes and returns the number of changed rows.
    pub(super) async fn execute_counted(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<u64> {
        let query = sqlx::query_with(sql, arguments.into_inner()?);
        let done = query.execute(self.for_statement().await?).await?;
        Ok(done.rows_affected())
    }

    /// Runs a conditional statement on one row; true when it changed the row.
    pub(super) async fn execute_if(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<bool> {
        Ok(self.execute_counted(sql, arguments).await? == 1)
    }

    /// Runs a statement without arguments, such as `BEGIN` or `SAVEPOINT`.
    pub(super) async fn run_plain(&mut self, sql: &'static str) -> StoreResult<()> {
        sqlx::raw_sql(sql).execute(self.up_to_date().await?).await?;
        Ok(())
    }

    pub(super) async fn begin(&mut self, sql: &'static str) -> StoreResult<()> {
        self.open = true;
        self.run_plain(sql).await
    }

    pub(super) async fn commit(&mut self) -> StoreResult<()> {
        self.run_plain("COMMIT").await?;
        self.open = false;
        if mem::take(&mut self.has_queued) {
            self.reader.outbox_wake.notify_waiters();
        }
        Ok(())
    }

    pub(super) async fn rollback(&mut self) {
        self.forget_changes();
        self.has_queued = false;
        match self.run_plain("ROLLBACK").await {
            Ok(()) => self.open = false,
            Err(error) => tracing::warn!(%error, "rollback failed"),
        }
    }

    /// Writes a row and takes it away again: nothing is changed, and still the transaction reaches the disk, as one without a change never
    /// would.
    pub(super) async fn write_in_vain(&mut self) -> StoreResult<()> {
        let mark = b"in vain".to_vec();
        // two processes may do so at once
        self.execute(
            "INSERT INTO instance_mark (name, value) VALUES ('check', $1) ON CONFLICT DO NOTHING",
            args![mark],
        )
        .await?;
        self.execute("DELETE FROM instance_mark WHERE name = 'check'", args![])
            .await
    }

    /// Stores a sealed mark in a new database. An error when the mark was sealed with another key.
    pub(super) async fn check_key_mark(&mut self) -> StoreResult<()> {
        const MARK: SealContext<'_> = SealContext::new("instance_mark", "value", "key");
        let sealed = self.sealer.seal(MARK, b"eproc-2fa");
        // the first process stores the mark, every other one checks it: a second mark would hide a wrong key
        self.execute(
            "INSERT INTO instance_mark (name, value) VALUES ('key', $1) ON CONFLICT DO NOTHING",
            args![sealed],
        )
        .await?;
        let sealed: Vec<u8> = self
            .fetch_value(
                "SELECT value FROM instance_mark WHERE name = 'key'",
                args![],
            )
            .await?;
        self.sealer.open(MARK, &sealed)?;
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

impl Drop for Tx {
    /// A transaction that is still open must not go back into the pool: the next user of the connection would commit it.
    fn drop(&mut self) {
        if let (true, Connection::Pooled(connection)) = (self.open, &mut self.reader.connection) {
            connection.close_on_drop();
        }
    }
}

pub(super) fn encode_error(error: sqlx::error::BoxDynError) -> StoreError {
    StoreError::Database(sqlx::Error::Encode(error))
}
