//! Which database an instance keeps its data in.

use super::SecretText;
use std::path::{Path, PathBuf};

/// A database: `sqlite:FILE` or `postgres://…`, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The file of a SQLite database.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database, which may hold a password.
    Postgres(SecretText),
}

impl DatabaseUrl {
    /// Reads a URL; a relative file begins at `base`. An error is what follows `database.url` in
    /// a sentence.
    pub fn parse(text: &str, base: &Path) -> Result<Self, &'static str> {
        if let Some(file) = text.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            let path = base.join(file);
            // what sqlx would read as parameters or a scheme
            if file.is_empty() || path.to_string_lossy().contains(['?', ':']) {
                return Err("names no file: a SQLite database is written sqlite:FILE");
            }
            return Ok(Self::Sqlite(path));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(SecretText::new(text)));
        }
        Err("must begin with sqlite: or postgres://")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_begin_at_the_base_and_urls_stay() {
        let parse = |text| DatabaseUrl::parse(text, Path::new("/etc/jmu"));
        for (text, path) in [
            ("sqlite:jmu.db", "/etc/jmu/jmu.db"),
            ("sqlite://jmu.db", "/etc/jmu/jmu.db"),
            ("sqlite:/var/lib/jmu.db", "/var/lib/jmu.db"),
            ("sqlite:///var/lib/jmu.db", "/var/lib/jmu.db"),
        ] {
            assert_eq!(parse(text), Ok(DatabaseUrl::Sqlite(path.into())), "{text}");
        }
        for text in ["postgres://u:p@db/jmu?sslmode=require", "postgresql://db/x"] {
            assert_eq!(
                parse(text),
                Ok(DatabaseUrl::Postgres(SecretText::new(text)))
            );
        }
        let shown = format!("{:?}", parse("postgres://u:hunter2@db/jmu"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "mysql://x/y",
            "sqlite:",
            "sqlite://",
            "sqlite:a?mode=ro",
            "sqlite::memory:",
            "/tmp/x.db",
            "Postgres://x",
        ] {
            DatabaseUrl::parse(text, Path::new("")).unwrap_err();
        }
        DatabaseUrl::parse("sqlite:x.db", Path::new("/a?b")).unwrap_err();
    }
}
