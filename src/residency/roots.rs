//! Whom the function believes that it speaks with AWS: Amazon's own certificate authorities, and nobody else's.
//!
//! The authorities of the system would be read from a file, and `SSL_CERT_FILE` and `SSL_CERT_DIR` can name another one. With an
//! authority of their own in it, whoever holds the network could answer in Tokyo's place and read every prompt.

use aws_smithy_http_client::tls::{TlsContext, TrustStore};

/// The five roots that Amazon Trust Services recommends for a trust store of one's own; the first expires in 2037.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// Trust in Amazon's roots, whatever the environment and the system say.
pub(super) fn amazon() -> TlsContext {
    let amazon_only = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    // Its only error is one of other TLS libraries. The default would trust whom the system trusts: better none at all.
    #[expect(
        clippy::expect_used,
        reason = "what it is built from is a constant, which every test of the binary builds"
    )]
    TlsContext::builder().with_trust_store(amazon_only).build().expect("constants make a TLS context")
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    /// The digests of the certificates, as the lists of certificates that browsers trust have them.
    const DIGESTS: [&str; 5] = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];

    #[test]
    fn the_roots_are_amazons_five_and_no_other() {
        let text = std::str::from_utf8(AMAZON_ROOTS).unwrap();
        let certificates = text.split("-----BEGIN CERTIFICATE-----").skip(1);
        let digests: Vec<_> = certificates
            .map(|rest| {
                let body = rest.split("-----END CERTIFICATE-----").next().unwrap();
                let der = STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap();
                Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
            })
            .collect();
        assert_eq!(digests, DIGESTS);
    }
}
