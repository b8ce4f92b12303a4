//! The commented configuration: the one place where settings are explained, and each shown with
//! its default or an example.

use toml::Table;

/// `{NAME}` and `{name}` are the instance's name and its lower case. The comment above a setting
/// is also what is said when the setting is missing.
const TEMPLATE: &str = include_str!("template.toml");

/// The file for a new instance of this name.
pub(super) fn render(instance: &str) -> String {
    TEMPLATE
        .replace("{NAME}", instance)
        .replace("{name}", &instance.to_lowercase())
}

/// Every setting with its default or example.
pub(super) fn examples() -> Table {
    let shown = TEMPLATE.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') => setting,
        _ => line,
    });
    let lines: Vec<_> = shown.collect();
    lines.join("\n").parse().unwrap_or_default()
}

/// What a setting is for. `peers[1].name` is `peers.name`.
pub(super) fn help(setting: &str) -> &'static str {
    let (section, key) = setting.rsplit_once('.').unwrap_or(("", setting));
    let section = section.split('[').next().unwrap_or_default();
    let (mut inside, mut above) = (false, "");
    for line in TEMPLATE.lines() {
        let bare = line.trim_start_matches('#');
        if let Some(heading) = bare.strip_prefix('[') {
            inside = heading.trim_matches(['[', ']']) == section;
        } else if inside && bare.split(" = ").next() == Some(key) {
            return above.trim_start_matches("# ");
        }
        above = line;
    }
    "every setting is explained in the file that `eproc-2fa init` writes"
}
