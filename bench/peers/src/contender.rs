//! The contenders: how each is started, and what it can do.

use crate::authority::Bundle;
use std::path::Path;

/// In the order of the table's columns: the ratios are those to the first.
pub(crate) const ALL: [Contender; 7] = [
    Contender::Kokunai,
    Contender::Floor,
    Contender::Bare,
    Contender::Python,
    Contender::Node,
    Contender::Bundled,
    Contender::LiteLlm,
];

/// What the proxy is to know its callers by: it does not start without a key, nor with a weak one.
pub(crate) const PROXY_KEY: &str = "sk-7c1f0d7a5b6e4c9d8a3f2b1e0c9d8a7b6f5e4d3c2b1a09f8";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    /// The function of this repository.
    Kokunai,
    /// An empty handler in Rust.
    Floor,
    /// The least code in Rust that asks Bedrock.
    Bare,
    /// boto3 under AWS's own runtime client.
    Python,
    /// The SDK for JavaScript, from `node_modules`.
    Node,
    /// The same in one file.
    Bundled,
    /// LiteLLM's proxy, which is no Lambda function: it is asked over HTTP.
    LiteLlm,
}

impl Contender {
    /// The name on the command line, and of its log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kokunai => "kokunai",
            Self::Floor => "floor",
            Self::Bare => "bare",
            Self::Python => "python",
            Self::Node => "node",
            Self::Bundled => "bundled",
            Self::LiteLlm => "litellm",
        }
    }

    /// The head of its column.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Kokunai => "kokunai",
            Self::Floor => "floor",
            Self::Bare => "bare SDK",
            Self::Python => "Python",
            Self::Node => "Node",
            Self::Bundled => "Node, bundled",
            Self::LiteLlm => "LiteLLM",
        }
    }

    /// Whether it can answer with a stream. AWS's runtime client for Python cannot.
    pub(crate) fn streams(self) -> bool {
        !matches!(self, Self::Floor | Self::Python)
    }

    /// Whether it takes several prompts at once with a process for each, as AWS's runtime client for Python does.
    pub(crate) fn forks(self) -> bool {
        self == Self::Python
    }

    /// Whether it is asked over HTTP instead of through Lambda's Runtime API.
    pub(crate) fn is_proxy(self) -> bool {
        self == Self::LiteLlm
    }

    /// The program and its arguments; a proxy is told its port.
    pub(crate) fn command(self, place: &Path, port: u16) -> Vec<String> {
        let below = |path: &str| place.join(path).display().to_string();
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let release = |name: &str| vec![below(&format!("../release/{name}"))];
        match self {
            Self::Kokunai => release("peer-kokunai"),
            Self::Floor => release("peer-floor"),
            Self::Bare => release("peer-bare"),
            Self::Python => words(&["python3", "-m", "awslambdaric", "handler.handler"]),
            Self::Node => words(&["node", &below("node/runtime.mjs"), &below("node/handler.mjs")]),
            Self::Bundled => words(&["node", &below("node/runtime.mjs"), &below("node/bundled/handler.mjs")]),
            Self::LiteLlm => {
                let port = port.to_string();
                let (program, config) = (below("litellm/bin/litellm"), below("litellm.yaml"));
                words(&[&program, "--config", &config, "--host", "127.0.0.1", "--port", &port])
            }
        }
    }

    /// What it needs in its environment beside what Lambda sets: where the stand-in listens, and whom to trust.
    pub(crate) fn environment(self, place: &Path, root: &Path, bedrock: u16) -> Vec<(&'static str, String)> {
        let root = root.display().to_string();
        let endpoint = ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", format!("https://localhost:{bedrock}"));
        match self {
            Self::Floor => Vec::new(),
            Self::Kokunai | Self::Bare => vec![("PEERS_PORT", bedrock.to_string()), ("PEERS_ROOT", root)],
            Self::Python => {
                let roots = Bundle::Boto.file(place).display().to_string();
                vec![endpoint, ("AWS_CA_BUNDLE", roots), ("PYTHONPATH", place.join("python").display().to_string())]
            }
            Self::Node | Self::Bundled => vec![endpoint, ("NODE_EXTRA_CA_CERTS", root)],
            Self::LiteLlm => {
                let roots = Bundle::Proxy.file(place).display().to_string();
                vec![
                    ("LITELLM_MASTER_KEY", PROXY_KEY.to_owned()),
                    ("PEERS_BEDROCK", endpoint.1),
                    ("SSL_CERT_FILE", roots.clone()),
                    ("REQUESTS_CA_BUNDLE", roots),
                    // Without it, the proxy fetches a list of prices before it starts.
                    ("LITELLM_LOCAL_MODEL_COST_MAP", "True".to_owned()),
                    ("HOME", place.display().to_string()),
                ]
            }
        }
    }
}
