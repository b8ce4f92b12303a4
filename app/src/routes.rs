//! Every path once: pages, redirects and mails build their links here.

/// Sign-in, the front door.
pub const SIGN_IN: &str = "/";
/// The code, after the password.
pub const CODE: &str = "/entrar/codigo";
/// What is about to happen (manual: *Após ler a mensagem*).
pub const INTRO: &str = "/habilitar/aviso";
/// QR, code and address.
pub const ENROL: &str = "/habilitar";
/// The link is on its way.
pub const MAIL_SENT: &str = "/habilitar/email-enviado";
/// Another address, same enrolment.
pub const CHANGE_EMAIL: &str = "/habilitar/corrigir-email";
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

/// A page of the portal, found by its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageRoute {
    SignIn,
    Code,
    Intro,
    Enrol,
    MailSent,
    ChangeEmail,
    Activated,
    Denied,
    Reported,
    Home,
    Account,
    Privacy,
    /// [`ACTIVATION`], with the token of the mailed link as it stands in the path.
    ActivationLink(String),
    /// [`NOT_ME`], with the token of the mailed link as it stands in the path.
    NotMeLink(String),
}

/// The pages without a token in their path.
const PAGES: [(&str, PageRoute); 12] = [
    (SIGN_IN, PageRoute::SignIn),
    (CODE, PageRoute::Code),
    (INTRO, PageRoute::Intro),
    (ENROL, PageRoute::Enrol),
    (MAIL_SENT, PageRoute::MailSent),
    (CHANGE_EMAIL, PageRoute::ChangeEmail),
    (ACTIVATED, PageRoute::Activated),
    (DENIED, PageRoute::Denied),
    (REPORTED, PageRoute::Reported),
    (HOME, PageRoute::Home),
    (ACCOUNT, PageRoute::Account),
    (PRIVACY, PageRoute::Privacy),
];

impl PageRoute {
    /// The page at this path. Paths are compared as they stand: another spelling is no page.
    pub fn of_path(path: &str) -> Option<Self> {
        if let Some((_, route)) = PAGES.into_iter().find(|(known, _)| *known == path) {
            return Some(route);
        }
        let link = |page: &str| {
            let token = path.strip_prefix(page)?.strip_prefix('/')?;
            (!token.is_empty() && !token.contains('/')).then(|| token.to_owned())
        };
        link(ACTIVATION)
            .map(Self::ActivationLink)
            .or_else(|| link(NOT_ME).map(Self::NotMeLink))
    }

    /// Whether the page stands behind a mailed link: its path holds a token, so that it gets a
    /// document and a Referrer-Policy of its own (R14).
    pub const fn is_link(&self) -> bool {
        matches!(self, Self::ActivationLink(_) | Self::NotMeLink(_))
    }
}

/// The patterns of all pages, for the server's router; `{token}` stands for any one segment.
pub fn patterns() -> impl Iterator<Item = String> {
    let plain = PAGES.into_iter().map(|(path, _)| path.to_owned());
    plain.chain([ACTIVATION, NOT_ME].map(|page| format!("{page}/{{token}}")))
}

/// Whether a path or pattern is that of a page behind a mailed link.
pub fn is_link_page(path: &str) -> bool {
    PageRoute::of_path(path).is_some_and(|route| route.is_link())
}

/// The pages to which a form may lead back: no redirect ever goes elsewhere.
pub fn is_page(path: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    match PageRoute::of_path(path) {
        Some(PageRoute::ActivationLink(token) | PageRoute::NotMeLink(token)) => {
            token.bytes().all(letter)
        }
        found => found.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_one_page_and_another_spelling_none() {
        assert_eq!(PageRoute::of_path(HOME), Some(PageRoute::Home));
        assert_eq!(
            PageRoute::of_path("/ativar/a.b"),
            Some(PageRoute::ActivationLink("a.b".into()))
        );
        for bad in ["", "/inicio/", "/Inicio", "//inicio", "/ativar", "/ativar/"] {
            assert_eq!(PageRoute::of_path(bad), None, "{bad}");
        }
        assert_eq!(patterns().count(), 14);
        assert!(patterns().all(|pattern| PageRoute::of_path(&pattern).is_some()));
    }

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
