//! Two instances, each with its own people, that tell each other over real HTTP what changes.

use super::{Database, Options, TestApp};
use server::ambient::SystemEntropy;
use server::domain::{BaseUrl, InstanceName, Peer, PersonId};
use server::peers::HttpPeers;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

pub const ANA: &str = "ana@correio.example";
pub const CPF: &str = "52998224725";

pub struct Pair {
    pub jmu: TestApp,
    pub stm: TestApp,
    /// From JMU to STM.
    pub to_stm: Arc<HttpPeers>,
    /// From STM to JMU.
    pub to_jmu: Arc<HttpPeers>,
}

impl Pair {
    pub async fn new(database: Database) -> Self {
        Self::with(database, Database::sqlite(), Options::default()).await
    }

    /// The instances on these databases; `there` is what else STM decides.
    pub async fn with(database: Database, other: Database, there: Options) -> Self {
        let here = Options {
            name: "JMU",
            peers: vec!["STM"],
            ..Options::default()
        };
        let there = Options {
            name: "STM",
            peers: vec!["JMU"],
            ..there
        };
        let jmu = TestApp::new(database, here).await;
        let stm = TestApp::over(other, there, jmu.clock.clone()).await;
        Self::between(jmu, stm).await
    }

    /// Two instances that are there.
    pub async fn between(jmu: TestApp, stm: TestApp) -> Self {
        let to_stm = client(&jmu, &stm, serve(&stm).await);
        let to_jmu = client(&stm, &jmu, serve(&jmu).await);
        Self {
            jmu,
            stm,
            to_stm,
            to_jmu,
        }
    }

    /// One person who is registered at both.
    /// Returns the number that the person has at STM.
    pub async fn person(&self, sigla: &str) -> PersonId {
        let lawyer = ["lawyer"];
        self.jmu.person_with(sigla, &lawyer, &[], Some(CPF)).await;
        self.stm.person_with(sigla, &lawyer, &[], Some(CPF)).await
    }

    /// Delivers what is due, both ways, until nothing is.
    pub async fn settle(&self) {
        loop {
            let told = self.jmu.services.deliver_next_change(&*self.to_stm).await;
            let told_back = self.stm.services.deliver_next_change(&*self.to_jmu).await;
            if !told.unwrap() && !told_back.unwrap() {
                return;
            }
        }
    }

    /// Enrols at JMU while STM is told, and returns key and activated page.
    pub async fn activate(&self, sigla: &str) -> (String, super::Answer) {
        let mut browser = self.jmu.browser();
        let key = browser.reach_mail(&self.jmu, sigla, ANA).await;
        let token = self.jmu.link_to(ANA).await;
        let (services, peers) = (self.jmu.services.clone(), self.to_stm.clone());
        let worker = tokio::spawn(async move {
            loop {
                services.deliver_next_change(&*peers).await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let page = browser
            .post("/api/activation-confirm", &[("token", &token)])
            .await;
        worker.abort();
        (key, page)
    }
}

async fn serve(app: &TestApp) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = app.router.clone();
    tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service).await.unwrap();
    });
    address
}

fn client(from: &TestApp, to: &TestApp, address: SocketAddr) -> Arc<HttpPeers> {
    let name = |app: &TestApp| app.services.settings().instance.clone();
    let peer = Peer {
        name: InstanceName::parse(&name(to)).unwrap(),
        url: BaseUrl::parse(&format!("http://{address}")).unwrap(),
        keys: to.keys.public(),
        next_keys: None,
        ca_file: None,
        may_activate: true,
        may_replace: true,
        may_revoke: true,
        may_block: true,
        may_set_password: false,
        match_by_sigla: false,
    };
    let peers = HttpPeers::new(
        name(from),
        from.keys.clone(),
        vec![peer],
        from.clock.clone(),
        Arc::new(SystemEntropy),
        Duration::from_secs(5),
    );
    Arc::new(peers.unwrap())
}
