//! The dump that other tests judge by sees everything that is stored.

use crate::support::{Database, both, with_ana};

async fn run(database: &Database, sql: &str) {
    let engine = if database.url().starts_with("sqlite:") {
        sql.to_owned()
    } else {
        sql.replace("BLOB", "BYTEA").replace("x'", "'\\x")
    };
    let statement = sqlx::AssertSqlSafe(engine);
    let mut conn = database.connect().await;
    sqlx::query(statement).execute(&mut conn).await.unwrap();
}

both!(
    the_dump_sees_a_change_of_every_type_in_every_table,
    |database: Database| async move {
        let app = with_ana(database.clone()).await;
        app.browser().reach_qr("ana.souza").await;
        run(
            &database,
            "CREATE TABLE scratch (id BIGINT PRIMARY KEY, n BIGINT, w TEXT, b BLOB)",
        )
        .await;
        run(
            &database,
            "INSERT INTO scratch VALUES (1, NULL, NULL, NULL)",
        )
        .await;
        let start = database.dump().await;
        assert_eq!(
            start.changes_to(&database.dump().await),
            Vec::<String>::new()
        );
        let mut before = start;
        for (change, shown) in [
            ("UPDATE scratch SET n = 76912345620", "76912345620"),
            ("UPDATE scratch SET n = n + 1", "76912345621"),
            ("UPDATE scratch SET w = 'palavra'", "palavra"),
            ("UPDATE scratch SET w = ''", ""),
            ("UPDATE scratch SET b = x'00ff656c6f'", "elo"),
            ("UPDATE scratch SET b = NULL", ""),
            ("INSERT INTO scratch VALUES (2, 0, '', x'')", ""),
            ("CREATE TABLE another (n BIGINT)", ""),
            ("INSERT INTO another VALUES (-5)", "-5"),
            ("INSERT INTO another VALUES (-5)", "-5"),
            ("UPDATE session SET last_seen_at = last_seen_at + 1", ""),
            ("UPDATE person SET name = 'Outra Pessoa'", "Outra Pessoa"),
        ] {
            run(&database, change).await;
            let after = database.dump().await;
            assert!(!before.changes_to(&after).is_empty(), "not seen: {change}");
            // an empty text stands for: nothing to be looked for
            assert!(shown.is_empty() || after.holds(shown), "{change}");
            before = after;
        }
        assert!(!before.holds("76912345620"), "the value of before is gone");
    }
);
