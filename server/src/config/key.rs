//! The key file: 32 random bytes outside the database, without which it cannot be read (R5).

use crate::domain::{InstanceKeys, Keyring};
use crate::ports::Entropy;
use data_encoding::BASE64;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use zeroize::Zeroizing;

/// Longest file of a key or another secret, in bytes.
pub(super) const MAX_FILE: u64 = 4096;

/// Makes a new key in a new file that only its owner may read. An existing file is never touched.
pub fn create(path: &Path, instance: &str, entropy: &dyn Entropy) -> Result<(), String> {
    let above = format!(
        "# Key of the eproc-2fa instance {instance}. Without it the database cannot be read.\n\
         # Back it up, apart from the database, and show it to nobody.\n"
    );
    create_below(path, &above, entropy)
}

/// The same for a key of the sync alone, with which no database is read.
pub fn create_for_sync(path: &Path, instance: &str, entropy: &dyn Entropy) -> Result<(), String> {
    let above = format!(
        "# Key by which the other instances know the eproc-2fa instance {instance} (keys.sync_files).\n\
         # Show it to nobody.\n"
    );
    create_below(path, &above, entropy)
}

fn create_below(path: &Path, above: &str, entropy: &dyn Entropy) -> Result<(), String> {
    let key = Zeroizing::new(entropy.bytes::<32>());
    let text = Zeroizing::new(format!("{above}{}\n", BASE64.encode(key.as_ref())));
    write_new(path, text.as_bytes())
}

/// Writes a file that must not exist yet, mode 0600, and brings it to the disk.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let shown = path.display();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = options
        .mode(0o600)
        .open(path)
        .map_err(|error| format!("{shown} cannot be made: {error}"))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(|error| {
            // half a file is worse than none; if even that fails, the first error is the one to tell
            let _ = fs::remove_file(path);
            format!("{shown} cannot be written: {error}")
        })
}

/// Reads a key file that nobody but its owner can read.
pub fn load(path: &Path) -> Result<Keyring, String> {
    let shown = path.display();
    let unreadable = |error| format!("{shown} cannot be read: {error}");
    let file = File::open(path).map_err(unreadable)?;
    check_private(&file).map_err(|what| format!("{shown} {what}: chmod 600 {shown}"))?;
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_FILE)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'));
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Err(format!("{shown} does not hold exactly one key"));
    };
    let damaged = || format!("{shown} is damaged: a key is 32 bytes in base64, 44 characters");
    let bytes = Zeroizing::new(BASE64.decode(line.as_bytes()).map_err(|_| damaged())?);
    let key = bytes.as_slice().try_into().map_err(|_| damaged())?;
    Ok(Keyring::new(key))
}

/// Looks at the open file, so that it cannot be exchanged in between.
fn check_private(file: &File) -> Result<(), String> {
    let mode = file.metadata().map_err(|error| error.to_string())?.mode() & 0o777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(format!(
            "can be read by others than its owner (mode {mode:04o})"
        )),
    }
}

/// The keys by which the other instances know this one: derived, so that there is one file to
/// keep (docs/sync.md).
pub fn instance_keys(keyring: &Keyring) -> InstanceKeys {
    let seed = Zeroizing::new(keyring.derive_seed("instance keys"));
    InstanceKeys::derive(&seed)
}
