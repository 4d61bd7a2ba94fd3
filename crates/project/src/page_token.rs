//! The token of the lab's pages. Every user of a machine can reach its ports, so a page answers only to a browser that has
//! the token.

use anyhow::ensure;

use crate::{Scenario, names, store};

impl Scenario {
    /// The token of all pages of this checkout, made at its first use. It survives restarts, so open tabs stay logged in.
    ///
    /// # Errors
    /// When it can neither be read nor made, or the file has something else in it.
    pub fn page_token(&self) -> anyhow::Result<String> {
        let path = self.lab_dir.join("page.token");
        let token = store::secret(&path)?;
        let is_whole = token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        ensure!(is_whole, "{} contains no token; delete it, and the lab makes one", path.display());
        Ok(token)
    }

    /// The address that opens the lab's page on `port` in a browser. It contains the token, so it is a secret.
    ///
    /// # Errors
    /// Those of [`Scenario::page_token`].
    pub fn page_url(&self, port: u16) -> anyhow::Result<String> {
        Ok(format!("http://127.0.0.1:{port}/?token={}", self.page_token()?))
    }

    /// The cookie in which a browser keeps the token. A cookie is sent to every port of a machine, so each page needs a
    /// name of its own.
    pub fn page_cookie(&self) -> String {
        format!("lab-{}", names::machine_wide(self))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_token_that_can_be_guessed_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let scenario = Scenario { number: 1, root: dir.path().into(), lab_dir: dir.path().into() };
        let token = scenario.page_token().expect("a token");
        assert_eq!(scenario.page_token().expect("the same token"), token);
        for content in ["", "\n", "1234", "0123456789abcdef0123456789abcdeg", &format!("{token}\n")] {
            fs::write(dir.path().join("page.token"), content).expect("a file");
            let error = scenario.page_token().expect_err(content);
            assert!(
                error.to_string().ends_with("contains no token; delete it, and the lab makes one"),
                "{error}"
            );
        }
    }
}
