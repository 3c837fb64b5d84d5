//! How long a model will be there, by AWS's own word.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The life of a model, as far as AWS has said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// `ACTIVE` or `LEGACY`; a new word would be shown as it is.
    pub status: String,
    /// When it becomes legacy, or did, in seconds since 1970.
    pub legacy: Option<i64>,
    /// When it ends, in seconds since 1970.
    pub end_of_life: Option<i64>,
}

impl Lifecycle {
    /// Whether it is no longer active: new customers can no longer use it, and others should move on.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.status != "ACTIVE"
    }

    /// The whole days that are left to it at this time; none after its end.
    #[must_use]
    pub fn days_left(&self, now: SystemTime) -> Option<u64> {
        let end = UNIX_EPOCH + Duration::from_secs(self.end_of_life?.try_into().unwrap_or_default());
        Some(end.duration_since(now).unwrap_or_default().as_secs() / 86_400)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(end_of_life: Option<i64>) -> Lifecycle {
        Lifecycle { status: "ACTIVE".to_owned(), legacy: None, end_of_life }
    }

    #[test]
    fn days_are_whole_and_never_below_none() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000 * 86_400);
        let left = |seconds| ending(Some(seconds)).days_left(now);
        assert_eq!((left(1_090 * 86_400), left(1_090 * 86_400 - 1)), (Some(90), Some(89)));
        assert_eq!((left(1_000 * 86_400), left(999 * 86_400), left(-1)), (Some(0), Some(0), Some(0)));
        assert_eq!(ending(None).days_left(now), None);
    }

    #[test]
    fn whatever_is_not_active_is_legacy() {
        let of = |status: &str| Lifecycle { status: status.to_owned(), ..ending(None) }.is_legacy();
        assert_eq!((of("ACTIVE"), of("LEGACY"), of("RETIRED")), (false, true, true));
    }
}
