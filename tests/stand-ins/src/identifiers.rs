//! Identifiers in the shapes that AWS gives them, random so that no test can depend on their value.

use std::iter::repeat_with;

/// So many random lower-case hexadecimal digits.
pub(crate) fn hex(digits: usize) -> String {
    repeat_with(|| fastrand::digit(16)).take(digits).collect()
}

/// A version 4 UUID, which is what AWS uses for request IDs.
pub(crate) fn uuid() -> String {
    let variant = fastrand::choice(['8', '9', 'a', 'b']).unwrap_or('8');
    format!("{}-{}-4{}-{variant}{}-{}", hex(8), hex(4), hex(3), hex(3), hex(12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_the_shape_of_version_4() {
        let uuid = uuid();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(uuid.split('-').nth(2).is_some_and(|part| part.starts_with('4')));
        assert_ne!(uuid, super::uuid());
    }
}
