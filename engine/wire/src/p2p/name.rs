//! Names of devices as attributes carry them.

pub(super) fn until_zero(octets: &[u8]) -> Vec<u8> {
    octets.iter().copied().take_while(|b| *b != 0).collect()
}

/// A device name as it is shown: at most 32 octets up to the first zero, control characters replaced by
/// `_`.
pub fn filtered_name(octets: &[u8]) -> Vec<u8> {
    let mut name = until_zero(octets.get(..32).unwrap_or(octets));
    for b in &mut name {
        if *b < 32 {
            *b = b'_';
        }
    }
    name
}
