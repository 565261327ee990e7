//! How many connections the database has for everybody.

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use crate::Store;
use crate::error::{Cause, StoreError};

diesel::define_sql_function! {
    /// A setting of the server, as text.
    fn current_setting(name: Text) -> Text;
}

/// The connections of a database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// At the same time, for all databases and roles.
    pub connections: u32,
    /// How many of them only superusers get.
    pub reserved: u32,
}

impl Store {
    /// What the server is set to.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn capacity(&self) -> Result<Capacity, StoreError> {
        let mut connection = self.connection().await?;
        let settings =
            (current_setting("max_connections"), current_setting("superuser_reserved_connections"));
        let (connections, reserved): (String, String) =
            diesel::select(settings).get_result(&mut *connection).await?;
        let number = |text: String| {
            text.parse().map_err(|_| StoreError::Database(Cause::new("a setting is no number")))
        };
        Ok(Capacity { connections: number(connections)?, reserved: number(reserved)? })
    }
}
