//! What happened to an account, in the words of its owner; each is named after event and outcome of the audit.

use super::{Language, Texts};

texts! {
    history_sign_in_mismatch: "Senha errada.", "Wrong password.";
    history_sign_in_link_used: "Um navegador foi liberado pelo link do e-mail.", "A browser was let try by the mailed link.";
    history_sign_in_blocked: "Senha certa com a conta fechada.", "Right password while the account was closed.";
    history_sign_in_password: "Senha certa.", "Right password.";
    history_sign_in_complete: "Entrada só com a senha.", "Signed in with the password alone.";
    history_code_accepted: "Entrada com senha e código.", "Signed in with password and code.";
    history_code_accepted_provisionally: "Entrada provisória.", "Temporary sign-in.";
    history_code_wrong: "Código errado.", "Wrong code.";
    history_code_used_before: "Código já usado.", "Code that had been used.";
    history_recovery_code_accepted: "Entrada com código de recuperação.", "Signed in with a recovery code.";
    history_recovery_code_wrong: "Código de recuperação errado.", "Wrong recovery code.";
    history_recovery_code_used_before: "Código de recuperação já usado.", "Recovery code that had been used.";
    history_recovery_codes_made: "Códigos de recuperação criados.", "Recovery codes made.";
    history_recovery_codes_kept: "Códigos de recuperação guardados.", "Recovery codes kept.";
    history_enrolment_begun: "Habilitação de um aplicativo começada.", "Setup of an app begun.";
    history_enrolment_code_accepted: "Primeiro código do novo aplicativo aceito.", "First code of the new app accepted.";
    history_enrolment_cancelled: "Habilitação cancelada.", "Setup cancelled.";
    history_enrolment_denied_by_mailbox: "Habilitação recusada pelo e-mail.", "Setup refused by email.";
    history_activation_confirmed: "Aplicativo ativado.", "App activated.";
    history_factor_stolen: "Celular informado como roubado.", "Phone reported stolen.";
    history_entry_requested: "Pedido de acesso sem o celular.", "Request to get in without the phone.";
    history_entry_recommended: "Pedido de acesso conferido pelo suporte.", "Request to get in checked by support.";
    history_entry_approved: "Acesso sem o celular liberado pelo suporte.", "Way in without the phone allowed by support.";
    history_recovery_link_mailed: "Link de acesso sem o celular enviado.", "Link to get in without the phone mailed.";
    history_recovery_link_used: "Link de acesso sem o celular usado.", "Link to get in without the phone used.";
    history_factor_removed: "Aplicativo removido.", "App removed.";
    history_factor_renamed: "Nome de aplicativo mudado.", "Name of an app changed.";
    history_factor_revoked_by_operator: "Autenticação em dois fatores retirada pelo suporte.", "Two-factor authentication removed by support.";
    history_session_ended: "Sessão encerrada a distância.", "Session ended from another one.";
    history_block_not_me: "Conta bloqueada por você.", "Account blocked by you.";
    history_block_done: "Conta bloqueada pelo suporte.", "Account blocked by support.";
    history_unblock_done: "Conta desbloqueada pelo suporte.", "Account unblocked by support.";
    history_password_set_by_operator: "Senha trocada pelo suporte.", "Password changed by support.";
    history_approval_done: "Nova habilitação liberada pelo suporte.", "New setup allowed by support.";
    history_sync_received_synchronised: "Alteração feita em outra instância e aplicada também aqui.", "Change made at another court and applied here too.";
}
