//! The principals that may ask, as the caller lists them.

/// A principal that may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A role by its name, in any account or in one.
    Named { name: String, account: Option<String> },
    /// Another principal, such as a user, by its ARN.
    Other(String),
}

impl Role {
    /// Reads a name or an ARN; `None` if it can be neither.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.starts_with("arn:") {
            return Some(Self::of_arn(text).unwrap_or_else(|| Self::Other(text.to_owned())));
        }
        // What IAM allows in the name of a role.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
        (!text.is_empty() && text.bytes().all(is_name)).then(|| Self::Named { name: text.to_owned(), account: None })
    }

    /// The role that an ARN names, or that the session belongs to which it names. A role's own ARN may have a path before the
    /// name, and that of a session has none.
    fn of_arn(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, service, _, account, resource] = parts[..] else {
            return None;
        };
        let name = match (service, resource.split_once('/')?) {
            ("iam", ("role", path)) => path.rsplit('/').next()?,
            ("sts", ("assumed-role", session)) => session.split('/').next()?,
            _ => return None,
        };
        Some(Self::Named { name: name.to_owned(), account: Some(account.to_owned()) })
    }

    fn is_of(&self, principal: &str) -> bool {
        match (self, Self::of_arn(principal)) {
            (Self::Named { name, account }, Some(Self::Named { name: its_name, account: its_account })) => {
                *name == its_name && (account.is_none() || *account == its_account)
            }
            (Self::Other(arn), None) => arn == principal,
            _ => false,
        }
    }
}

/// The list of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles(Vec<Role>);

impl Roles {
    pub(super) fn add(&mut self, role: Role) {
        self.0.push(role);
    }

    /// Whether nobody was listed, so that nobody can be told from the others.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the list has this principal. Whoever is not named at all is not on it.
    pub(super) fn knows(&self, principal: Option<&str>) -> bool {
        principal.is_some_and(|principal| self.0.iter().any(|role| role.is_of(principal)))
    }
}
