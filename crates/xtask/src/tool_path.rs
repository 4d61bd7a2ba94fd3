//! Where the pinned tools of `lint` are.

use std::{env, ffi::OsString};

pub const FOLDER: &str = "target/tools";

/// Whether there is a program of that name, ours or the system's.
pub fn is_there(program: &str) -> bool {
    path().is_ok_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// The `PATH` of everything that we run: the pinned tools come first.
///
/// # Errors
/// When the current folder is gone.
pub fn path() -> anyhow::Result<OsString> {
    let tools = env::current_dir()?.join(FOLDER).join("bin");
    let path = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths([tools].into_iter().chain(env::split_paths(&path)))?)
}
