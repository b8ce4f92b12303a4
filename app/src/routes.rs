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

/// The page behind a mailed activation link; a token follows.
pub const ACTIVATION: &str = "/ativar";
/// The page behind the *Não fui eu* of a notice; a token follows.
pub const NOT_ME: &str = "/nao-fui-eu";

/// Path of an activation link.
pub fn activation_link(token: &str) -> String {
    format!("{ACTIVATION}/{token}")
}

/// Path of the *Não fui eu* of a notice.
pub fn not_me_link(token: &str) -> String {
    format!("{NOT_ME}/{token}")
}

/// The token in the path of a link page; of its route, the name of the place where it stands.
fn token(path: &str) -> Option<&str> {
    [ACTIVATION, NOT_ME]
        .into_iter()
        .find_map(|page| path.strip_prefix(page)?.strip_prefix('/'))
}

/// Whether a path or route is that of a page behind a mailed link.
pub fn is_link_page(path: &str) -> bool {
    token(path).is_some()
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
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    PAGES.contains(&path)
        || token(path).is_some_and(|token| !token.is_empty() && token.bytes().all(letter))
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
