//! The words of an expression.

/// What a token is; its text tells the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a function or the bare name of an attribute.
    Word,
    /// A placeholder for a name, with its `#`.
    Name,
    /// A placeholder for a value, with its `:`.
    Value,
    /// An operator or a bracket.
    Symbol,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
}

/// Cuts an expression into tokens; the error is the piece that cannot begin or be one.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (kind, length) = match first {
            '#' => (Kind::Name, 1 + word(&rest[1..])),
            ':' => (Kind::Value, 1 + word(&rest[1..])),
            'a'..='z' | 'A'..='Z' => (Kind::Word, word(rest)),
            _ => (Kind::Symbol, symbol(rest)),
        };
        let bare_sign = matches!(kind, Kind::Name | Kind::Value) && length == 1;
        if length == 0 || bare_sign {
            return Err(first.to_string());
        }
        let (token, behind) = rest.split_at(length);
        tokens.push(Token { kind, text: token.to_owned() });
        rest = behind.trim_start();
    }
    Ok(tokens)
}

/// How long the word is that a text begins with.
fn word(text: &str) -> usize {
    let ends = |character: char| !character.is_ascii_alphanumeric() && character != '_';
    text.find(ends).unwrap_or(text.len())
}

/// How long the symbol is that a text begins with.
fn symbol(text: &str) -> usize {
    let known = ["<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", "[", "]", "+", "-"];
    known.into_iter().find(|symbol| text.starts_with(symbol)).map_or(0, str::len)
}
