//! Jobs, branding and a clock for the tests of this module.

use super::memory::{Mailbox, MemoryMailer};
use super::render::Branding;
use crate::domain::{
    AccountChange, Circumstances, ClientInfo, Email, MailJob, MailMessage, Seconds, SecurityChange,
    Timestamp,
};
use crate::ports::Clock;
use app::model::Language;
use std::sync::Arc;
use strum::IntoEnumIterator as _;

/// 2026-11-23, 14:03 in Brasília.
pub(super) const NOW: Timestamp = Timestamp(1_795_453_380);
/// The link in every sample that has one.
pub(super) const LINK: &str = "https://2fa.stm.jus.br/link?t=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ&k=1";

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        NOW
    }
}

pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(Fixed)
}

pub(super) fn branding() -> Branding {
    Branding {
        instance_label: "e-Proc/JMU".into(),
        support_name: "Equipe de Suporte – e-Proc".into(),
        support_email: Email::parse("eproc@stm.jus.br").unwrap(),
        support_phone: "(61) 3313-9144".into(),
        public_url: "https://2fa.stm.jus.br/".into(),
        utc_offset_hours: -3,
        from_name: "e-Proc/JMU – Autenticação".into(),
        from_email: Email::parse("nao-responda@stm.jus.br").unwrap(),
    }
}

pub(super) fn memory_mailer() -> MemoryMailer {
    MemoryMailer::new("JMU", branding(), clock(), Arc::new(Mailbox::default()))
}

pub(super) fn circumstances() -> Circumstances {
    Circumstances {
        at: NOW,
        client: ClientInfo {
            browser: "Firefox, Windows".into(),
            ip: Some([203, 0, 113, 7].into()),
        },
    }
}

fn job(language: Language, message: MailMessage) -> MailJob {
    MailJob {
        to: Email::parse("Ana.Souza@adv.example").unwrap(),
        language,
        name: "Ana Souza".into(),
        message,
    }
}

pub(super) fn activation_link(language: Language) -> MailJob {
    let started = circumstances();
    let expires_at = NOW + Seconds::minutes(60);
    job(
        language,
        MailMessage::ActivationLink {
            url: LINK.into(),
            expires_at,
            started,
        },
    )
}

pub(super) fn enrolment_started(language: Language) -> MailJob {
    let message = MailMessage::EnrolmentStarted {
        started: circumstances(),
        not_me_url: LINK.into(),
        not_me_until: NOW + Seconds::days(10),
    };
    job(language, message)
}

pub(super) fn enrolment_activated(language: Language) -> MailJob {
    let message = MailMessage::EnrolmentActivated {
        confirmed: circumstances(),
        not_me_url: LINK.into(),
        not_me_until: NOW + Seconds::days(10),
    };
    job(language, message)
}

pub(super) fn wrong_codes(language: Language) -> MailJob {
    job(
        language,
        MailMessage::WrongCodes {
            last: circumstances(),
            failures: 3,
        },
    )
}

pub(super) fn password_without_code(language: Language) -> MailJob {
    let message = MailMessage::PasswordWithoutCode {
        last: circumstances(),
        count: 2,
        not_me_url: LINK.into(),
        not_me_until: NOW + Seconds::days(10),
    };
    job(language, message)
}

pub(super) fn sign_in_locked(language: Language) -> MailJob {
    let message = MailMessage::SignInLocked {
        refused: circumstances(),
        url: LINK.into(),
        until: NOW + Seconds::hours(1),
    };
    job(language, message)
}

pub(super) fn account_changed(language: Language, change: AccountChange) -> MailJob {
    job(language, MailMessage::AccountChanged { at: NOW, change })
}

pub(super) fn security_changed(language: Language, change: SecurityChange) -> MailJob {
    let message = MailMessage::SecurityChanged {
        change,
        done: circumstances(),
        left: 7,
        takes_effect_at: Some(NOW + Seconds::days(1)),
        not_me_url: LINK.into(),
        not_me_until: NOW + Seconds::days(10),
    };
    job(language, message)
}

pub(super) fn recovery_link(language: Language) -> MailJob {
    let message = MailMessage::RecoveryLink {
        requested: circumstances(),
        url: LINK.into(),
        until: NOW + Seconds::days(1),
    };
    job(language, message)
}

/// Every kind of mail in every language.
pub(super) fn all() -> Vec<MailJob> {
    [Language::Pt, Language::En]
        .into_iter()
        .flat_map(|language| {
            let changes =
                SecurityChange::iter().map(move |change| security_changed(language, change));
            [
                activation_link(language),
                enrolment_started(language),
                enrolment_activated(language),
                wrong_codes(language),
                password_without_code(language),
                sign_in_locked(language),
                account_changed(language, AccountChange::Blocked),
                account_changed(language, AccountChange::FactorRevoked),
                account_changed(language, AccountChange::AuthenticatorRevoked),
                account_changed(language, AccountChange::PasswordSet),
                recovery_link(language),
            ]
            .into_iter()
            .chain(changes)
        })
        .collect()
}
