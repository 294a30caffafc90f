//! What does a partner ask for besides our certificate?

use std::fmt;

/// A user name with its password. The password can be sent, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    user: String,
    password: String,
}

/// Says why a text is no login. What it holds is never said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a login is the user name on the first line and the password on the second")]
pub struct LoginError;

impl Login {
    /// Reads a login: the user name on the first line, the password on the second, and nothing behind them.
    ///
    /// # Errors
    /// [`LoginError`].
    ///
    /// ```
    /// use epix_client::Login;
    /// assert!(Login::parse("epix-xb\nsecret\n").is_ok());
    /// assert!(Login::parse("epix-xb").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Login, LoginError> {
        let mut lines = text.trim_end_matches(['\r', '\n']).lines();
        let (user, password) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let is_clean = lines.next().is_none() && !text.contains('\0');
        if user.trim().is_empty() || password.is_empty() || !is_clean {
            return Err(LoginError);
        }
        Ok(Login { user: user.trim().to_owned(), password: password.to_owned() })
    }

    /// The user name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password, for the one message that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({}, secret)", self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_has_two_lines_and_keeps_its_password() {
        let login = Login::parse("xb \r\np ss\r\n").unwrap();

        assert_eq!((login.user(), login.reveal()), ("xb", "p ss"));
        assert!(!format!("{login:?}").contains("p ss"));
        for wrong in ["", "\n", "xb\n", "\nsecret", "a\nb\nc"] {
            assert_eq!(Login::parse(wrong), Err(LoginError), "{wrong:?}");
        }
    }
}
