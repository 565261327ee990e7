//! A row of an answer, as diesel reads it.

use std::error::Error;
use std::num::NonZeroU32;
use std::ops::Range;

use diesel::pg::{Pg, PgValue, TypeOidLookup};
use diesel::row::{PartialRow, Row as _, RowIndex, RowSealed};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};
use tokio_postgres::types::{FromSql, Type};

/// A row of diesel-async's connection.
type Prepared = <AsyncPgConnection as AsyncConnectionCore>::Row<'static, 'static>;

/// A row.
pub(crate) enum Row {
    /// Of a prepared statement.
    Prepared(Prepared),
    /// Of a statement without a name.
    Unnamed(Values),
}

/// The values of a row.
pub(crate) struct Values {
    row: tokio_postgres::Row,
    types: Vec<Oid>,
}

/// The number of a type of Postgres.
struct Oid(u32);

impl TypeOidLookup for Oid {
    fn lookup(&self) -> NonZeroU32 {
        // Postgres numbers no type 0.
        NonZeroU32::new(self.0).unwrap_or(NonZeroU32::MAX)
    }
}

impl Values {
    pub(super) fn new(row: tokio_postgres::Row) -> Self {
        let types = row.columns().iter().map(|column| Oid(column.type_().oid())).collect();
        Self { row, types }
    }
}

/// A value of a row.
pub(crate) enum Field<'a> {
    /// Of a prepared statement.
    Prepared(<Prepared as diesel::row::Row<'a, Pg>>::Field<'a>),
    /// Of a statement without a name, at this place.
    Unnamed(&'a Values, usize),
}

impl RowSealed for Row {}

impl<'a> diesel::row::Row<'a, Pg> for Row {
    type Field<'f>
        = Field<'f>
    where
        'a: 'f,
        Self: 'f;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        match self {
            Self::Prepared(row) => row.field_count(),
            Self::Unnamed(values) => values.row.len(),
        }
    }

    fn get<'b, I>(&'b self, index: I) -> Option<Field<'b>>
    where
        'a: 'b,
        Self: RowIndex<I>,
    {
        let index = self.idx(index)?;
        match self {
            Self::Prepared(row) => diesel::row::Row::<'b, Pg>::get(row, index).map(Field::Prepared),
            Self::Unnamed(values) => Some(Field::Unnamed(values, index)),
        }
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self> {
        PartialRow::new(self, range)
    }
}

impl RowIndex<usize> for Row {
    fn idx(&self, index: usize) -> Option<usize> {
        (index < self.field_count()).then_some(index)
    }
}

impl<'a> RowIndex<&'a str> for Row {
    fn idx(&self, name: &'a str) -> Option<usize> {
        match self {
            Self::Prepared(row) => row.idx(name),
            Self::Unnamed(values) => {
                values.row.columns().iter().position(|column| column.name() == name)
            }
        }
    }
}

impl<'a> diesel::row::Field<'a, Pg> for Field<'a> {
    fn field_name(&self) -> Option<&str> {
        match self {
            Self::Prepared(field) => field.field_name(),
            Self::Unnamed(values, index) => values.row.columns().get(*index).map(|c| c.name()),
        }
    }

    fn value(&self) -> Option<PgValue<'_>> {
        match self {
            Self::Prepared(field) => field.value(),
            Self::Unnamed(values, index) => {
                let Bytes(bytes) = values.row.try_get(*index).ok()?;
                Some(PgValue::new(bytes?, values.types.get(*index)?))
            }
        }
    }
}

/// The bytes of a value as they came, which diesel decodes.
struct Bytes<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Bytes<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
