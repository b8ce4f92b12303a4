//! A connection at work, with the sealing of its instance.

use super::{StoreError, StoreResult};
use crate::{
    domain::{
        secret::SecretBytes,
        token::row_id,
        vault::{Keyring, Place},
    },
    ports::Entropy,
};
use sqlx::{Any, AnyConnection, pool::PoolConnection};
use std::sync::Arc;

/// Seals, opens and indexes for one instance.
pub struct Sealer {
    keyring: Keyring,
    entropy: Arc<dyn Entropy>,
}

impl Sealer {
    pub(super) fn new(keyring: Keyring, entropy: Arc<dyn Entropy>) -> Self {
        Self { keyring, entropy }
    }

    /// Seals `plain` for `place`.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Vec<u8> {
        self.keyring.seal(place, plain, self.entropy.bytes())
    }

    /// Opens what was sealed for `place`.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> StoreResult<SecretBytes> {
        Ok(self.keyring.open(place, sealed)?)
    }

    /// Opens text that was sealed for `place`.
    pub fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> StoreResult<String> {
        Ok(self.keyring.open_text(place, sealed)?)
    }

    /// The blind index of `value` (R30).
    pub fn index(&self, purpose: &str, value: &str) -> Vec<u8> {
        self.keyring.blind_index(purpose, value)
    }

    /// A fresh row id.
    pub fn row_id(&self) -> String {
        row_id(self.entropy.bytes())
    }
}

enum Conn {
    Owned(Box<AnyConnection>),
    Pooled(PoolConnection<Any>),
}

/// A connection in (or outside) a transaction. The statements of each noun are methods on it, in
/// the file of that noun.
pub struct Tx {
    conn: Conn,
    /// Between BEGIN and the end of the transaction.
    open: bool,
    pub(super) sealer: Arc<Sealer>,
}

impl Tx {
    pub(super) fn owned(conn: AnyConnection, sealer: Arc<Sealer>) -> Self {
        Self {
            conn: Conn::Owned(Box::new(conn)),
            open: false,
            sealer,
        }
    }

    pub(super) fn pooled(conn: PoolConnection<Any>, sealer: Arc<Sealer>) -> Self {
        Self {
            conn: Conn::Pooled(conn),
            open: false,
            sealer,
        }
    }

    /// The connection, for one statement.
    pub(super) fn conn(&mut self) -> &mut AnyConnection {
        match &mut self.conn {
            Conn::Owned(conn) => conn,
            Conn::Pooled(conn) => conn,
        }
    }

    /// Runs a statement without arguments (`BEGIN`, `SAVEPOINT`…).
    pub(super) async fn plain(&mut self, sql: &'static str) -> StoreResult<()> {
        sqlx::raw_sql(sql).execute(self.conn()).await?;
        Ok(())
    }

    pub(super) async fn begin(&mut self, sql: &'static str) -> StoreResult<()> {
        self.open = true;
        self.plain(sql).await
    }

    pub(super) async fn commit(&mut self) -> StoreResult<()> {
        self.plain("COMMIT").await?;
        self.open = false;
        Ok(())
    }

    /// Rolls back.
    pub(super) async fn rollback(&mut self) {
        match self.plain("ROLLBACK").await {
            Ok(()) => self.open = false,
            Err(error) => tracing::warn!(%error, "rollback failed"),
        }
    }

    /// Asks the engine for a sign of life.
    pub async fn ping(&mut self) -> StoreResult<()> {
        sqlx::query("SELECT 1").execute(self.conn()).await?;
        Ok(())
    }

    pub(super) async fn check_key_mark(&mut self) -> StoreResult<()> {
        const MARK: Place<'_> = Place {
            table: "instance_mark",
            purpose: "value",
            row: "key",
        };
        let sealed = self.sealer.seal(MARK, b"eproc-2fa");
        sqlx::query(
            "INSERT INTO instance_mark (name, value) VALUES ('key', $1) ON CONFLICT DO NOTHING",
        )
        .bind(sealed)
        .execute(self.conn())
        .await?;
        let (sealed,): (Vec<u8>,) =
            sqlx::query_as("SELECT value FROM instance_mark WHERE name = 'key'")
                .fetch_one(self.conn())
                .await?;
        self.sealer.open(MARK, &sealed)?;
        Ok(())
    }
}

impl Drop for Tx {
    /// A transaction that was neither committed nor rolled back must not go back into the pool:
    /// whoever got the connection next would commit it.
    fn drop(&mut self) {
        if let (true, Conn::Pooled(conn)) = (self.open, &mut self.conn) {
            conn.close_on_drop();
        }
    }
}

/// Decodes a value that this program wrote.
pub(super) fn known<T>(value: Option<T>, what: &'static str) -> StoreResult<T> {
    value.ok_or(StoreError::Corrupt(what))
}
