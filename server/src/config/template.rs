//! The commented configuration, out of [`SETTINGS`].

use super::settings::{SETTINGS, Setting};
use std::fmt::Write as _;

/// The file for an instance of this name.
pub(super) fn render(instance: &str) -> String {
    let mut text = format!(
        "# eproc-2fa: configuration of the instance {instance}.\n\
         #\n\
         # Lines that begin with a setting are in force; those that begin with # show a default or\n\
         # an example: remove the # of the line, and of its [section], to change it.\n\
         # Relative paths begin at the folder of this file.\n\
         # The environment goes before the file: EPROC_2FA__MAIL__SMTP__HOST is mail.smtp.host.\n"
    );
    let mut section = "";
    for setting in &SETTINGS {
        if setting.section != section {
            section = setting.section;
            text.push_str(&heading(section));
        }
        let mark = if setting.set { "" } else { "#" };
        let sample = setting
            .sample
            .replace("{NAME}", instance)
            .replace("{name}", &instance.to_lowercase());
        // writing to a String cannot fail
        let _ = writeln!(text, "# {}\n{mark}{} = {sample}", setting.help, setting.key);
    }
    text
}

/// A section's own line; a comment where the program must not find the section, because one of
/// its settings would then be missing.
fn heading(section: &str) -> String {
    let of = |setting: &&Setting| setting.section == section;
    match section {
        "peers" => "\n#[[peers]]\n".to_owned(),
        _ if section.contains('.') && !SETTINGS.iter().filter(of).any(|setting| setting.set) => {
            format!("\n#[{section}]\n")
        }
        _ => format!("\n[{section}]\n"),
    }
}
