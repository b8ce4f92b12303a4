use super::*;
use crate::domain::{AccountChange, Seconds, SecurityChange};
use crate::mail::sample;
use strum::IntoEnumIterator as _;

fn rendered(job: &MailJob) -> Rendered {
    render(job, &sample::branding()).unwrap()
}

/// The text of the HTML as a reader sees it: without tags, with decoded entities.
fn visible(html: &str) -> String {
    let body = html.split_once("<body>").unwrap().1;
    let mut text = String::new();
    let mut in_tag = false;
    for character in body.chars() {
        match character {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if !in_tag => text.push(character),
            _ => {}
        }
    }
    text.replace("&#39;", "'").replace("&#38;", "&")
}

fn says(job: &MailJob, subject: &str, first: &str, sentences: &[&str]) {
    let mail = rendered(job);
    assert_eq!(mail.subject, subject);
    assert_eq!(mail.text.lines().next(), Some(first));
    let html = visible(&mail.html);
    for sentence in sentences.iter().chain([&first]) {
        assert!(
            mail.text.contains(sentence),
            "text: {sentence}\n{}",
            mail.text
        );
        assert!(html.contains(sentence), "html: {sentence}\n{html}");
    }
}

const WHEN_PT: &str = "Quando: 23/11/2026, às 14:03, horário de Brasília";
const WHEN_EN: &str = "When: 23 November 2026, 14:03, Brasília time";

#[test]
fn activation_link_in_portuguese() {
    says(
        &sample::activation_link(Language::Pt),
        "Falta confirmar a autenticação em dois fatores no e-Proc/JMU",
        "Ana Souza, abra o link abaixo e pressione Confirmar para ativar a autenticação em dois \
         fatores no e-Proc/JMU.",
        &[
            "O link vale até 23/11/2026, às 15:03, horário de Brasília, e só pode ser usado uma vez.",
            "Abrir a página não muda nada: a ativação só acontece quando você pressiona Confirmar.",
            WHEN_PT,
            "Navegador: Firefox, Windows",
            "Endereço de rede (IP): 203.0.113.7",
            "Se não foi você quem pediu, não faça nada: sem a confirmação, a ativação não acontece. \
             Avise a equipe de suporte",
        ],
    );
}

#[test]
fn activation_link_in_english() {
    says(
        &sample::activation_link(Language::En),
        "Confirm your two-factor authentication at e-Proc/JMU",
        "Ana Souza, open the link below and press Confirm to activate two-factor authentication \
         at e-Proc/JMU.",
        &[
            "The link works until 23 November 2026, 15:03, Brasília time, and only once.",
            "Opening the page changes nothing",
            WHEN_EN,
            "If you did not ask for this, do nothing: without the confirmation nothing is activated.",
        ],
    );
}

#[test]
fn r29_enrolment_started() {
    says(
        &sample::enrolment_started(Language::Pt),
        "Habilitação da autenticação em dois fatores iniciada no e-Proc/JMU",
        "Ana Souza, confira se foi você: começou a habilitação da autenticação em dois fatores da \
         sua conta no e-Proc/JMU.",
        &[
            WHEN_PT,
            "Se foi você, não é preciso fazer nada com esta mensagem.",
            "pressione Não fui eu: a habilitação é cancelada, todas as sessões são encerradas e a \
             conta é bloqueada.",
            "O link vale até 03/12/2026, às 14:03, horário de Brasília.",
        ],
    );
    says(
        &sample::enrolment_started(Language::En),
        "Two-factor authentication set-up started at e-Proc/JMU",
        "Ana Souza, check that it was you: the set-up of two-factor authentication for your \
         account at e-Proc/JMU has begun.",
        &[
            WHEN_EN,
            "the set-up is cancelled, all sessions are ended and the account is blocked.",
        ],
    );
}

#[test]
fn r18_r29_enrolment_activated() {
    says(
        &sample::enrolment_activated(Language::Pt),
        "Autenticação em dois fatores ativada no e-Proc/JMU",
        "Ana Souza, confira se foi você: a autenticação em dois fatores da sua conta no e-Proc/JMU \
         foi ativada.",
        &[
            WHEN_PT,
            "informe o usuário, a senha e o código de 6 dígitos do aplicativo.",
            "pressione Não fui eu: todas as sessões são encerradas e a conta é bloqueada.",
            "O link vale até 03/12/2026, às 14:03, horário de Brasília.",
        ],
    );
    says(
        &sample::enrolment_activated(Language::En),
        "Two-factor authentication activated at e-Proc/JMU",
        "Ana Souza, check that it was you: two-factor authentication for your account at \
         e-Proc/JMU has been activated.",
        &[
            WHEN_EN,
            "press It wasn't me: all sessions are ended and the account is blocked.",
        ],
    );
}

#[test]
fn r4_wrong_codes() {
    says(
        &sample::wrong_codes(Language::Pt),
        "Códigos errados depois da sua senha no e-Proc/JMU",
        "Ana Souza, confira se foi você: a senha da sua conta no e-Proc/JMU foi aceita e, depois \
         dela, 3 códigos errados foram digitados em seguida.",
        &[
            WHEN_PT,
            "Sem o código certo ninguém entra na conta; mesmo assim, troque a senha",
        ],
    );
    says(
        &sample::wrong_codes(Language::En),
        "Wrong codes after your password at e-Proc/JMU",
        "Ana Souza, check that it was you: the password of your account at e-Proc/JMU was \
         accepted and then 3 wrong codes were typed in a row.",
        &[
            WHEN_EN,
            "Without the right code nobody gets into the account",
        ],
    );
    let mut once = sample::wrong_codes(Language::Pt);
    if let MailMessage::WrongCodes { failures, .. } = &mut once.message {
        *failures = 1;
    }
    assert!(
        rendered(&once)
            .text
            .contains("um código errado foi digitado.")
    );
}

#[test]
fn r33_password_without_code() {
    says(
        &sample::password_without_code(Language::Pt),
        "Sua senha foi usada sem o código no e-Proc/JMU",
        "Ana Souza, confira se foi você: a senha da sua conta no e-Proc/JMU foi aceita 2 vezes, e o \
         código não foi informado nos cinco minutos seguintes.",
        &[WHEN_PT, "a conta é bloqueada até receber uma senha nova"],
    );
    says(
        &sample::password_without_code(Language::En),
        "Your password was used without the code at e-Proc/JMU",
        "Ana Souza, check that it was you: the password of your account at e-Proc/JMU was accepted 2 \
         times, and no code was given within the next five minutes.",
        &[
            WHEN_EN,
            "the account is blocked until it gets a new password",
        ],
    );
}

#[test]
fn r31_sign_in_locked() {
    says(
        &sample::sign_in_locked(Language::Pt),
        "Muitas tentativas de entrar na sua conta no e-Proc/JMU",
        "Ana Souza, confira se foi você: houve tentativas demais sem sucesso de entrar na sua conta \
         no e-Proc/JMU, e por isso as próximas são recusadas.",
        &[WHEN_PT, "pressione Liberar este navegador", "uma só vez"],
    );
    says(
        &sample::sign_in_locked(Language::En),
        "Many attempts to sign in to your account at e-Proc/JMU",
        "Ana Souza, check that it was you: too many attempts to sign in to your account at \
         e-Proc/JMU failed, so the next ones are refused.",
        &[WHEN_EN, "press Let this browser try"],
    );
}

#[test]
fn r18_account_changed() {
    for (change, subject, lead) in [
        (
            AccountChange::Blocked,
            "Sua conta no e-Proc/JMU foi bloqueada",
            "Ana Souza, confira: a equipe de suporte bloqueou a sua conta no e-Proc/JMU.",
        ),
        (
            AccountChange::FactorRevoked,
            "Seu segundo fator no e-Proc/JMU foi retirado",
            "Ana Souza, confira: a equipe de suporte retirou o segundo fator da sua conta no \
             e-Proc/JMU.",
        ),
        (
            AccountChange::PasswordSet,
            "Sua senha no e-Proc/JMU foi trocada",
            "Ana Souza, confira: a equipe de suporte trocou a senha da sua conta no e-Proc/JMU.",
        ),
    ] {
        let told = ["Quando: 23/11/2026, às 14:03", "Se você não pediu isso"];
        says(
            &sample::account_changed(Language::Pt, change),
            subject,
            lead,
            &told,
        );
        let english = rendered(&sample::account_changed(Language::En, change));
        assert!(
            english.text.contains("If you did not ask for this"),
            "{}",
            english.text
        );
    }
}

#[test]
fn r18_security_changed() {
    let mut subjects = std::collections::HashSet::new();
    for change in SecurityChange::iter() {
        let mail = rendered(&sample::security_changed(Language::Pt, change));
        let english = rendered(&sample::security_changed(Language::En, change));
        let lead = "Ana Souza, confira se foi você: na sua conta no e-Proc/JMU, ";
        assert!(mail.text.starts_with(lead), "{}", mail.text);
        assert!(mail.text.contains("Navegador: Firefox, Windows"));
        assert!(english.text.contains("If it wasn't you, open the link"));
        for rendered in [&mail, &english] {
            assert!(
                subjects.insert(rendered.subject.clone()),
                "{}",
                rendered.subject
            );
            assert!(rendered.subject.contains("e-Proc/JMU"));
        }
    }
    let used = rendered(&sample::security_changed(
        Language::Pt,
        SecurityChange::RecoveryCodeUsed,
    ));
    assert!(used.text.contains("Códigos restantes: 7."));
    let asked = rendered(&sample::security_changed(
        Language::Pt,
        SecurityChange::RecoveryAsked,
    ));
    let told = "O link vai para o e-mail pessoal em 24/11/2026, às 14:03, horário de Brasília";
    assert!(asked.text.contains(told), "{}", asked.text);
    says(
        &sample::recovery_link(Language::Pt),
        "Seu link para entrar sem o celular no e-Proc/JMU",
        "Ana Souza, abra o link abaixo, informe a sua senha e habilite o novo celular no e-Proc/JMU.",
        &["Se não foi você que pediu, não abra o link"],
    );
}

#[test]
fn every_mail_names_support_has_one_link_and_ends_with_not_me() {
    for job in sample::all() {
        let mail = rendered(&job);
        let link = own_link(&job.message).unwrap_or("https://2fa.stm.jus.br/");
        let escaped = link.replace('&', "&#38;");
        assert_eq!(mail.text.matches("://").count(), 1, "{}", mail.text);
        // one link, and its full URL as text to be copied
        assert_eq!(mail.html.matches("href=").count(), 1, "{}", mail.html);
        assert_eq!(mail.html.matches("://").count(), 2, "{}", mail.html);
        assert!(
            mail.html.contains(&format!("<br>{escaped}</p>")),
            "{}",
            mail.html
        );
        for part in [&mail.text, &mail.html] {
            for active in [
                "mailto:", "tel:", "<img", "src=", "<script", "@import", "url(",
            ] {
                assert!(!part.contains(active), "{active}:\n{part}");
            }
        }
        assert!(mail.text.lines().any(|line| line == link));
        assert!(
            mail.html.contains(&format!("<a href=\"{escaped}\">")),
            "{}",
            mail.html
        );
        let visible = visible(&mail.html);
        assert!(
            visible.contains(" 2fa.stm.jus.br\n"),
            "shows its host: {visible}"
        );
        let (pt, en) = (
            ["NÃO FUI EU", "Não fui eu"],
            ["IT WASN'T ME", "It wasn't me"],
        );
        let headings = if job.language == Language::Pt { pt } else { en };
        for (part, heading) in [&mail.text, &visible].into_iter().zip(headings) {
            for support in [
                "Equipe de Suporte – e-Proc",
                "eproc@stm.jus.br",
                "(61) 3313-9144",
            ] {
                assert!(part.contains(support), "{support}:\n{part}");
            }
            let not_me = part.find(&format!("{heading}\n")).expect(heading);
            assert!(
                not_me > part.find("(61) 3313-9144").unwrap(),
                "last: {part}"
            );
        }
    }
}

#[test]
fn r17_the_mail_says_until_when_in_the_zone_of_the_instance() {
    let mut job = sample::activation_link(Language::Pt);
    if let MailMessage::ActivationLink { expires_at, .. } = &mut job.message {
        *expires_at = sample::NOW + Seconds::hours(9);
    }
    let branding = Branding {
        utc_offset_hours: -4,
        ..sample::branding()
    };
    let text = render(&job, &branding).unwrap().text;
    assert!(
        text.contains("O link vale até 23/11/2026, às 22:03, horário de Manaus"),
        "{text}"
    );
}

#[test]
fn unknown_circumstances_are_said_to_be_unknown_and_a_nameless_mail_still_begins() {
    let mut job = sample::wrong_codes(Language::Pt);
    job.name = " \u{200b} ".into();
    if let MailMessage::WrongCodes { last, .. } = &mut job.message {
        last.client.browser.clear();
    }
    let text = rendered(&job).text;
    assert!(text.starts_with("Confira se foi você"), "{text}");
    assert!(text.contains("Navegador: não informado"), "{text}");
}
