//! All paths. Pages, redirects and mails make their links from these.

/// Sign-in, the first page.
pub const SIGN_IN: &str = "/";
/// The code page, after the password.
pub const CODE: &str = "/entrar/codigo";
/// The intro page before an enrolment (manual: *Após ler a mensagem*).
pub const INTRO: &str = "/habilitar/aviso";
/// QR code, first code and email.
pub const ENROL: &str = "/habilitar";
/// The page that waits for the confirmation of the link.
pub const MAIL_SENT: &str = "/habilitar/email-enviado";
/// The page to correct the email of a pending enrolment.
pub const CHANGE_EMAIL: &str = "/habilitar/corrigir-email";
/// The activated page, after the confirmation.
pub const ACTIVATED: &str = "/ativada";
/// **Não fui eu** was pressed on an activation link.
pub const DENIED: &str = "/ativacao-recusada";
/// Home, for a full session.
pub const HOME: &str = "/inicio";
/// *Segurança da conta*, for a full session.
pub const ACCOUNT: &str = "/conta";
/// Recovery codes, for a full session.
pub const RECOVERY_CODES: &str = "/conta/codigos";
/// A new phone, or one more authenticator, for a full session.
pub const NEW_PHONE: &str = "/conta/novo-celular";
/// Names and removal of authenticators, for a full session.
pub const AUTHENTICATORS: &str = "/conta/aplicativos";
/// The person's sessions, for a full session.
pub const SESSIONS: &str = "/conta/sessoes";
/// What happened to the account, for a full session.
pub const HISTORY: &str = "/conta/historico";
/// **Bloquear minha conta**, for a full session.
pub const BLOCK: &str = "/conta/bloquear";
/// After **Bloquear minha conta**.
pub const BLOCKED: &str = "/conta-bloqueada";
/// Ways on without the phone, after the password.
pub const LOST_PHONE: &str = "/entrar/sem-celular";
/// The phone was stolen, after the password.
pub const STOLEN_PHONE: &str = "/entrar/celular-roubado";
/// *Suporte*: the search for a request, for members of the support team.
pub const SUPPORT_DESK: &str = "/suporte";
/// How personal data is used.
pub const PRIVACY: &str = "/privacidade";

/// The page behind an activation link; a token follows.
pub const ACTIVATION: &str = "/ativar";
/// The page behind **Não fui eu** of a security alert; a token follows.
pub const NOT_ME: &str = "/nao-fui-eu";

/// The page behind a link that lets one browser try to sign in; a token follows.
pub const SIGN_IN_LINK: &str = "/liberar-navegador";

/// The page behind a link that leads, with the password, into an enrolment without the phone; a token follows.
pub const RECOVERY_LINK: &str = "/recuperar";
/// A request to get in without the phone, for members of the support team; its number follows.
pub const ENTRY: &str = "/suporte/pedido";

pub fn recovery_link(token: &str) -> String {
    format!("{RECOVERY_LINK}/{token}")
}

pub fn entry(number: &str) -> String {
    format!("{ENTRY}/{number}")
}

pub fn activation_link(token: &str) -> String {
    format!("{ACTIVATION}/{token}")
}

/// Path of the **Não fui eu** link of a security alert.
pub fn not_me_link(token: &str) -> String {
    format!("{NOT_ME}/{token}")
}

pub fn sign_in_link(token: &str) -> String {
    format!("{SIGN_IN_LINK}/{token}")
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
    Home,
    Account,
    RecoveryCodes,
    NewPhone,
    Authenticators,
    Sessions,
    History,
    Block,
    Blocked,
    LostPhone,
    StolenPhone,
    SupportDesk,
    Privacy,
    /// [`ACTIVATION`] with the token of the link as it stands in the path; it is not checked.
    ActivationLink(String),
    /// [`NOT_ME`] with the token of the link as it stands in the path; it is not checked.
    NotMeLink(String),
    /// [`SIGN_IN_LINK`] with the token of the link as it stands in the path; it is not checked.
    SignInLink(String),
    /// [`RECOVERY_LINK`] with the token of the link as it stands in the path; it is not checked.
    RecoveryLink(String),
    /// [`ENTRY`] with the number as it stands in the path; it is not checked.
    Entry(String),
}

/// The pages without a token in their path.
const PAGES: [(&str, PageRoute); 21] = [
    (SIGN_IN, PageRoute::SignIn),
    (CODE, PageRoute::Code),
    (INTRO, PageRoute::Intro),
    (ENROL, PageRoute::Enrol),
    (MAIL_SENT, PageRoute::MailSent),
    (CHANGE_EMAIL, PageRoute::ChangeEmail),
    (ACTIVATED, PageRoute::Activated),
    (DENIED, PageRoute::Denied),
    (HOME, PageRoute::Home),
    (ACCOUNT, PageRoute::Account),
    (RECOVERY_CODES, PageRoute::RecoveryCodes),
    (NEW_PHONE, PageRoute::NewPhone),
    (AUTHENTICATORS, PageRoute::Authenticators),
    (SESSIONS, PageRoute::Sessions),
    (HISTORY, PageRoute::History),
    (BLOCK, PageRoute::Block),
    (BLOCKED, PageRoute::Blocked),
    (LOST_PHONE, PageRoute::LostPhone),
    (STOLEN_PHONE, PageRoute::StolenPhone),
    (SUPPORT_DESK, PageRoute::SupportDesk),
    (PRIVACY, PageRoute::Privacy),
];

/// Makes a page of the token or number in its path.
type LinkRoute = fn(String) -> PageRoute;

/// The pages whose path goes on with a token or number.
const LINKS: [(&str, LinkRoute); 5] = [
    (ACTIVATION, PageRoute::ActivationLink),
    (NOT_ME, PageRoute::NotMeLink),
    (SIGN_IN_LINK, PageRoute::SignInLink),
    (RECOVERY_LINK, PageRoute::RecoveryLink),
    (ENTRY, PageRoute::Entry),
];

impl PageRoute {
    /// The page at this path; `None` when there is none. Paths are compared exactly: another spelling is no page.
    pub fn of_path(path: &str) -> Option<Self> {
        let plain = PAGES.into_iter().find(|(known, _)| *known == path);
        plain.map(|(_, route)| route).or_else(|| {
            LINKS.into_iter().find_map(|(page, route)| {
                let token = path.strip_prefix(page)?.strip_prefix('/')?;
                (!token.is_empty() && !token.contains('/')).then(|| route(token.to_owned()))
            })
        })
    }

    /// Whether the page is behind a mailed link. Its path has a token, so it is a document with its own Referrer-Policy
    /// (R14).
    pub const fn is_link(&self) -> bool {
        matches!(
            self,
            Self::ActivationLink(_)
                | Self::NotMeLink(_)
                | Self::SignInLink(_)
                | Self::RecoveryLink(_)
        )
    }
}

/// The patterns of all pages for the server's router; `{token}` matches one segment.
pub fn patterns() -> impl Iterator<Item = String> {
    let plain = PAGES.into_iter().map(|(path, _)| path.to_owned());
    plain.chain(LINKS.map(|(page, _)| format!("{page}/{{token}}")))
}

/// Whether a path or pattern is of a page behind a mailed link.
pub fn is_link_page(path: &str) -> bool {
    PageRoute::of_path(path).is_some_and(|route| route.is_link())
}

/// Whether a form may lead back to this path. Only pages of ours are allowed, so that no redirect leads elsewhere; a token
/// has letters, digits, `-` and `_` alone.
pub fn is_page(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_/".contains(&b);
    PageRoute::of_path(path).is_some() && path.bytes().all(plain)
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
        assert_eq!(patterns().count(), 26);
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
