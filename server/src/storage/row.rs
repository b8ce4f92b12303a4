//! Arguments of statements, and values of rows as types of the domain. A value that this program never writes is an error
//! that names table, column and row.

use super::{StoreError, StoreResult, handle::encode_error};
use crate::domain::{person::PersonId, time::Timestamp, token::TokenHash};
use sqlx::{
    Any, Arguments as _, Decode, Encode, Type,
    any::{AnyArguments, AnyTypeInfo, AnyValueRef},
    encode::IsNull,
    error::BoxDynError,
};

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

impl RowName<'_> {
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
