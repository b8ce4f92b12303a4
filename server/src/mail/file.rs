//! Mails as `.eml` files in a directory, for development.

use super::message;
use super::render::{Branding, render};
use crate::domain::MailJob;
use crate::ports::{Clock, MailError, Mailer};
use async_trait::async_trait;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes each mail into a file that only its owner may read, because mails have links with tokens.
pub struct FileMailer {
    directory: PathBuf,
    branding: Branding,
    clock: Arc<dyn Clock>,
}

impl FileMailer {
    /// Creates `directory` when it is missing; an error when it cannot.
    pub fn new(
        directory: PathBuf,
        branding: Branding,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        create_directory(&directory)
            .map_err(|error| format!("mail directory {}: {error}", directory.display()))?;
        Ok(Self {
            directory,
            branding,
            clock,
        })
    }
}

#[async_trait]
impl Mailer for FileMailer {
    async fn send(&self, job: &MailJob, message_id: &str) -> Result<(), MailError> {
        let rendered = render(job, &self.branding)
            .map_err(|error| MailError::Permanent(format!("template: {error}")))?;
        let message = message::build(job, &rendered, &self.branding, message_id, self.clock.now())?;
        let id: String = message_id
            .chars()
            .filter(|character| character.is_ascii_alphanumeric() || *character == '-')
            .collect();
        // named by kind and id, so that a retry replaces the file
        let path = self
            .directory
            .join(format!("{}-{id}.eml", job.message.kind()));
        tokio::task::spawn_blocking(move || write_private(&path, &message.formatted()))
            .await
            .map_err(|error| MailError::Transient(format!("mail file: {error}")))?
            .map_err(|error| MailError::Transient(format!("mail file: {error}")))
    }
}

fn create_directory(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Writes to a file beside `path` and renames it, so that a reader never sees an incomplete mail.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&part)?.write_all(bytes)?;
    fs::rename(&part, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::sample;
    use app::model::Language;

    #[cfg(unix)]
    #[tokio::test]
    async fn a_mail_is_one_private_file_and_a_retry_replaces_it() {
        use std::os::unix::fs::PermissionsExt;
        let directory = std::env::temp_dir().join(format!("mail-file-{}", std::process::id()));
        let mailer =
            FileMailer::new(directory.clone(), sample::branding(), sample::clock()).unwrap();
        for _ in 0..2 {
            let job = sample::activation_link(Language::Pt);
            mailer.send(&job, "../m-1").await.unwrap();
        }
        let files: Vec<_> = fs::read_dir(&directory)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].file_name(), "activation_link-m-1.eml");
        assert_eq!(
            files[0].metadata().unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::metadata(&directory).unwrap().permissions().mode() & 0o777,
            0o700
        );
        let eml = fs::read_to_string(files[0].path()).unwrap();
        assert!(eml.contains("Auto-Submitted: auto-generated\r\n"));
        fs::remove_dir_all(&directory).unwrap();
    }
}
