//! Tests with values from people and from the configuration that try to inject markup, links or headers.

use super::*;
use crate::mail::sample;

#[test]
fn hostile_names_make_no_markup_no_link_no_line_and_no_flood() {
    let long = "n".repeat(10_240);
    for hostile in [
        "<script>alert(1)</script><img src=x>",
        "\"><a href=https://evil.example>x</a>",
        "Ana\r\nBcc: evil@evil.example\r\n\r\n<b>x</b>",
        "\u{202e}anA\u{202c}\u{200b}\u{feff}",
        "https://evil.example/x www.evil.example evil@evil.example",
        &long,
    ] {
        for mut job in sample::all() {
            let plain_mail = render(&job, &sample::branding()).unwrap();
            job.name = hostile.into();
            let (MailMessage::ActivationLink { started: seen, .. }
            | MailMessage::EnrolmentStarted { started: seen, .. }
            | MailMessage::EnrolmentActivated {
                confirmed: seen, ..
            }
            | MailMessage::WrongCodes { last: seen, .. }
            | MailMessage::PasswordWithoutCode { last: seen, .. }
            | MailMessage::SignInLocked { refused: seen, .. }) = &mut job.message
            else {
                continue;
            };
            seen.client.browser = hostile.into();
            let mail = render(&job, &sample::branding()).unwrap();
            assert_eq!(mail.subject, plain_mail.subject);
            assert_eq!(mail.text.lines().count(), plain_mail.text.lines().count());
            assert_eq!(
                mail.html.matches('<').count(),
                plain_mail.html.matches('<').count()
            );
            assert_eq!(mail.text.matches("://").count(), 1, "{}", mail.text);
            // the link, and its URL as text to be copied
            assert_eq!(mail.html.matches("://").count(), 2, "{}", mail.html);
            for part in [&mail.text, &mail.html] {
                assert!(!part.contains(['\u{202e}', '\u{200b}', '\r']), "{part}");
                assert!(!part.contains("evil.example"), "{part}");
                assert!(part.len() < 4096);
            }
        }
    }
}

#[test]
fn r16_no_header_injection() {
    let mut branding = sample::branding();
    branding.instance_label = "JMU\r\nBcc: evil@evil.example\u{202e}\u{0}".into();
    for job in sample::all() {
        let subject = render(&job, &branding).unwrap().subject;
        assert!(!subject.chars().any(char::is_control), "{subject:?}");
        assert!(
            subject.contains("JMU Bcc: evil@evil.example"),
            "{subject:?}"
        );
    }
}
