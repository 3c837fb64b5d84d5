//! The queues and the table that an operator may name: in Tokyo, or they are refused at start.

use super::{REGION, SQS_HOST};
use std::fmt::{self, Display};

/// The URL of a queue in Tokyo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueUrl(String);

impl QueueUrl {
    /// Reads a URL of the form `https://sqs.<Tokyo>.amazonaws.com/<account>/<name>`; `None` if it is any other.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let (account, name) =
            url.strip_prefix("https://")?.strip_prefix(SQS_HOST)?.strip_prefix('/')?.split_once('/')?;
        (is_account(account) && is_queue_name(name)).then(|| Self(url.to_owned()))
    }

    /// The URL of the queue with this ARN; `None` if it is not one of Tokyo.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let (account, name) = in_tokyo(arn, "sqs")?.split_once(':')?;
        Self::parse(&format!("https://{SQS_HOST}/{account}/{name}"))
    }

    /// Whether it keeps the order of its groups.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.0.ends_with(".fifo")
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for QueueUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A DynamoDB table in Tokyo, by its name or its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table(String);

impl Table {
    /// Reads a name, or an ARN of Tokyo; `None` if it is neither.
    #[must_use]
    pub fn parse(table: &str) -> Option<Self> {
        let name = if table.starts_with("arn:") {
            let (account, resource) = in_tokyo(table, "dynamodb")?.split_once(':')?;
            resource.strip_prefix("table/").filter(|_| is_account(account))?
        } else {
            table
        };
        let is_name = (3..=255).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        is_name.then(|| Self(table.to_owned()))
    }

    /// The name or the ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What follows the Region in an ARN of this service in Tokyo.
fn in_tokyo<'a>(arn: &'a str, service: &str) -> Option<&'a str> {
    arn.strip_prefix("arn:aws:")?.strip_prefix(service)?.strip_prefix(':')?.strip_prefix(REGION)?.strip_prefix(':')
}

fn is_account(account: &str) -> bool {
    account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit())
}

fn is_queue_name(name: &str) -> bool {
    let base = name.strip_suffix(".fifo").unwrap_or(name);
    !base.is_empty()
        && name.len() <= 80
        && base.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const URL: &str = "https://sqs.ap-northeast-1.amazonaws.com/123456789012/results";

    #[test]
    fn a_queue_is_tokyos_or_none() {
        assert!(QueueUrl::parse(URL).is_some_and(|queue| !queue.is_fifo()));
        assert!(QueueUrl::parse(&format!("{URL}.fifo")).is_some_and(|queue| queue.is_fifo()));
        assert_eq!(QueueUrl::of_arn("arn:aws:sqs:ap-northeast-1:123456789012:results").unwrap().as_str(), URL);
        for other in [
            URL.replace("https", "http"),
            URL.replace("ap-northeast-1", "us-east-1"),
            URL.replace("sqs.", "eu-west-1.queue."),
            URL.replace(".com/", ".com.example/"),
            URL.replace("123456789012", "12345678901"),
            format!("{URL}/x"),
            format!("{URL}?x=1"),
            URL.replace("results", ""),
            URL.replace("results", "a b"),
        ] {
            assert_eq!(QueueUrl::parse(&other), None, "{other}");
        }
        for other in ["arn:aws:sqs:us-east-1:123456789012:results", "arn:aws:sns:ap-northeast-1:123456789012:results"] {
            assert_eq!(QueueUrl::of_arn(other), None, "{other}");
        }
    }

    #[test]
    fn a_table_is_a_name_or_tokyos() {
        for table in ["kokunai-answers", "arn:aws:dynamodb:ap-northeast-1:123456789012:table/kokunai-answers"] {
            assert_eq!(Table::parse(table).unwrap().as_str(), table);
        }
        for other in [
            "",
            "ab",
            "a table",
            "arn:aws:dynamodb:us-east-1:123456789012:table/kokunai-answers",
            "arn:aws:dynamodb:ap-northeast-1:123456789012:table/kokunai/index/x",
            "arn:aws:dynamodb:ap-northeast-1:1:table/kokunai",
        ] {
            assert_eq!(Table::parse(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_url_of_another_host_is_a_queue(host in "[a-z0-9.-]{1,50}", name in "[a-zA-Z0-9_-]{1,80}") {
            prop_assume!(host != SQS_HOST);
            let url = format!("https://{host}/123456789012/{name}");
            prop_assert_eq!(QueueUrl::parse(&url), None);
        }
    }
}
