//! Arguments of statements, and values of rows as types of the domain. A value that this program never writes is an error
//! that names table, column and row.

use super::handle::encode_error;
use super::{StoreError, StoreResult};
use crate::domain::{PersonId, Timestamp, TokenHash};
use sqlx::any::{AnyArguments, AnyTypeInfo, AnyValueRef};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Any, Arguments as _, Decode, Encode, Type};

/// The arguments of a statement, in the order of `$1`, `$2`…
pub(super) struct Arguments(Result<AnyArguments, BoxDynError>);

impl Arguments {
    pub(super) fn none() -> Self {
        Self(Ok(AnyArguments::default()))
    }

    pub(super) fn and<'t>(mut self, value: impl Encode<'t, Any> + Type<Any>) -> Self {
        self.0 = self
            .0
            .and_then(|mut arguments| arguments.add(value).map(|()| arguments));
        self
    }

    pub(super) fn into_inner(self) -> StoreResult<AnyArguments> {
        self.0.map_err(encode_error)
    }
}

/// Changes that nobody waits for: they are sent to SQLite together with the ones after them, because each message to the thread of
/// sqlx and back takes as long as a small change.
#[derive(Default)]
pub(super) struct UnsentChanges {
    sql: String,
    arguments: AnyArguments,
    pub(super) count: u64,
}

impl UnsentChanges {
    pub(super) fn push(&mut self, sql: &str, arguments: Arguments) -> StoreResult<()> {
        let before = self.arguments.len();
        // sqlx counts the arguments of all statements of one text together
        let mut parts = sql.split('$');
        self.sql.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let number: usize = part[..digits].parse().map_err(|_| {
                StoreError::Inconsistent("an argument of a statement has no number")
            })?;
            self.sql.push('$');
            self.sql.push_str(&(before + number).to_string());
            self.sql.push_str(&part[digits..]);
        }
        self.sql.push(';');
        self.arguments
            .values
            .0
            .extend(arguments.into_inner()?.values.0);
        self.count += 1;
        Ok(())
    }

    pub(super) fn into_parts(self) -> (String, AnyArguments) {
        (self.sql, self.arguments)
    }
}

/// Makes the arguments of a statement: `args![person, now]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        $crate::storage::row::Arguments::none()$(.and($value))*
    };
}

/// Implements a column type that is bound and read as another type.
macro_rules! column_type {
    ($type:ty, $inner:ty, |$value:ident| $encode:expr, |$raw:ident| $decode:expr) => {
        impl Type<Any> for $type {
            fn type_info() -> AnyTypeInfo {
                <$inner as Type<Any>>::type_info()
            }
        }

        impl Encode<'_, Any> for $type {
            fn encode_by_ref(
                &self,
                buffer: &mut <Any as sqlx::Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                let $value = self;
                Encode::<Any>::encode($encode, buffer)
            }
        }

        impl<'r> Decode<'r, Any> for $type {
            fn decode(value: AnyValueRef<'r>) -> Result<Self, BoxDynError> {
                let $raw = <$inner as Decode<'r, Any>>::decode(value)?;
                $decode
            }
        }
    };
}

column_type!(Timestamp, i64, |at| at.0, |seconds| Ok(Self(seconds)));
column_type!(PersonId, i64, |id| id.get(), |number| Ok(Self::new(
    number
)?));
column_type!(TokenHash, Vec<u8>, |hash| hash.0.clone(), |bytes| Ok(Self(
    bytes
)));

/// Names a row in an error.
#[derive(Clone, Copy)]
pub(super) struct RowName<'a> {
    pub(super) table: &'static str,
    pub(super) id: &'a str,
}

impl<'a> RowName<'a> {
    pub(super) const fn new(table: &'static str, id: &'a str) -> Self {
        Self { table, id }
    }

    /// Returns the value; `None` becomes an error that names the column.
    pub(super) fn value<T>(self, column: &'static str, value: Option<T>) -> StoreResult<T> {
        value.ok_or_else(|| self.corrupt(column))
    }

    /// Parses a code of a closed list; another code is an error that names the column.
    pub(super) fn code<T: std::str::FromStr>(
        self,
        column: &'static str,
        code: &str,
    ) -> StoreResult<T> {
        self.value(column, code.parse().ok())
    }

    /// The error of a value that this program never writes.
    pub(super) fn corrupt(self, column: &'static str) -> StoreError {
        StoreError::Corrupt {
            table: self.table,
            column,
            row: self.id.to_owned(),
        }
    }
}

/// The code of a value of a closed list, as an argument.
pub(super) fn code_of(value: impl Into<&'static str>) -> &'static str {
    value.into()
}
