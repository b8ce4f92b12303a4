//! The steps of the journey, as a browser takes them.

use super::process::Patience;
use super::{Answer, Browser, Database, Options, PASSWORD, TestApp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use std::time::Duration;

/// A code by an implementation that is not the server's: RFC 4226 by hand over HMAC-SHA-1.
pub fn code_at(setup_key: &str, at: i64) -> String {
    let secret = data_encoding::BASE32_NOPAD
        .decode(setup_key.as_bytes())
        .unwrap();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&secret).unwrap();
    mac.update(&(at / 30).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let four: [u8; 4] = digest[offset..offset + 4].try_into().unwrap();
    format!(
        "{:06}",
        (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
    )
}

/// An instance with one person, who has no factor.
pub async fn with_ana(database: Database) -> TestApp {
    let app = TestApp::new(database, Options::default()).await;
    app.person("ana.souza").await;
    app
}

/// An instance with one person whose factor is active, and the setup key.
pub async fn enrolled(database: Database) -> (TestApp, String) {
    let app = TestApp::new(database, Options::default()).await;
    app.person("ana.souza").await;
    let (key, _) = app
        .browser()
        .enrol(&app, "ana.souza", "ana@correio.example")
        .await;
    app.next_step();
    (app, key)
}

impl Answer {
    /// The setup key that the enrol page shows.
    pub fn setup_key(&self) -> String {
        let at = self.body.find("secret=").expect("no secret on the page") + 7;
        self.body[at..]
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect()
    }
}

impl Browser {
    pub async fn sign_in(&mut self, sigla: &str, intent: &str) -> Answer {
        self.post(
            "/api/sign-in",
            &[("login", sigla), ("password", PASSWORD), ("intent", intent)],
        )
        .await
    }

    /// Password, notice, QR: returns the setup key.
    pub async fn reach_qr(&mut self, sigla: &str) -> String {
        self.sign_in(sigla, "second-factor")
            .await
            .at("/habilitar/aviso");
        let page = self.post("/api/enrolment-begin", &[]).await;
        page.at("/habilitar").setup_key()
    }

    /// Up to the page that waits for the link.
    pub async fn reach_mail(&mut self, app: &TestApp, sigla: &str, email: &str) -> String {
        let key = self.reach_qr(sigla).await;
        let code = code_at(&key, app.now());
        let page = self
            .post(
                "/api/enrolment-submit",
                &[("code", &code), ("email", email)],
            )
            .await;
        page.at("/habilitar/email-enviado");
        key
    }

    /// The whole enrolment; returns the setup key and the activated page.
    pub async fn enrol(&mut self, app: &TestApp, sigla: &str, email: &str) -> (String, Answer) {
        let key = self.reach_mail(app, sigla, email).await;
        (key, app.confirm(email).await)
    }

    /// Password and code.
    pub async fn sign_in_with_code(&mut self, app: &TestApp, sigla: &str, key: &str) -> Answer {
        self.sign_in(sigla, "enter").await.at("/entrar/codigo");
        self.post("/api/verify-code", &[("code", &code_at(key, app.now()))])
            .await
    }
}

impl TestApp {
    /// Token of the newest link mailed to this address.
    pub async fn link_to(&self, address: &str) -> String {
        let mails = self.mails_to(address).await;
        let link = mails
            .last()
            .and_then(|mail| mail.link.clone())
            .expect("no link was mailed");
        link.rsplit('/').next().unwrap().to_owned()
    }

    /// Opens the newest link to this address in another browser and confirms.
    pub async fn confirm(&self, address: &str) -> Answer {
        let token = self.link_to(address).await;
        let mut phone = self.browser();
        phone.get(&format!("/ativar/{token}")).await;
        phone
            .post("/api/activation-confirm", &[("token", &token)])
            .await
    }

    /// Moves to the first second of the next step.
    pub fn next_step(&self) {
        self.clock.forward(30);
    }

    /// Waits until a session was noted as seen now: that is written after the answer.
    pub async fn noted_as_seen(&self) {
        let timeouts = Patience::of(Duration::from_secs(10));
        let now = Some(self.now().to_string().into_bytes());
        while !self
            .database
            .dump()
            .await
            .column("session", "last_seen_at")
            .contains(&now)
        {
            assert!(timeouts.lasts(), "no session was noted as seen");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Kinds of the mails to this address.
    pub async fn kinds_to(&self, address: &str) -> Vec<&'static str> {
        self.mails_to(address)
            .await
            .iter()
            .map(|mail| mail.kind)
            .collect()
    }
}
