//! `audit`: what was done, for who keeps it elsewhere (R21).

use super::{ConfigFile, say};
use serde_json::json;

/// Rows that are read at once.
const PORTION: i64 = 1_000;

#[derive(Debug, clap::Subcommand)]
pub(super) enum AuditCommand {
    /// Print audit rows in their order, one JSON object a line
    Export {
        #[command(flatten)]
        file: ConfigFile,
        /// Only rows after this number, which the last line of the export before names as `seq`
        #[arg(long, default_value_t = 0)]
        after: i64,
    },
}

pub(super) async fn run(command: AuditCommand) -> Result<(), String> {
    let AuditCommand::Export { file, mut after } = command;
    let services = crate::bootstrap::open_services(&file.load()?).await?;
    loop {
        let read = async {
            let mut db = services.store().reader().await?;
            db.audit_rows(after, PORTION).await
        };
        let rows = read.await.map_err(|error| error.to_string())?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.seq;
        for row in rows {
            let line = json!({
                "seq": row.seq, "at": row.at.0, "actor_kind": row.actor_kind, "actor": row.actor,
                "person": row.person_id.map(|person| person.to_string()), "event": row.event,
                "outcome": row.outcome, "ip": row.ip, "network": row.network, "detail": row.detail,
            });
            say(&format!("{line}\n"))?;
        }
    }
}
