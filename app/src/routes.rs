//! Every path once: pages, redirects and mails build their links here.

/// Sign-in, the front door.
pub const SIGN_IN: &str = "/";
/// The code, after the password.
pub const CODE: &str = "/entrar/codigo";
/// What is about to happen (manual: *Após ler a mensagem*).
pub const NOTICE: &str = "/habilitar/aviso";
/// QR, code and address.
pub const ENROL: &str = "/habilitar";
/// The link is on its way.
pub const MAIL_SENT: &str = "/habilitar/email-enviado";
/// Another address, same enrolment.
pub const CHANGE_ADDRESS: &str = "/habilitar/corrigir-email";
/// The activation was confirmed.
pub const ACTIVATED: &str = "/ativada";
/// *Não fui eu* was pressed on an activation link.
pub const DENIED: &str = "/ativacao-recusada";
/// *Não fui eu* of a notice was pressed.
pub const REPORTED: &str = "/conta-bloqueada";
/// Home, signed in.
pub const HOME: &str = "/inicio";
/// *Segurança da conta*.
pub const ACCOUNT: &str = "/conta";
/// What is done with personal data.
pub const PRIVACY: &str = "/privacidade";

/// The page behind a mailed activation link.
pub fn activation_link(token: &str) -> String {
    format!("/ativar/{token}")
}

/// The page behind the *Não fui eu* of a notice.
pub fn not_me_link(token: &str) -> String {
    format!("/nao-fui-eu/{token}")
}

/// The pages to which a form may lead back: no redirect ever goes elsewhere.
pub fn is_page(path: &str) -> bool {
    const PAGES: [&str; 12] = [
        SIGN_IN,
        CODE,
        NOTICE,
        ENROL,
        MAIL_SENT,
        CHANGE_ADDRESS,
        ACTIVATED,
        DENIED,
        REPORTED,
        HOME,
        ACCOUNT,
        PRIVACY,
    ];
    let token_page = |prefix: &str| {
        path.strip_prefix(prefix).is_some_and(|token| {
            !token.is_empty()
                && token
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
    };
    PAGES.contains(&path) || token_page("/ativar/") || token_page("/nao-fui-eu/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_led_back_to() {
        assert!(is_page("/") && is_page(HOME) && is_page(&activation_link("aB-_9")));
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/ativar/",
            "/ativar/a/b",
            "/ativar/a\r\nSet-Cookie: x",
            "/nowhere",
        ] {
            assert!(!is_page(bad), "{bad}");
        }
    }
}
