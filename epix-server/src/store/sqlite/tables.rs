//! The books row by row in SQLite, and what they look like in every database.

use std::fs::File;
use std::io;
use std::path::Path;

use async_trait::async_trait;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, ToSql, TransactionBehavior, params, params_from_iter};

use super::{connect, create_private, lock, make_durable, schema};
use crate::audit::AuditLine;
use crate::store::StoreError;
use crate::store::tables::{Column, Kind, ORIGIN, Origin, PAGE_BYTES, PAGE_ROWS, Real, Row, Table, Tables, Value};

/// The tables that this build makes, each behind those to which it refers.
///
/// # Errors
/// What SQLite says.
pub(in crate::store) fn tables() -> Result<Vec<Table>, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    schema::migrate(&mut connection)?;
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
               ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let made = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    made.map(|made| {
        let (name, sql): (String, String) = made?;
        table(&connection, name, sql.contains("AUTOINCREMENT"))
    })
    .collect()
}

fn table(connection: &Connection, name: String, is_numbered: bool) -> Result<Table, StoreError> {
    let sql = "SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY pk = 0, pk, cid";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([&name])?;
    let (mut columns, mut key) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        columns.push(Column { name: row.get(0)?, kind: kind(&row.get::<_, String>(1)?)? });
        key += usize::from(row.get::<_, i64>(2)? > 0);
    }
    Ok(Table { name, columns, key, is_numbered })
}

fn kind(declared: &str) -> Result<Kind, StoreError> {
    match declared {
        "INTEGER" => Ok(Kind::Integer),
        "REAL" => Ok(Kind::Real),
        "TEXT" => Ok(Kind::Text),
        "BLOB" => Ok(Kind::Bytes),
        other => Err(StoreError::Corrupt { what: format!("a column has the type {other}") }),
    }
}

/// The rows of one file, which nobody else may open.
pub(in crate::store) struct SqliteTables {
    connection: Connection,
    _lock: File,
}

impl SqliteTables {
    /// Opens a store to read its rows, bringing an older layout up to date.
    ///
    /// # Errors
    /// As for opening the store.
    pub(in crate::store) fn open(path: &Path) -> Result<SqliteTables, StoreError> {
        let path = path.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::Missing { place: path.display().to_string() },
            _ => StoreError::backend(error),
        })?;
        let lock = lock(&path)?;
        let mut connection = connect(&path)?;
        schema::recognise(&connection, &path)?;
        make_durable(&connection)?;
        schema::migrate(&mut connection)?;
        Ok(SqliteTables { connection, _lock: lock })
    }

    /// Opens a copy that was begun, or begins one where nothing is.
    ///
    /// # Errors
    /// [`StoreError::Occupied`] where anything else is, or as for opening the store.
    pub(in crate::store) fn begin(path: &Path, origin: &Origin) -> Result<SqliteTables, StoreError> {
        match create_private(path) {
            Ok(()) | Err(StoreError::Occupied { .. }) => {}
            Err(error) => return Err(error),
        }
        let path = path.canonicalize().map_err(StoreError::backend)?;
        let lock = lock(&path)?;
        let mut connection = connect(&path)?;
        if schema::is_blank(&connection, &path)? {
            // Told to be a copy before anything else: whatever interrupts us, nobody takes it for a store.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            schema::claim(&transaction)?;
            schema::mark(&transaction, origin)?;
            transaction.commit()?;
        }
        schema::recognise_layout(&connection, &path)?;
        if schema::origin(&connection)?.is_none() {
            return Err(StoreError::Occupied { place: path.display().to_string() });
        }
        make_durable(&connection)?;
        schema::migrate(&mut connection)?;
        Ok(SqliteTables { connection, _lock: lock })
    }
}

#[async_trait]
impl Tables for SqliteTables {
    async fn origin(&mut self) -> Result<Option<Origin>, StoreError> {
        schema::origin(&self.connection)
    }

    async fn count(&mut self, table: &Table) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM \"{}\"", table.name);
        Ok(self.connection.query_row(&sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    async fn page(&mut self, table: &Table, after: Option<&[Value]>) -> Result<Vec<Row>, StoreError> {
        let key = table.listed_key();
        let behind = after.map_or_else(String::new, |after| format!("WHERE ({key}) > ({})", places(after.len())));
        let sql =
            format!("SELECT {} FROM \"{}\" {behind} ORDER BY {key} LIMIT {PAGE_ROWS}", table.listed(), table.name);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut found = statement.query(params_from_iter(after.unwrap_or_default()))?;
        let (mut rows, mut weight) = (Vec::new(), 0);
        while weight < PAGE_BYTES
            && let Some(row) = found.next()?
        {
            let row = read(row, table)?;
            weight += row.iter().map(Value::weight).sum::<usize>();
            rows.push(row);
        }
        Ok(rows)
    }

    async fn last_key(&mut self, table: &Table) -> Result<Option<Row>, StoreError> {
        let backwards: Vec<String> =
            table.columns[..table.key].iter().map(|column| format!("\"{}\" DESC", column.name)).collect();
        let sql =
            format!("SELECT {} FROM \"{}\" ORDER BY {} LIMIT 1", table.listed_key(), table.name, backwards.join(", "));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        rows.next()?.map(|row| (0..table.key).map(|position| value(row, position, table)).collect()).transpose()
    }

    async fn put(&mut self, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
        let (columns, count) = (table.listed(), table.columns.len());
        let sql = format!("INSERT INTO \"{}\" ({columns}) VALUES ({})", table.name, places(count));
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for row in rows {
            transaction.prepare_cached(&sql)?.execute(params_from_iter(row))?;
        }
        Ok(transaction.commit()?)
    }

    async fn last_number(&mut self, table: &Table) -> Result<i64, StoreError> {
        let sql = "SELECT seq FROM sqlite_sequence WHERE name = ?1";
        Ok(self.connection.query_row(sql, [&table.name], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    async fn go_on_behind(&mut self, table: &Table, number: i64) -> Result<(), StoreError> {
        let sql = "UPDATE sqlite_sequence SET seq = ?2 WHERE name = ?1";
        if self.connection.execute(sql, params![table.name, number])? == 0 {
            let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)";
            self.connection.execute(sql, params![table.name, number])?;
        }
        Ok(())
    }

    async fn finish(&mut self, lines: &[AuditLine]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for line in lines {
            super::audit::put(&transaction, line)?;
        }
        transaction.execute_batch(&format!("DROP TABLE {ORIGIN}"))?;
        Ok(transaction.commit()?)
    }
}

fn read(row: &rusqlite::Row<'_>, table: &Table) -> Result<Row, StoreError> {
    (0..table.columns.len()).map(|position| value(row, position, table)).collect()
}

fn value(row: &rusqlite::Row<'_>, position: usize, table: &Table) -> Result<Value, StoreError> {
    let unreadable = || StoreError::Corrupt {
        what: format!("column {} of {} cannot be read", table.columns[position].name, table.name),
    };
    match row.get_ref(position)? {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Integer(number)),
        ValueRef::Real(number) => Ok(Value::Real(Real(number))),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).map(Value::Text).map_err(|_| unreadable()),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(number.0),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Places for so many values.
fn places(count: usize) -> String {
    (1..=count).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ")
}
