//! Two instances as processes of their own that are peers, and the use cases over their databases.

use super::Database;
use super::process::Process;
use server::services::Services;

/// The first is JMU, the second STM.
pub struct ServedPair {
    pub processes: [Process; 2],
    pub services: [Services; 2],
    /// Of their databases.
    pub urls: [String; 2],
}

impl ServedPair {
    /// On new databases beside this one; nobody serves yet.
    pub async fn init(database: &Database) -> Self {
        let urls = [database.beside("jmu").await, database.beside("stm").await];
        let init = |name: &'static str, url: &String| {
            Process::init_as(name, database.dir().join(name), url)
        };
        let [jmu, stm] = [init("JMU", &urls[0]), init("STM", &urls[1])];
        jmu.add_peer(&stm);
        stm.add_peer(&jmu);
        Self {
            services: [jmu.services().await, stm.services().await],
            processes: [jmu, stm],
            urls,
        }
    }
}
