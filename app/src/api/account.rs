//! Server functions of the account pages and of a lost phone.

#[cfg(feature = "ssr")]
use super::backend::AccountForm;
use super::error::ApiResult;
#[cfg(feature = "ssr")]
use super::request::{call, respond};
use crate::navigation::NavigationReply;
use leptos::prelude::server;
use leptos::server_fn::codec::Postcard;

#[cfg(feature = "ssr")]
async fn post(form: AccountForm) -> ApiResult<NavigationReply> {
    let (backend, context) = call();
    respond(backend.account(context, form).await).await
}

/// Uses a recovery code in place of a one-time code. Needs a password-only session of a person with an active factor.
#[server(endpoint = "recovery-code", output = Postcard)]
pub async fn use_recovery_code(
    #[server(default)] recovery_code: String,
) -> ApiResult<NavigationReply> {
    post(AccountForm::UseRecoveryCode(recovery_code)).await
}

/// Asks for one more code in a full session and leads back to the account page at `to`.
#[server(endpoint = "confirm-identity", output = Postcard)]
pub async fn confirm_identity(
    #[server(default)] code: String,
    #[server(default)] to: String,
) -> ApiResult<NavigationReply> {
    post(AccountForm::ConfirmIdentity { code, to }).await
}

/// Makes ten recovery codes in place of all earlier ones. Needs a full session with a code of the last minutes.
#[server(endpoint = "recovery-codes-make", output = Postcard)]
pub async fn make_recovery_codes() -> ApiResult<NavigationReply> {
    post(AccountForm::MakeRecoveryCodes).await
}

/// Takes one recovery code as a sign that all are kept; it stays unused. Needs a full session.
#[server(endpoint = "recovery-codes-keep", output = Postcard)]
pub async fn keep_recovery_codes(
    #[server(default)] recovery_code: String,
) -> ApiResult<NavigationReply> {
    post(AccountForm::KeepRecoveryCodes(recovery_code)).await
}

/// Hides the home page's offer to make recovery codes. Needs a full session.
#[server(endpoint = "recovery-codes-later", output = Postcard)]
pub async fn hide_codes_offer() -> ApiResult<NavigationReply> {
    post(AccountForm::HideCodesOffer).await
}

/// Begins the enrolment of an authenticator in place of the one with the id `replaces`, or beside all when it is empty. Needs a full
/// session with a code of the last minutes.
#[server(endpoint = "new-phone", output = Postcard)]
pub async fn begin_new_phone(
    #[server(default)] replaces: String,
    #[server(default)] label: String,
) -> ApiResult<NavigationReply> {
    post(AccountForm::BeginNewPhone { replaces, label }).await
}

/// Gives an authenticator another name. Needs a full session.
#[server(endpoint = "authenticator-rename", output = Postcard)]
pub async fn rename_authenticator(
    #[server(default)] id: String,
    #[server(default)] label: String,
) -> ApiResult<NavigationReply> {
    post(AccountForm::RenameAuthenticator { id, label }).await
}

/// Removes an authenticator, never the last one. Needs a full session with a code of the last minutes.
#[server(endpoint = "authenticator-remove", output = Postcard)]
pub async fn revoke_authenticator(#[server(default)] id: String) -> ApiResult<NavigationReply> {
    post(AccountForm::RevokeAuthenticator { id }).await
}

/// Ends another session of the same person. Needs a full session.
#[server(endpoint = "session-end", output = Postcard)]
pub async fn end_session(#[server(default)] id: String) -> ApiResult<NavigationReply> {
    post(AccountForm::EndSession { id }).await
}

/// Ends every other session of the same person. Needs a full session.
#[server(endpoint = "sessions-end", output = Postcard)]
pub async fn end_other_sessions() -> ApiResult<NavigationReply> {
    post(AccountForm::EndOtherSessions).await
}

/// **Bloquear minha conta**. Needs a full session.
#[server(endpoint = "block-account", output = Postcard)]
pub async fn block_account() -> ApiResult<NavigationReply> {
    post(AccountForm::BlockAccount).await
}

/// Asks the support team for an entry by number; `stolen` is not empty when the phone was. Needs a password-only session of a person
/// with an active factor.
#[server(endpoint = "entry-ask", output = Postcard)]
pub async fn ask_support(#[server(default)] stolen: String) -> ApiResult<NavigationReply> {
    post(AccountForm::AskSupport {
        is_stolen: !stolen.is_empty(),
    })
    .await
}

/// Asks for a link by the personal email. Needs a password-only session of a person with an active factor.
#[server(endpoint = "recovery-ask", output = Postcard)]
pub async fn ask_mailbox() -> ApiResult<NavigationReply> {
    post(AccountForm::AskMailbox).await
}

/// Reports the phone stolen, with a recovery code or a code of another authenticator. Needs a password-only session.
#[server(endpoint = "report-stolen", output = Postcard)]
pub async fn report_stolen(#[server(default)] code: String) -> ApiResult<NavigationReply> {
    post(AccountForm::ReportStolen(code)).await
}

/// Opens a session that may enrol. The token of the link and the password are the authority (R14).
#[server(endpoint = "recovery-link", output = Postcard)]
pub async fn use_recovery_link(
    #[server(default)] token: String,
    #[server(default)] password: String,
) -> ApiResult<NavigationReply> {
    post(AccountForm::UseRecoveryLink { token, password }).await
}

/// Looks for a request by its number. Needs a full session of a member of the support team.
#[server(endpoint = "entry-find", output = Postcard)]
pub async fn find_entry(#[server(default)] number: String) -> ApiResult<NavigationReply> {
    post(AccountForm::FindEntry(number)).await
}

/// Approves a request. Needs a full session of a member of the support team, and a code of that member.
#[server(endpoint = "entry-approve", output = Postcard)]
pub async fn approve_entry(
    #[server(default)] number: String,
    #[server(default)] check: String,
    #[server(default)] reason: String,
    #[server(default)] code: String,
) -> ApiResult<NavigationReply> {
    post(AccountForm::ApproveEntry {
        number,
        check,
        reason,
        code,
    })
    .await
}
