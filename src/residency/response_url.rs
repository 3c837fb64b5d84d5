//! Where CloudFormation waits for an answer: a URL of its own bucket in Tokyo, or it is refused.

use std::fmt;

/// CloudFormation's bucket in Tokyo, at S3's Regional host: the two ways in which that is written.
const HOSTS: [&str; 2] = [
    "cloudformation-custom-resource-response-apnortheast1.s3.ap-northeast-1.amazonaws.com",
    "cloudformation-custom-resource-response-apnortheast1.s3-ap-northeast-1.amazonaws.com",
];

/// A pre-signed URL at which CloudFormation waits for an answer. It is signed, so whoever has it can answer: it is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseUrl {
    url: String,
    /// How long scheme and host are.
    origin: usize,
}

impl ResponseUrl {
    /// Reads an HTTPS URL of CloudFormation's bucket in Tokyo; `None` if it is any other.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let (authority, _) = url.strip_prefix("https://")?.split_once('/')?;
        // What a parser of URLs would change or refuse on its way would not be the URL that was signed.
        let is_plain =
            url.parse::<http::Uri>().is_ok_and(|it| it == url) && !url.contains('#') && !url.contains("/../");
        (HOSTS.contains(&authority) && is_plain)
            .then(|| Self { origin: "https://".len() + authority.len(), url: url.to_owned() })
    }

    /// The whole URL.
    #[must_use]
    pub(super) fn as_str(&self) -> &str {
        &self.url
    }

    /// Scheme and host.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.url[..self.origin]
    }

    /// Path and query, which carry the signature.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.url[self.origin..]
    }
}

impl fmt::Debug for ResponseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseUrl")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PATH: &str = "/arn%3Aaws%3Acloudformation%3Aap-northeast-1%3A123456789012%3Astack/kokunai/1%7CProfileCheck%7C2\
                        ?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0a";

    #[test]
    fn cloudformations_bucket_in_tokyo_is_taken_as_it_is_written() {
        for host in HOSTS {
            let text = format!("https://{host}{PATH}");
            let url = ResponseUrl::parse(&text).unwrap();
            assert_eq!((url.as_str(), url.path_and_query()), (text.as_str(), PATH));
            assert_eq!(url.origin(), format!("https://{host}"));
            assert!(!format!("{url:?}").contains("Signature"), "whoever has it can answer");
        }
    }

    #[test]
    fn any_other_url_is_refused() {
        let host = HOSTS[0];
        for url in [
            String::new(),
            format!("http://{host}{PATH}"),
            format!("https://{host}"),
            format!("https://{host}:8443{PATH}"),
            format!("https://user@{host}{PATH}"),
            format!("https://trap.invalid{PATH}"),
            format!("https://trap.invalid/{host}{PATH}"),
            format!("https://trap.invalid?{host}{PATH}"),
            format!("https://{host}.trap.invalid{PATH}"),
            format!("https://{}{PATH}", host.replace("northeast", "southeast")),
            format!("https://{}{PATH}", host.replace("apnortheast1", "useast1")),
            format!("https://{}{PATH}", host.replace("cloudformation-custom", "my-custom")),
            format!("https://s3.ap-northeast-1.amazonaws.com/{host}{PATH}"),
            format!("https://{host}/../other{PATH}"),
            format!("https://{host}/a b"),
            format!("https://{host}{PATH}#here"),
            format!("https://{host}\\@trap.invalid{PATH}"),
        ] {
            assert_eq!(ResponseUrl::parse(&url), None, "{url}");
        }
    }

    proptest! {
        #[test]
        fn no_other_host_is_ever_asked(host in "\\PC{0,100}") {
            prop_assume!(!HOSTS.iter().any(|it| host.starts_with(&format!("{it}/"))));
            prop_assert_eq!(ResponseUrl::parse(&format!("https://{host}{PATH}")), None);
        }
    }
}
