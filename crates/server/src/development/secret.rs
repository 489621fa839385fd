//! A random secret for tokens, kept between runs so that sessions survive a restart.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use secrecy::SecretString;

const BYTES: usize = 32;

/// Returns the secret kept in this file, made on first use; where nothing can be kept, one for
/// this run alone.
pub(super) fn load_or_create(path: &Path) -> SecretString {
    match read_or_make(path) {
        Ok(secret) => SecretString::from(secret),
        Err(error) => {
            tracing::warn!(%error, "the token secret cannot be saved: a restart signs everybody out");
            SecretString::from(random())
        }
    }
}

fn read_or_make(path: &Path) -> io::Result<String> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = random();
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => file.write_all(fresh.as_bytes()).map(|()| fresh),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let kept = fs::read_to_string(path)?.trim().to_owned();
            if kept.len() < BYTES {
                return Err(io::Error::other(format!("{} is too short; remove it", path.display())));
            }
            Ok(kept)
        }
        Err(error) => Err(error),
    }
}

fn random() -> String {
    rand::random::<[u8; BYTES]>().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_secret_stays_and_is_nobody_elses() {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        let folder = target.join(format!("tmp/secret-{}", std::process::id()));
        let path = folder.join("jwt-secret");
        let first = read_or_make(&path).unwrap();
        assert_eq!(read_or_make(&path).unwrap(), first);
        assert_eq!(first.len(), 2 * BYTES);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(folder).unwrap();
    }
}
