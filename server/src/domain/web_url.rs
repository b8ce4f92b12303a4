//! Web addresses and server names as an operator writes them, each parsed once. An error is what
//! follows the name of the setting in a sentence.

use serde::Deserialize;
use std::fmt;
use std::net::IpAddr;
use url::Url;

/// Whether a host, spelled as in a URL or in a setting, is this machine.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_matches(['[', ']']);
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A URL that browsers or servers may be sent to: https, or http to this machine; without user
/// and password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct WebUrl(Url);

impl WebUrl {
    /// Reads a URL.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text)
            .map_err(|_| "is not a web address such as https://2fa.example.jus.br")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user or password");
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if url.host_str().is_some_and(is_loopback) => Ok(Self(url)),
            _ => Err("must begin with https:// (http:// is for this machine only)"),
        }
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    fn has_query_or_fragment(&self) -> bool {
        self.0.query().is_some() || self.0.fragment().is_some()
    }
}

/// Scheme, host and port of a web site, spelled as browsers spell them in `Origin` (R11, R15).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct WebOrigin(Url);

impl WebOrigin {
    /// Reads a URL that has no path and no query.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = WebUrl::parse(text)?;
        if url.0.path() != "/" || url.has_query_or_fragment() {
            return Err("must be scheme, host and port only, without a path or query");
        }
        Ok(Self(url.0))
    }

    /// Whether browsers reach it on this machine only.
    pub fn is_loopback(&self) -> bool {
        self.0.host_str().is_some_and(is_loopback)
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin().ascii_serialization())
    }
}

/// A URL to which the path of an endpoint is appended: without query and fragment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Reads a URL; a slash at its end does not count.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = WebUrl::parse(text)?;
        if url.has_query_or_fragment() {
            return Err("must not have a query or fragment");
        }
        Ok(Self(url.0))
    }

    /// The URL of an endpoint; `path` begins with a slash.
    pub fn endpoint(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        url
    }
}

/// Name or ip of a server; an IPv6 address may stand in brackets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ServerName(String);

impl ServerName {
    /// Reads a name of at most 253 characters.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        match text.len() {
            0 => Err("is empty"),
            1..=253 if text.bytes().all(allowed) => Ok(Self(text.to_owned())),
            _ => Err("is no name or address of a server"),
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the brackets of an IPv6 address.
    pub fn bare(&self) -> &str {
        self.0.trim_matches(['[', ']'])
    }

    /// Whether the server is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

impl From<IpAddr> for ServerName {
    fn from(ip: IpAddr) -> Self {
        Self(ip.to_string())
    }
}

/// What serde reads as text and then parses.
macro_rules! from_text {
    ($($name:ident)*) => {$(
        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, &'static str> {
                Self::parse(&text)
            }
        }
    )*};
}

from_text!(WebUrl WebOrigin BaseUrl ServerName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_this_machine_only() {
        for good in [
            "https://stm.exemplo",
            "http://127.0.0.1:1/a/",
            "http://[::1]:1",
            "http://localhost",
            "HTTP://LOCALHOST",
        ] {
            BaseUrl::parse(good).unwrap();
        }
        for bad in [
            "http://10.0.0.1",
            "http://stm.exemplo",
            "http://localhost.exemplo",
            "ftp://stm",
            "mailto:a@b",
        ] {
            assert!(
                WebUrl::parse(bad).unwrap_err().starts_with("must begin"),
                "{bad}"
            );
        }
        for bad in ["stm", "", "https://", "https://a:b@stm", "https://a@stm"] {
            WebUrl::parse(bad).unwrap_err();
        }
    }

    #[test]
    fn an_origin_has_no_path_and_a_base_no_query() {
        let origin = WebOrigin::parse("HTTPS://2FA.Example.jus.br:443/").unwrap();
        assert_eq!(origin.to_string(), "https://2fa.example.jus.br");
        assert!(!origin.is_loopback());
        assert!(WebOrigin::parse("http://[::1]:3000").unwrap().is_loopback());
        for bad in ["https://stm/a", "https://stm/?a", "https://stm/#a"] {
            WebOrigin::parse(bad).unwrap_err();
        }
        for bad in ["https://stm/?a", "https://stm/#a"] {
            BaseUrl::parse(bad).unwrap_err();
        }
    }

    #[test]
    fn endpoints_stand_below_the_base() {
        for (base, endpoint) in [
            ("https://stm.exemplo", "https://stm.exemplo/x/y"),
            ("https://stm.exemplo/2fa/", "https://stm.exemplo/2fa/x/y"),
            (" http://localhost:1/2fa ", "http://localhost:1/2fa/x/y"),
        ] {
            let base = BaseUrl::parse(base).unwrap();
            assert_eq!(base.endpoint("/x/y").as_str(), endpoint);
        }
    }

    #[test]
    fn a_server_s_name_is_no_line_of_anything() {
        for (name, bare, here) in [
            ("smtp.example.jus.br", "smtp.example.jus.br", false),
            ("LocalHost", "LocalHost", true),
            ("[::1]", "::1", true),
            ("127.0.0.2", "127.0.0.2", true),
            ("127.0.0.1.example", "127.0.0.1.example", false),
        ] {
            let name = ServerName::parse(name).unwrap();
            assert_eq!((name.bare(), name.is_loopback()), (bare, here));
        }
        for bad in ["", " ", "a b", "a\r\nb", "a/b", "é", &"a".repeat(254)] {
            ServerName::parse(bad).unwrap_err();
        }
    }
}
