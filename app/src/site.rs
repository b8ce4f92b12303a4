//! What an installation tells its pages.

use crate::support::Support;
use leptos::config::LeptosOptions;
use std::sync::Arc;

/// Addresses of the script, the wasm and the style sheet, read once at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    /// The style sheet.
    pub css: String,
}

impl Assets {
    /// Names the release that a document runs on: another one has another style sheet, wasm or
    /// script, and a document loaded before gets its next page as a document of its own.
    pub fn release(&self) -> String {
        format!("{} {} {}", self.js, self.wasm, self.css)
    }
}

/// What an installation tells its pages. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<SiteData>);

/// The data of [`Site`].
#[derive(Clone, Debug)]
pub struct SiteData {
    /// Short name, as in cookies and sync: `JMU`.
    pub instance: String,
    /// Name on the bar and in titles: `e-Proc/JMU`.
    pub label: String,
    /// The support team.
    pub support: Support,
    /// Door to e-Proc, where configured.
    pub system_url: Option<String>,
    /// Hours between local time and UTC.
    pub utc_offset_hours: i8,
    /// Whether `public_url` is https: decides name and attributes of cookies (R10).
    pub https: bool,
    /// Script, wasm and style.
    pub assets: Assets,
    /// Address of the demo desk, in the demonstration only.
    pub demo_desk: Option<String>,
    /// Where `cargo leptos watch` listens for the reload socket, under its environment only.
    pub reload: Option<LeptosOptions>,
}

impl Site {
    pub fn new(data: SiteData) -> Self {
        Self(Arc::new(data))
    }
}

impl std::ops::Deref for Site {
    type Target = SiteData;

    fn deref(&self) -> &SiteData {
        &self.0
    }
}
