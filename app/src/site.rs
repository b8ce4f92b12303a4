//! What an instance tells its pages.

use crate::support::Support;
use leptos::config::LeptosOptions;
use std::sync::Arc;

/// URL paths of script, wasm and style sheet, read once at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    pub css: String,
}

impl Assets {
    /// Names the release of a document. When script, wasm or style sheet change, the next page of an older document is loaded
    /// as a document.
    pub fn release(&self) -> String {
        format!("{} {} {}", self.js, self.wasm, self.css)
    }
}

/// What an instance tells its pages. Cloning is cheap.
pub type Site = Arc<SiteData>;

#[derive(Clone, Debug)]
pub struct SiteData {
    /// Short name, as in cookies and sync: `JMU`.
    pub instance: String,
    /// Name on the bar and in titles: `e-Proc/JMU`.
    pub label: String,
    pub support: Support,
    /// URL of e-Proc; `None` where none is configured.
    pub system_url: Option<String>,
    /// Difference between local time and UTC in hours.
    pub utc_offset_hours: i8,
    /// Whether `public_url` is https. It decides name and attributes of cookies (R10).
    pub https: bool,
    /// Whether browsers are told that all subdomains of this name are https too (HSTS).
    pub hsts_subdomains: bool,
    pub assets: Assets,
    /// URL of the desk; `None` outside the demonstration.
    pub demo_desk: Option<String>,
    /// The address of the reload socket; `None` unless `cargo leptos watch` runs.
    pub reload: Option<LeptosOptions>,
}
