//! Opening and migrating: paired first starts, a newer database, a wrong key, no database.

use crate::support::{Database, Options, START, TestApp, both};
use server::ambient::SystemEntropy;
use server::domain::{DatabaseUrl, InstanceName, Keyring, Timestamp};
use server::storage::{InstanceNames, Store};
use std::path::Path;
use std::sync::Arc;

async fn open(url: &str, key: u8) -> Result<Store, String> {
    let url = DatabaseUrl::parse(url, Path::new(""))?;
    Store::open(
        &url,
        Keyring::new(&[key; 32]),
        Arc::new(SystemEntropy),
        InstanceNames {
            own: InstanceName::parse("JMU").unwrap(),
            peers: Vec::new(),
            password_peers: Vec::new(),
        },
        Timestamp(START),
    )
    .await
    .map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_paired_first_starts_on_sqlite() {
    for _ in 0..100 {
        let database = Database::sqlite();
        let (one, two) = tokio::join!(open(database.url(), 7), open(database.url(), 7));
        one.unwrap();
        two.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_paired_first_starts_on_postgres() {
    for _ in 0..100 {
        let Some(database) = Database::postgres().await else {
            return;
        };
        let (one, two) = tokio::join!(open(database.url(), 7), open(database.url(), 7));
        one.unwrap();
        two.unwrap();
    }
}

both!(
    a_database_from_a_newer_version_is_refused_in_words,
    |database: Database| async move {
        drop(open(database.url(), 7).await.unwrap());
        let mut conn = database.connect().await;
        let copy = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        SELECT 9999, description, success, checksum, execution_time FROM _sqlx_migrations";
        sqlx::raw_sql(copy).execute(&mut conn).await.unwrap();
        let error = open(database.url(), 7).await.err().unwrap();
        assert!(
            error.contains("newer version") && error.contains("9999"),
            "{error}"
        );
    }
);

both!(
    a_wrong_key_is_refused_in_words_and_loses_nothing,
    |database: Database| async move {
        let app = TestApp::new(database.clone(), Options::default()).await;
        app.person("ana.souza").await;
        let error = open(database.url(), 99).await.err().unwrap();
        assert!(error.contains("keys.file"), "{error}");
        app.browser()
            .sign_in("ana.souza", "enter")
            .await
            .at("/inicio");
    }
);

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_refused_in_words() {
    let error = open("postgres://nobody@127.0.0.1:1/x", 7)
        .await
        .err()
        .unwrap();
    assert!(error.contains("cannot be reached"), "{error}");
    let error = open("sqlite:/nonexistent/folder/x.db", 7)
        .await
        .err()
        .unwrap();
    assert!(error.contains("cannot be opened"), "{error}");
}
