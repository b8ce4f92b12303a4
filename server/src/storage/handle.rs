//! The two handles on the database: [`Reader`] has no method that writes; [`Tx`] can do all that a reader can, and write.

use super::{Engine, Sealer, StoreError, StoreResult, row::Arguments};
use crate::domain::vault::SealContext;
use sqlx::{Any, AnyConnection, FromRow, Transaction, any::AnyRow, pool::PoolConnection};
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

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
}

impl Reader {
    pub(super) fn snapshot(
        transaction: Transaction<'static, Any>,
        engine: Engine,
        sealer: Arc<Sealer>,
    ) -> Self {
        Self {
            connection: Connection::Snapshot(transaction),
            engine,
            sealer,
        }
    }

    fn connection(&mut self) -> &mut AnyConnection {
        match &mut self.connection {
            Connection::Writer(connection) => connection,
            Connection::Pooled(connection) => connection,
            Connection::Snapshot(transaction) => transaction,
        }
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
        Ok(query.fetch_optional(self.connection()).await?)
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
        Ok(query.fetch_one(self.connection()).await?)
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
        Ok(query.fetch_all(self.connection()).await?)
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
}

impl Tx {
    pub(super) fn on_writer(
        connection: AnyConnection,
        engine: Engine,
        sealer: Arc<Sealer>,
    ) -> Self {
        Self::new(Connection::Writer(Box::new(connection)), engine, sealer)
    }

    pub(super) fn pooled(
        connection: PoolConnection<Any>,
        engine: Engine,
        sealer: Arc<Sealer>,
    ) -> Self {
        Self::new(Connection::Pooled(connection), engine, sealer)
    }

    fn new(connection: Connection, engine: Engine, sealer: Arc<Sealer>) -> Self {
        let reader = Reader {
            connection,
            engine,
            sealer,
        };
        Self {
            reader,
            open: false,
        }
    }

    /// Runs a statement that writes and returns the number of changed rows.
    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<u64> {
        let query = sqlx::query_with(sql, arguments.into_inner()?);
        let done = query.execute(self.connection()).await?;
        Ok(done.rows_affected())
    }

    /// Runs a conditional statement on one row; true when it changed the row.
    pub(super) async fn execute_if(
        &mut self,
        sql: &'static str,
        arguments: Arguments,
    ) -> StoreResult<bool> {
        Ok(self.execute(sql, arguments).await? == 1)
    }

    /// Runs a statement without arguments, such as `BEGIN` or `SAVEPOINT`.
    pub(super) async fn run_plain(&mut self, sql: &'static str) -> StoreResult<()> {
        sqlx::raw_sql(sql).execute(self.connection()).await?;
        Ok(())
    }

    pub(super) async fn begin(&mut self, sql: &'static str) -> StoreResult<()> {
        self.open = true;
        self.run_plain(sql).await
    }

    pub(super) async fn commit(&mut self) -> StoreResult<()> {
        self.run_plain("COMMIT").await?;
        self.open = false;
        Ok(())
    }

    pub(super) async fn rollback(&mut self) {
        match self.run_plain("ROLLBACK").await {
            Ok(()) => self.open = false,
            Err(error) => tracing::warn!(%error, "rollback failed"),
        }
    }

    /// Stores a sealed mark in a new database. An error when the mark was sealed with another key.
    pub(super) async fn check_key_mark(&mut self) -> StoreResult<()> {
        const MARK: SealContext<'_> = SealContext {
            table: "instance_mark",
            purpose: "value",
            row: "key",
        };
        let sealed = self.sealer.seal(MARK, b"eproc-2fa");
        // the first process stores the mark, every other one checks it: a second mark would hide a wrong key
        self.execute(
            "INSERT INTO instance_mark (name, value) VALUES ('key', $1) ON CONFLICT DO NOTHING",
            args![sealed],
        )
        .await?;
        let (sealed,): (Vec<u8>,) = self
            .fetch_one(
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
