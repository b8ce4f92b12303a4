use super::*;
use crate::mail::render::render;
use crate::mail::sample;
use app::model::Language;

fn headers(job: &MailJob, branding: &Branding, id: &str) -> (Vec<String>, String) {
    let rendered = render(job, branding).unwrap();
    let message = build(job, &rendered, branding, id, sample::NOW).unwrap();
    let text = String::from_utf8(message.formatted()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    (
        unfolded.split("\r\n").map(str::to_owned).collect(),
        body.to_owned(),
    )
}

#[test]
fn headers_say_who_when_and_that_a_program_wrote_it() {
    let job = sample::activation_link(Language::Pt);
    let (headers, body) = headers(&job, &sample::branding(), "0b6f-42");
    for expected in [
        "Date: Mon, 23 Nov 2026 17:03:00 +0000",
        "Message-ID: <0b6f-42@stm.jus.br>",
        "To: Ana.Souza@adv.example",
        "Auto-Submitted: auto-generated",
        "Content-Language: pt-BR",
        "MIME-Version: 1.0",
    ] {
        assert!(
            headers.iter().any(|line| line == expected),
            "{expected} in {headers:#?}"
        );
    }
    assert!(
        headers
            .iter()
            .any(|line| line.starts_with("From: =?utf-8?"))
    );
    assert!(
        headers
            .iter()
            .any(|line| line.starts_with("Content-Type: multipart/alternative;"))
    );
    let plain = body
        .find("Content-Type: text/plain; charset=utf-8")
        .unwrap();
    let html = body.find("Content-Type: text/html; charset=utf-8").unwrap();
    assert!(plain < html, "the last alternative is the richest");
}

#[test]
fn a_retry_has_the_same_bytes() {
    let (job, branding) = (sample::wrong_codes(Language::En), sample::branding());
    assert_eq!(
        headers(&job, &branding, "m-1"),
        headers(&job, &branding, "m-1")
    );
    assert_ne!(
        headers(&job, &branding, "m-1"),
        headers(&job, &branding, "m-2")
    );
}

#[test]
fn r16_no_header_injection() {
    let names = headers(
        &sample::activation_link(Language::Pt),
        &sample::branding(),
        "m",
    )
    .0;
    let fields = |lines: &[String]| -> Vec<String> {
        lines
            .iter()
            .filter_map(|line| line.split(':').next())
            .map(str::to_owned)
            .collect()
    };
    for hostile in [
        "x\r\nBcc: evil@evil.example",
        "x\nX: y",
        "x\r\n\r\nbody",
        "x\u{0}\u{85}\u{2028}y",
    ] {
        let mut job = sample::activation_link(Language::Pt);
        job.name = hostile.into();
        let mut branding = sample::branding();
        branding.instance_label = hostile.into();
        branding.from_name = hostile.into();
        let lines = headers(&job, &branding, &format!("m-1{hostile}@elsewhere>")).0;
        assert_eq!(fields(&lines), fields(&names));
        assert!(
            lines.iter().all(|line| !line.chars().any(char::is_control)),
            "{lines:#?}"
        );
    }
}

#[test]
fn r16_addresses_that_could_inject_are_refused() {
    for hostile in HOSTILE_ADDRESSES {
        assert!(address(hostile).is_none(), "{hostile:?}");
    }
}

#[test]
fn r16_an_address_goes_out_as_typed_but_for_its_domain() {
    let sent = |text: &str| address(text).unwrap().to_string();
    assert_eq!(
        sent("Ana.Souza+2fa@Adv.Example"),
        "Ana.Souza+2fa@adv.example"
    );
    assert_eq!(sent("ana@órgão.example"), "ana@xn--rgo-nla1f.example");
    assert_eq!(sent("o'neil@adv.example"), "o'neil@adv.example");
}
