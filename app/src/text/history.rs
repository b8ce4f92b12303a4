//! What happened to an account, for its owner.

use super::Locale;

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
    /// What this event and outcome of the audit (`server::domain::audit`) were, in one sentence; `None` when it is not told
    /// ([`NOT_TOLD`]).
    pub fn history_sentence(&self, event: &str, outcome: &str) -> Option<&'static str> {
        let t = self.language.texts();
        Some(match (event, outcome) {
            ("sign_in", "mismatch") => t.history_sign_in_mismatch(),
            ("sign_in", "link_used") => t.history_sign_in_link_used(),
            ("sign_in", "blocked") => t.history_sign_in_blocked(),
            ("sign_in", "password") => t.history_sign_in_password(),
            ("sign_in", "complete") => t.history_sign_in_complete(),
            ("code", "accepted") => t.history_code_accepted(),
            ("code", "accepted_provisionally") => t.history_code_accepted_provisionally(),
            ("code", "wrong") => t.history_code_wrong(),
            ("code", "used_before") => t.history_code_used_before(),
            ("recovery_code", "accepted") => t.history_recovery_code_accepted(),
            ("recovery_code", "wrong") => t.history_recovery_code_wrong(),
            ("recovery_code", "used_before") => t.history_recovery_code_used_before(),
            ("recovery_codes", "made") => t.history_recovery_codes_made(),
            ("recovery_codes", "kept") => t.history_recovery_codes_kept(),
            ("enrolment", "begun") => t.history_enrolment_begun(),
            ("enrolment", "code_accepted") => t.history_enrolment_code_accepted(),
            ("enrolment", "cancelled") => t.history_enrolment_cancelled(),
            ("enrolment", "denied_by_mailbox") => t.history_enrolment_denied_by_mailbox(),
            ("activation", "confirmed") => t.history_activation_confirmed(),
            ("factor", "stolen") => t.history_factor_stolen(),
            ("entry", "requested") => t.history_entry_requested(),
            ("entry", "recommended") => t.history_entry_recommended(),
            ("entry", "approved") => t.history_entry_approved(),
            ("recovery_link", "mailed") => t.history_recovery_link_mailed(),
            ("recovery_link", "used") => t.history_recovery_link_used(),
            ("factor", "removed") => t.history_factor_removed(),
            ("factor", "renamed") => t.history_factor_renamed(),
            ("factor", "revoked_by_operator") => t.history_factor_revoked_by_operator(),
            ("session", "ended") => t.history_session_ended(),
            ("block", "not_me") => t.history_block_not_me(),
            ("block", "done") => t.history_block_done(),
            ("unblock", "done") => t.history_unblock_done(),
            ("password", "set_by_operator") => t.history_password_set_by_operator(),
            ("approval", "done") => t.history_approval_done(),
            ("sync_received", "synchronised") => t.history_sync_received_synchronised(),
            _ => return None,
        })
    }
}
