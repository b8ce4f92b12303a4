//! What happened to an account, in the words of its owner.

use super::Locale;
use crate::model::Language;

/// Event and outcome of the audit (`server::domain::audit`), the sentence in Portuguese and in English. What a person need not
/// know stands in [`NOT_TOLD`].
const SENTENCES: [(&str, &str, &str, &str); 35] = [
    ("sign_in", "mismatch", "Senha errada.", "Wrong password."),
    (
        "sign_in",
        "link_used",
        "Um navegador foi liberado pelo link do e-mail.",
        "A browser was let try by the mailed link.",
    ),
    (
        "sign_in",
        "blocked",
        "Senha certa com a conta fechada.",
        "Right password while the account was closed.",
    ),
    ("sign_in", "password", "Senha certa.", "Right password."),
    (
        "sign_in",
        "complete",
        "Entrada só com a senha.",
        "Signed in with the password alone.",
    ),
    (
        "code",
        "accepted",
        "Entrada com senha e código.",
        "Signed in with password and code.",
    ),
    (
        "code",
        "accepted_provisionally",
        "Entrada provisória.",
        "Temporary sign-in.",
    ),
    ("code", "wrong", "Código errado.", "Wrong code."),
    (
        "code",
        "used_before",
        "Código já usado.",
        "Code that had been used.",
    ),
    (
        "recovery_code",
        "accepted",
        "Entrada com código de recuperação.",
        "Signed in with a recovery code.",
    ),
    (
        "recovery_code",
        "wrong",
        "Código de recuperação errado.",
        "Wrong recovery code.",
    ),
    (
        "recovery_code",
        "used_before",
        "Código de recuperação já usado.",
        "Recovery code that had been used.",
    ),
    (
        "recovery_codes",
        "made",
        "Códigos de recuperação criados.",
        "Recovery codes made.",
    ),
    (
        "recovery_codes",
        "kept",
        "Códigos de recuperação guardados.",
        "Recovery codes kept.",
    ),
    (
        "enrolment",
        "begun",
        "Habilitação de um aplicativo começada.",
        "Setup of an app begun.",
    ),
    (
        "enrolment",
        "code_accepted",
        "Primeiro código do novo aplicativo aceito.",
        "First code of the new app accepted.",
    ),
    (
        "enrolment",
        "cancelled",
        "Habilitação cancelada.",
        "Setup cancelled.",
    ),
    (
        "enrolment",
        "denied_by_mailbox",
        "Habilitação recusada pelo e-mail.",
        "Setup refused by email.",
    ),
    (
        "activation",
        "confirmed",
        "Aplicativo ativado.",
        "App activated.",
    ),
    (
        "factor",
        "stolen",
        "Celular informado como roubado.",
        "Phone reported stolen.",
    ),
    (
        "entry",
        "requested",
        "Pedido de acesso sem o celular.",
        "Request to get in without the phone.",
    ),
    (
        "entry",
        "recommended",
        "Pedido de acesso conferido pelo suporte.",
        "Request to get in checked by support.",
    ),
    (
        "entry",
        "approved",
        "Acesso sem o celular liberado pelo suporte.",
        "Way in without the phone allowed by support.",
    ),
    (
        "recovery_link",
        "mailed",
        "Link de acesso sem o celular enviado.",
        "Link to get in without the phone mailed.",
    ),
    (
        "recovery_link",
        "used",
        "Link de acesso sem o celular usado.",
        "Link to get in without the phone used.",
    ),
    ("factor", "removed", "Aplicativo removido.", "App removed."),
    (
        "factor",
        "renamed",
        "Nome de aplicativo mudado.",
        "Name of an app changed.",
    ),
    (
        "factor",
        "revoked_by_operator",
        "Autenticação em dois fatores retirada pelo suporte.",
        "Two-factor authentication removed by support.",
    ),
    (
        "session",
        "ended",
        "Sessão encerrada a distância.",
        "Session ended from another one.",
    ),
    (
        "block",
        "not_me",
        "Conta bloqueada por você.",
        "Account blocked by you.",
    ),
    (
        "block",
        "done",
        "Conta bloqueada pelo suporte.",
        "Account blocked by support.",
    ),
    (
        "unblock",
        "done",
        "Conta desbloqueada pelo suporte.",
        "Account unblocked by support.",
    ),
    (
        "password",
        "set_by_operator",
        "Senha trocada pelo suporte.",
        "Password changed by support.",
    ),
    (
        "approval",
        "done",
        "Nova habilitação liberada pelo suporte.",
        "New setup allowed by support.",
    ),
    (
        "sync_received",
        "synchronised",
        "Alteração feita em outra instância e aplicada também aqui.",
        "Change made at another court and applied here too.",
    ),
];

/// Events that the history leaves out: they repeat others, or are the program's own bookkeeping.
pub const NOT_TOLD: [(&str, &str); 17] = [
    ("sign_in", "locked"),
    ("sign_in", "wait"),
    ("code", "wait"),
    ("code", "locked"),
    ("recovery_code", "wait"),
    ("recovery_code", "locked"),
    ("attempts", "forgotten"),
    ("alarm", "given"),
    ("registration", "done"),
    ("sync_received", "no_record"),
    ("sync_received", "already_active"),
    ("sync_received", "ambiguous"),
    ("sync_received", "refused"),
    ("sync_received", "superseded"),
    ("sync_received", "stale"),
    ("sync", "lost"),
    ("sync", "told_again"),
];

impl Locale {
    /// What the event was, in one sentence; `None` when it is not told.
    pub fn history_sentence(&self, event: &str, outcome: &str) -> Option<&'static str> {
        let (_, _, pt, en) = SENTENCES
            .iter()
            .find(|(known, with, _, _)| *known == event && *with == outcome)?;
        Some(match self.language {
            Language::Pt => pt,
            Language::En => en,
        })
    }
}
