//! One argon2id hash in PHC form, computed in memory that goes back to the system.
//!
//! The crate's own way asks for 19 MiB aligned to 64 bytes, and glibc, at least Debian 12's 2.36,
//! finds no use for such a piece again after it was freed: every login would make the process that
//! much larger, for ever. [`memory`] asks in a way that is safe from this.

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::{
        Error,
        phc::{Output, ParamsString, Salt},
    },
};

/// glibc maps what is larger than 32 MiB on its own, whatever was freed before, and unmaps it when
/// it is freed. Only what is written to takes memory.
const ALWAYS_MAPPED: usize = 33 << 20;

/// Hashes a password with a new salt.
pub(super) fn hash(password: &[u8], params: &Params) -> Result<String, Error> {
    let salt = random_salt()?;
    let output = compute(password, &salt, &Argon2::from(params))?;
    to_text(params, salt, output)
}

/// Returns whether `password` is the one of `hash`, in a time that depends on the hash alone.
pub(super) fn verify(password: &[u8], hash: &str) -> Result<bool, Error> {
    let hash = PasswordHash::new(hash)?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&hash)?);
    let (salt, expected) = (hash.salt.ok_or(Error::SaltInvalid)?, hash.hash.ok_or(Error::OutputSize)?);
    // Outputs are compared in constant time.
    Ok(compute(password, &salt, &argon2)? == expected)
}

/// Returns whether `hash` took less work than a hash of these parameters takes, or is of another kind.
pub(super) fn is_weaker(hash: &str, params: &Params) -> Result<bool, Error> {
    let hash = PasswordHash::new(hash)?;
    let its = Params::try_from(&hash)?;
    Ok(hash.algorithm != argon2::ARGON2ID_IDENT
        || hash.version != Some(Version::default().into())
        || its.m_cost() < params.m_cost()
        || its.t_cost() < params.t_cost())
}

/// Returns a hash that looks like any other of ours and that no password is known for: salt and
/// output are random. Computing a real one would only make the start slower.
pub(super) fn decoy_hash(params: &Params) -> Result<String, Error> {
    let output = Output::new(&rand::random::<[u8; Params::DEFAULT_OUTPUT_LEN]>())?;
    to_text(params, random_salt()?, output)
}

fn random_salt() -> Result<Salt, Error> {
    Ok(Salt::new(&rand::random::<[u8; Salt::RECOMMENDED_LENGTH]>())?)
}

fn compute(password: &[u8], salt: &Salt, argon2: &Argon2<'_>) -> Result<Output, Error> {
    let params = argon2.params();
    let mut output = [0; Output::MAX_LENGTH];
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let output = output.get_mut(..length).ok_or(Error::OutputSize)?;
    let mut memory = memory(params.block_count())?;
    argon2.hash_password_into_with_memory(password, salt, output, memory.as_mut_slice())?;
    Ok(Output::new(output)?)
}

fn memory(blocks: usize) -> Result<Vec<Block>, Error> {
    let mut memory = Vec::new();
    let reserve = blocks.max(ALWAYS_MAPPED / Block::SIZE);
    memory.try_reserve_exact(reserve).map_err(|_error| Error::OutOfMemory)?;
    memory.resize(blocks, Block::new());
    Ok(memory)
}

fn to_text(params: &Params, salt: Salt, output: Output) -> Result<String, Error> {
    let hash = PasswordHash {
        algorithm: argon2::ARGON2ID_IDENT,
        version: Some(Version::default().into()),
        params: ParamsString::try_from(params)?,
        salt: Some(salt),
        hash: Some(output),
    };
    Ok(hash.to_string())
}
