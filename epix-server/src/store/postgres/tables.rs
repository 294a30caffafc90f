//! The books row by row in PostgreSQL.

use std::pin::pin;

use async_trait::async_trait;
use deadpool_postgres::ClientWrapper;
use tokio::runtime::Handle;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::line::Line;
use super::schema::{self, Wanted};
use super::session;
use super::value::{Columns as _, column};
use crate::audit::AuditLine;
use crate::store::StoreError;
use crate::store::place::Database;
use crate::store::tables::{Column, Kind, ORIGIN, Origin, PAGE_BYTES, PAGE_ROWS, Real, Row, Table, Tables, Value};

/// The rows of one database, on which no other process works.
pub(in crate::store) struct PostgresTables {
    client: ClientWrapper,
}

impl PostgresTables {
    /// Opens a store to read its rows, bringing an older layout up to date.
    ///
    /// # Errors
    /// [`StoreError::InUse`], or as for opening the store.
    pub(in crate::store) async fn open(database: &Database) -> Result<PostgresTables, StoreError> {
        PostgresTables::start(database, Wanted::Store).await
    }

    /// Opens a copy that was begun, or begins one where nothing is.
    ///
    /// # Errors
    /// [`StoreError::Occupied`] where anything else is, or as for opening the store.
    pub(in crate::store) async fn begin(database: &Database, origin: &Origin) -> Result<PostgresTables, StoreError> {
        PostgresTables::start(database, Wanted::CopyOf(origin)).await
    }

    async fn start(database: &Database, wanted: Wanted<'_>) -> Result<PostgresTables, StoreError> {
        let place = database.place();
        let (client, moved) = Line::to(database, Handle::current())?.open().await?;
        schema::check_durable(&client).await?;
        schema::prepare(&client, wanted, &place).await?;
        session::hold_alone(&client, &place).await?;
        // Nobody has looked yet at how much there is: sorting a table for each page would take longer than following its key.
        client.batch_execute("SET enable_sort = off").await?;
        Ok(PostgresTables { client: ClientWrapper::new(client, moved) })
    }

    async fn ask(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let statement = self.client.prepare_cached(sql).await?;
        Ok(self.client.query(&statement, values).await?)
    }
}

#[async_trait]
impl Tables for PostgresTables {
    async fn origin(&mut self) -> Result<Option<Origin>, StoreError> {
        schema::origin(&self.client).await
    }

    async fn count(&mut self, table: &Table) -> Result<u64, StoreError> {
        let row = self.client.query_one(&format!("SELECT count(*) FROM \"{}\"", table.name), &[]).await?;
        Ok(row.integer(0)?.unwrap_or(0).unsigned_abs())
    }

    async fn page(&mut self, table: &Table, after: Option<&[Value]>) -> Result<Vec<Row>, StoreError> {
        let after = parameters(after.unwrap_or_default(), table);
        let rows = self.ask(&page_of(table, after.len()), &after).await?;
        rows.iter().map(|row| read(row, &table.columns)).collect()
    }

    async fn last_key(&mut self, table: &Table) -> Result<Option<Row>, StoreError> {
        let key = &table.columns[..table.key];
        let backwards: Vec<String> = key.iter().map(|column| format!("\"{}\" DESC", column.name)).collect();
        let sql =
            format!("SELECT {} FROM \"{}\" ORDER BY {} LIMIT 1", table.listed_key(), table.name, backwards.join(", "));
        self.ask(&sql, &[]).await?.first().map(|row| read(row, key)).transpose()
    }

    async fn put(&mut self, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
        let sql = format!("COPY \"{}\" ({}) FROM STDIN BINARY", table.name, table.listed());
        let types: Vec<Type> = table.columns.iter().map(|column| type_of(column.kind)).collect();
        let mut writer = pin!(BinaryCopyInWriter::new(self.client.copy_in(&sql).await?, &types));
        for row in rows {
            writer.as_mut().write(&parameters(row, table)).await?;
        }
        writer.finish().await?;
        Ok(())
    }

    async fn last_number(&mut self, table: &Table) -> Result<i64, StoreError> {
        let sql = format!("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}", self.sequence(table).await?);
        Ok(self.client.query_one(&sql, &[]).await?.try_get(0)?)
    }

    async fn go_on_behind(&mut self, table: &Table, number: i64) -> Result<(), StoreError> {
        if number > 0 {
            let sequence = self.sequence(table).await?;
            self.client.query_one("SELECT setval($1::text::regclass, $2)", &[&sequence, &number]).await?;
        }
        Ok(())
    }

    async fn finish(&mut self, lines: &[AuditLine]) -> Result<(), StoreError> {
        // Else the first servers would have to guess what is in the tables.
        self.client.batch_execute("ANALYZE; BEGIN").await?;
        for line in lines {
            self.put_line(line).await?;
        }
        self.client.batch_execute(&format!("DROP TABLE {ORIGIN}; COMMIT")).await?;
        Ok(())
    }
}

impl PostgresTables {
    /// What numbers the rows of a table.
    async fn sequence(&self, table: &Table) -> Result<String, StoreError> {
        let sql = "SELECT pg_get_serial_sequence($1, $2)";
        Ok(self.client.query_one(sql, &[&table.name, &table.columns[0].name]).await?.try_get(0)?)
    }

    async fn put_line(&self, line: &AuditLine) -> Result<(), StoreError> {
        let (authority, shard, sequence) = (line.authority.as_str(), i64::from(line.shard), column(line.sequence)?);
        let (previous, hash) = (line.previous.as_bytes().as_slice(), line.hash.as_bytes().as_slice());
        let sql =
            "INSERT INTO audit_line (authority, shard, sequence, previous, hash, body) VALUES ($1, $2, $3, $4, $5, $6)";
        self.client.execute(sql, &[&authority, &shard, &sequence, &previous, &hash, &line.body]).await?;
        let sql = "UPDATE audit_head SET sequence = $3, hash = $4 WHERE authority = $1 AND shard = $2";
        self.client.execute(sql, &[&authority, &shard, &sequence, &hash]).await?;
        Ok(())
    }
}

/// The next rows behind a key of so many columns, as many as are not too long together. What is looked at is how long values
/// are, which costs nothing; they are read afterwards.
fn page_of(table: &Table, after: usize) -> String {
    let (name, columns, key) = (&table.name, table.listed(), table.listed_key());
    let places = (1..=after).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let behind = if after == 0 { String::new() } else { format!("WHERE ({key}) > ({places})") };
    let long = table.columns.iter().filter(|column| matches!(column.kind, Kind::Text | Kind::Bytes));
    let weight: Vec<String> = long.map(|column| format!("coalesce(octet_length(\"{}\"), 0)", column.name)).collect();
    let weight = if weight.is_empty() { "0".to_owned() } else { weight.join(" + ") };
    format!(
        "SELECT {columns} FROM (
            SELECT *, sum(epix_weight) OVER (ORDER BY {key} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS epix_before
            FROM (SELECT {columns}, {weight} AS epix_weight FROM \"{name}\" {behind} ORDER BY {key} LIMIT {PAGE_ROWS}) AS page
         ) AS weighed
         WHERE coalesce(epix_before, 0) < {PAGE_BYTES} ORDER BY {key}"
    )
}

fn read(row: &tokio_postgres::Row, columns: &[Column]) -> Result<Row, StoreError> {
    let value = |(position, column): (usize, &Column)| {
        Ok(match column.kind {
            Kind::Integer => row.integer(position)?.map(Value::Integer),
            Kind::Real => row.try_get::<_, Option<f64>>(position)?.map(|number| Value::Real(Real(number))),
            Kind::Text => row.text(position)?.map(Value::Text),
            Kind::Bytes => row.bytes(position)?.map(Value::Bytes),
        }
        .unwrap_or(Value::Null))
    };
    columns.iter().enumerate().map(value).collect()
}

const fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Integer => Type::INT8,
        Kind::Real => Type::FLOAT8,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
    }
}

/// Values on their way into the first columns of a table.
fn parameters<'v>(values: &'v [Value], table: &Table) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().zip(&table.columns).map(|(value, column)| parameter(value, column.kind)).collect()
}

fn parameter(value: &Value, kind: Kind) -> &(dyn ToSql + Sync) {
    match (value, kind) {
        (Value::Integer(number), _) => number,
        (Value::Real(number), _) => &number.0,
        (Value::Text(text), _) => text,
        (Value::Bytes(bytes), _) => bytes,
        (Value::Null, Kind::Integer) => &None::<i64>,
        (Value::Null, Kind::Real) => &None::<f64>,
        (Value::Null, Kind::Text) => &None::<String>,
        (Value::Null, Kind::Bytes) => &None::<Vec<u8>>,
    }
}
