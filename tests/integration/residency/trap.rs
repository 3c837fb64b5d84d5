//! A listener that must hear nothing, and a folder of bait, to which `environment.md` points everything that it lists.

use super::table::{self, Row};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

/// A listener that counts who falls for it.
pub(super) struct Trap {
    pub(super) url: String,
    pub(super) folder: PathBuf,
    caught: Arc<AtomicUsize>,
}

/// Variables with their values.
pub(super) type Environment = Vec<(String, String)>;

/// Where AWS's services are, if one believes the file of `SMITHY_CLIENT_SDK_CUSTOM_PARTITION`.
const PARTITIONS: &str = r#"{"version":"1.1","partitions":[{"id":"aws","regionRegex":"^(us|ap)\\-\\w+\\-\\d+$",
"regions":{"ap-northeast-1":{},"us-east-1":{}},"outputs":{"name":"aws","dnsSuffix":"trap.invalid",
"dualStackDnsSuffix":"trap.invalid","implicitGlobalRegion":"us-east-1","supportsDualStack":true,"supportsFIPS":true}}]}"#;

impl Trap {
    /// Sets it.
    pub(super) async fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let caught = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&caught);
        tokio::spawn(async move {
            while let Ok(connection) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        let folder = std::env::temp_dir().join(format!("kokunai-trap-{}", address.port()));
        let trap = Self { url: format!("http://{address}"), folder, caught };
        trap.lay();
        trap
    }

    /// How many connections it has had.
    pub(super) fn caught(&self) -> usize {
        self.caught.load(Ordering::SeqCst)
    }

    /// Every variable that the page has bait for, at once.
    pub(super) fn everything(&self) -> Environment {
        let rows = table::variables().into_iter().flat_map(|row| self.variable(&row));
        let below = table::below().into_iter().filter_map(|(name, bait)| Some((name.to_owned(), self.filled(bait?))));
        rows.chain(below).collect()
    }

    /// One variable with its bait, and with the name of each service behind its own where the SDK looks for that.
    pub(super) fn variable(&self, row: &Row) -> Environment {
        let Some(bait) = row.bait.map(|bait| self.filled(bait)) else {
            return Vec::new();
        };
        let services =
            table::services().into_keys().filter(|_| ["AWS_ENDPOINT_URL", "AWS_BEARER_TOKEN"].contains(&row.name));
        let of_services = services.map(|it| format!("{}_{}", row.name, it.to_uppercase().replace(' ', "_")));
        of_services.chain([row.name.to_owned()]).map(|name| (name, bait.clone())).collect()
    }

    /// A config file whose default profile has one key only, as the variables that name it.
    pub(super) fn key(&self, row: &Row) -> Environment {
        let Some(bait) = row.bait else {
            return Vec::new();
        };
        let file = self.folder.join(format!("only-{}", row.name));
        std::fs::write(&file, self.profile("default", &[(row.name, bait)])).unwrap();
        let file = file.to_str().unwrap();
        ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"].map(|name| (name.to_owned(), file.to_owned())).to_vec()
    }

    /// Whether something came of the bait that leaves its mark on the disk.
    pub(super) fn marks(&self) -> Vec<PathBuf> {
        ["ran", "tls-keys"].map(|name| self.folder.join(name)).into_iter().filter(|path| path.exists()).collect()
    }

    /// Writes the files.
    fn lay(&self) {
        let keys: Vec<_> = table::keys().iter().filter_map(|row| Some((row.name, row.bait?))).collect();
        let config = self.profile("default", &keys) + &self.profile("profile trap", &keys);
        let credentials = self.profile("default", &keys) + &self.profile("trap", &keys);
        for (path, text) in [
            ("config", config.as_str()),
            ("credentials", &credentials),
            (".aws/config", &config),
            (".aws/credentials", &credentials),
            ("token", "trap"),
            ("partitions.json", PARTITIONS),
            ("certificates/ca.pem", "trap"),
            ("hosts", "bedrock-runtime trap.invalid"),
        ] {
            let path = self.folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    /// A profile with these keys, and the sections that they may name.
    fn profile(&self, heading: &str, keys: &[(&str, &str)]) -> String {
        let lines: String = keys.iter().map(|(key, bait)| format!("{key} = {}\n", self.filled(bait))).collect();
        // AWS writes an underscore for a blank, and the SDK for Rust looks for a hyphen.
        let spelt = |name: &String| ["_", "-"].map(|blank| name.to_lowercase().replace(' ', blank));
        let service = |name: String| format!("{name} =\n  endpoint_url = {}\n", self.url);
        let services: String = table::services().keys().flat_map(spelt).map(service).collect();
        let session = format!("sso_region = us-east-1\nsso_start_url = {}\n", self.url);
        let other = "aws_access_key_id = ASIATRAP\naws_secret_access_key = trap\n";
        format!("[{heading}]\n{lines}[services trap]\n{services}[sso-session trap]\n{session}[profile other]\n{other}")
    }

    fn filled(&self, bait: &str) -> String {
        bait.replace("{url}", &self.url).replace("{folder}", self.folder.to_str().unwrap())
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Variables as a process is started with them.
pub(super) fn borrowed(environment: &Environment) -> Vec<(&str, &str)> {
    environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn the_trap_counts_who_falls_for_it() {
    let trap = Trap::set().await;
    let address = trap.url.strip_prefix("http://").unwrap();
    drop(tokio::net::TcpStream::connect(address).await.unwrap());
    tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while trap.caught() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn the_bait_is_what_the_page_says() {
    let trap = Trap::set().await;
    let everything = trap.everything();
    let value = |name: &str| everything.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    for name in
        ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL_STS", "HTTPS_PROXY", "all_proxy"]
    {
        assert_eq!(value(name), Some(trap.url.as_str()), "{name}");
    }
    assert_eq!(value("AWS_BEARER_TOKEN_BEDROCK"), Some("trap"));
    assert_eq!(value("AWS_REGION"), None);
    let config = std::fs::read_to_string(Path::new(value("AWS_CONFIG_FILE").unwrap())).unwrap();
    assert!(config.contains("[profile trap]\n") && config.contains("\nbedrock-runtime =\n  endpoint_url = http://127"));
    let listed = table::variables().len() + table::below().len();
    assert!(everything.len() > 70 && listed > 80, "{} of {listed}", everything.len());
}
