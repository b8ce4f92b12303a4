//! Everything that stands in a database: each column of each table, found in the engine's own
//! description of its schema, so that a new table or column is seen without being named here.

use std::collections::{BTreeMap, BTreeSet};

/// Values of a row by the names of their columns. `None`: NULL. A number stands here in decimal
/// digits, text and bytes as they are.
type StoredRow = BTreeMap<String, Option<Vec<u8>>>;

/// The rows of every table, in an order that depends on their values alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump(BTreeMap<String, Vec<StoredRow>>);

impl Dump {
    pub async fn of(conn: &mut sqlx::AnyConnection) -> Self {
        let sqlite = conn.backend_name() == "SQLite";
        let mut tables = BTreeMap::new();
        for (table, columns) in schema(conn, sqlite).await {
            let values: Vec<_> = columns
                .iter()
                .map(|column| tagged(column, sqlite))
                .collect();
            let sql = format!("SELECT {} FROM \"{table}\"", values.join(", "));
            let found = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *conn);
            let mut rows: Vec<_> = found
                .await
                .unwrap()
                .iter()
                .map(|row| read(row, &columns))
                .collect();
            rows.sort();
            tables.insert(table, rows);
        }
        Self(tables)
    }

    /// Whether a value anywhere contains these bytes.
    pub fn holds(&self, needle: impl AsRef<[u8]>) -> bool {
        let needle = needle.as_ref();
        self.values()
            .any(|value| value.windows(needle.len()).any(|part| part == needle))
    }

    /// Whether a value anywhere is exactly this text.
    pub fn has_value(&self, text: &str) -> bool {
        self.values().any(|value| value == text.as_bytes())
    }

    fn values(&self) -> impl Iterator<Item = &[u8]> {
        let rows = self.0.values().flatten();
        rows.flat_map(BTreeMap::values).filter_map(Option::as_deref)
    }

    /// The values of one column, which must exist.
    #[track_caller]
    pub fn column(&self, table: &str, column: &str) -> Vec<Option<Vec<u8>>> {
        let value = |row: &StoredRow| row[column].clone();
        self.0[table].iter().map(value).collect()
    }

    /// How many rows a table has, which must exist.
    #[track_caller]
    pub fn rows(&self, table: &str) -> usize {
        self.0[table].len()
    }

    /// The same without one column, which must exist.
    #[track_caller]
    pub fn without(mut self, table: &str, column: &str) -> Self {
        let rows = self.0.get_mut(table).expect(table);
        for row in rows.iter_mut() {
            row.remove(column).expect(column);
        }
        rows.sort();
        self
    }

    /// Rows that are in one of the two only: nothing where both are the same.
    pub fn changes_to(&self, after: &Self) -> Vec<String> {
        let tables: BTreeSet<_> = self.0.keys().chain(after.0.keys()).collect();
        let mut changes = Vec::new();
        for table in tables {
            let (before, after) = (self.0.get(table), after.0.get(table));
            if before.is_some() != after.is_some() {
                changes.push(format!("table {table}"));
            }
            let (before, after) = (before.into_iter().flatten(), after.into_iter().flatten());
            let mut counts: BTreeMap<_, i64> = BTreeMap::new();
            before.for_each(|row| *counts.entry(row).or_default() -= 1);
            after.for_each(|row| *counts.entry(row).or_default() += 1);
            for (row, count) in counts.into_iter().filter(|(_, count)| *count != 0) {
                changes.push(format!("{count:+} {table}: {}", shown(row)));
            }
        }
        changes
    }
}

/// Names of every table of this database with those of its columns and whether they hold bytes.
async fn schema(
    conn: &mut sqlx::AnyConnection,
    sqlite: bool,
) -> BTreeMap<String, Vec<(String, bool)>> {
    let sql = if sqlite {
        "SELECT t.name, c.name, 0 FROM sqlite_master t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    } else {
        "SELECT t.table_name::TEXT, c.column_name::TEXT, (c.data_type = 'bytea')::INT::BIGINT \
         FROM information_schema.tables t JOIN information_schema.columns c \
         USING (table_schema, table_name) \
         WHERE t.table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    };
    let found: Vec<(String, String, i64)> = sqlx::query_as(sql).fetch_all(conn).await.unwrap();
    let mut tables: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (table, column, bytes) in found {
        tables.entry(table).or_default().push((column, bytes != 0));
    }
    tables
}

/// A column as text that the Any driver can read: `x` and hex digits for bytes, else `t` and the
/// value as the engine writes it. (The driver gives no text for a BIGINT.)
fn tagged((column, bytes): &(String, bool), sqlite: bool) -> String {
    if sqlite {
        // any value may stand in any column there
        return format!(
            "CASE typeof(\"{column}\") WHEN 'blob' THEN 'x' || hex(\"{column}\") \
             ELSE 't' || CAST(\"{column}\" AS TEXT) END"
        );
    }
    if *bytes {
        format!("'x' || upper(encode(\"{column}\", 'hex'))")
    } else {
        format!("'t' || CAST(\"{column}\" AS TEXT)")
    }
}

fn read(row: &sqlx::any::AnyRow, columns: &[(String, bool)]) -> StoredRow {
    use sqlx::Row as _;
    let value = |at: usize| -> Option<Vec<u8>> {
        let text: String = row.try_get::<Option<_>, _>(at).unwrap()?;
        let (tag, value) = text.split_at(1);
        Some(match tag {
            "x" => data_encoding::HEXUPPER.decode(value.as_bytes()).unwrap(),
            _ => value.as_bytes().to_vec(),
        })
    };
    let names = columns.iter().enumerate();
    names
        .map(|(at, (name, _))| (name.clone(), value(at)))
        .collect()
}

fn shown(row: &StoredRow) -> String {
    let value = |value: &Option<Vec<u8>>| match value {
        None => "NULL".to_owned(),
        Some(bytes) => String::from_utf8(bytes.clone())
            .unwrap_or_else(|_| data_encoding::HEXLOWER.encode(bytes)),
    };
    let all: Vec<_> = row
        .iter()
        .map(|(name, it)| format!("{name}={}", value(it)))
        .collect();
    all.join(" ")
}
