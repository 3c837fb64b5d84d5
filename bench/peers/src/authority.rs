//! A certificate authority for one run, and the certificate with which the stand-in for Bedrock answers.

use crate::Failure;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// The names by which clients may dial the stand-in.
const NAMES: [&str; 2] = ["bedrock-runtime.ap-northeast-1.amazonaws.com", "localhost"];

/// The roots that a contender's own libraries bring along. It is told to trust another file in their place, so that file must hold
/// them too: reading them is a part of its first connection.
#[derive(Clone, Copy)]
pub(crate) enum Bundle {
    Boto,
    Proxy,
}

impl Bundle {
    const ALL: [Self; 2] = [Self::Boto, Self::Proxy];

    /// The file with the roots and that of the benchmark.
    pub(crate) fn file(self, place: &Path) -> PathBuf {
        place.join(match self {
            Self::Boto => "python-roots.pem",
            Self::Proxy => "litellm-roots.pem",
        })
    }

    fn write(self, place: &Path, root: &str) -> Result<(), Failure> {
        let own = match self {
            Self::Boto => place.join("python/botocore/cacert.pem"),
            Self::Proxy => place.join("litellm/roots.pem"),
        };
        // A contender that is left out is not installed.
        if own.exists() {
            std::fs::write(self.file(place), std::fs::read_to_string(own)? + root)?;
        }
        Ok(())
    }
}

pub(crate) struct Authority {
    /// The file with the certificate of the authority, which contenders are told to trust.
    pub(crate) root: PathBuf,
    pub(crate) server: Arc<ServerConfig>,
}

impl Authority {
    pub(crate) fn create(place: &Path) -> Result<Self, Failure> {
        let key = KeyPair::generate()?;
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        root.distinguished_name.push(DnType::CommonName, "bench/peers");
        let certificate = root.self_signed(&key)?;
        let path = place.join("root.pem");
        std::fs::write(&path, certificate.pem())?;
        for bundle in Bundle::ALL {
            bundle.write(place, &certificate.pem())?;
        }
        let own_key = KeyPair::generate()?;
        let mut own = CertificateParams::new(NAMES.map(str::to_owned))?;
        own.use_authority_key_identifier_extension = true;
        let own = own.signed_by(&own_key, &Issuer::new(root, key))?;
        let own_key = PrivateKeyDer::try_from(own_key.serialize_der())?;
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], own_key)?;
        Ok(Self { root: path, server: Arc::new(server) })
    }
}
