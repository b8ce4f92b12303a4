//! R23, the long way (`make test-all`): the process is killed again and again while
//! a user who merely presses again goes through the journey.

use crate::support::process::{Patience, Process, now};
use crate::support::{Browser, Database, both, code_at};
use server::ambient::SystemEntropy;
use server::ports::Entropy;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const EMAIL: &str = "ana.pessoal@correio.example";
const ROUNDS: usize = 10;
/// How long even a patient user presses on.
const PATIENCE: Duration = Duration::from_mins(2);

both!(
    #[ignore = "minutes: run by make test-all"]
    r23_killed_at_random_moments_nothing_acknowledged_is_lost,
    |database: Database| async move {
        for round in 0..ROUNDS {
            let folder = database.dir().join(format!("instance-{round}"));
            // each round with a database of its own, beside the first one
            let url = database.beside(&format!("round_{round}")).await;
            let mut process = Process::init(folder, &url);
            process.import_ana("52998224725", "ana@advocacia.example");
            process.serve().await;
            let browser = process.browser();
            let process = Arc::new(Mutex::new(process));
            let stop = Arc::new(AtomicBool::new(false));
            let killer = tokio::task::spawn_blocking({
                let (process, stop) = (process.clone(), stop.clone());
                move || kill_until(&process, &stop)
            });
            let (mut browser, key, used) = enrol_stubbornly(browser, &process).await;
            stop.store(true, Ordering::SeqCst);
            let kills = killer.await.unwrap();

            // quiet again: what was acknowledged holds, once
            let mut process = Arc::into_inner(process).unwrap().into_inner().unwrap();
            process.end("-KILL");
            process.serve().await;
            browser
                .sign_in("ana.souza", "enter")
                .await
                .at("/entrar/codigo");
            let answer = browser.post("/api/verify-code", &[("code", &used)]).await;
            answer.at("/entrar/codigo");
            // the authenticator that was confirmed is the one that signs in
            let answer = loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let code = code_at(&key, now());
                if code != used {
                    break browser.post("/api/verify-code", &[("code", &code)]).await;
                }
            };
            answer.at("/inicio");
            // and what was promised to the registered contact goes out
            process.link_in("enrolment_activated").await;
            println!("round {round}: killed {kills} times on the way");
            assert_eq!(process.end("-TERM"), Some(0));
        }
    }
);

/// Kills and starts until told to stop; how often.
fn kill_until(process: &Mutex<Process>, stop: &AtomicBool) -> usize {
    let mut kills = 0;
    while !stop.load(Ordering::SeqCst) {
        let entropy: &dyn Entropy = &SystemEntropy;
        let [byte] = entropy.bytes::<1>();
        // it lives for as long as a few requests take
        std::thread::sleep(Duration::from_millis(40 + u64::from(byte) / 2));
        let mut process = process.lock().unwrap();
        process.end("-KILL");
        process.start();
        process.wait_until_it_listens();
        kills += 1;
    }
    kills
}

/// Presses whatever button the page offers until the activated page is there; the setup key, and
/// the code that served at enrolment.
async fn enrol_stubbornly(
    mut browser: Browser,
    process: &Mutex<Process>,
) -> (Browser, String, String) {
    let (mut key, mut code) = (String::new(), String::new());
    let patience = Patience::of(PATIENCE);
    while patience.lasts() {
        let page = browser.get("/habilitar/email-enviado").await;
        if page.status == 502 || page.status == 503 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        }
        match page.path.as_str() {
            "/" => {
                browser.sign_in("ana.souza", "second-factor").await;
            }
            "/habilitar/aviso" => {
                browser.post("/api/enrolment-begin", &[]).await;
            }
            // begun, and killed before the answer or before the code and address were taken
            "/habilitar" => {
                key = page.setup_key();
                code = code_at(&key, now());
                let form = [("code", code.as_str()), ("email", EMAIL)];
                browser.post("/api/enrolment-submit", &form).await;
            }
            "/habilitar/email-enviado" => {
                let link = process.lock().unwrap().find_link("activation_link");
                if let Some(link) = link {
                    let token = link.rsplit('/').next().unwrap();
                    browser
                        .post("/api/activation-confirm", &[("token", token)])
                        .await;
                }
            }
            // confirmed: the waiting page leads there by itself
            "/ativada" | "/entrar/codigo" => return (browser, key, code),
            other => panic!("led to {other}: {}", page.body),
        }
    }
    panic!("never got through:\n{}", process.lock().unwrap().log());
}
