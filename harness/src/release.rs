//! Releases of wpa_supplicant and hostapd: which one a program is, and which one's references it is held to.

use std::fmt;
use std::str::FromStr;

/// A release that references are recorded from. Later ones are greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Release {
    minor: u32,
}

/// A text that names no release that references are recorded from.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is no release that there are references of: 2.9, 2.10 or 2.11")]
pub struct UnknownRelease(String);

impl Release {
    /// wpa_supplicant 2.9 of August 2019.
    pub const V2_9: Release = Release { minor: 9 };
    /// wpa_supplicant 2.10 of January 2022, which the engine imitates and whose references have no suffix.
    pub const V2_10: Release = Release { minor: 10 };
    /// wpa_supplicant 2.11 of July 2024.
    pub const V2_11: Release = Release { minor: 11 };
    /// Every release that references are recorded from, the oldest first.
    pub const ALL: [Release; 3] = [Self::V2_9, Self::V2_10, Self::V2_11];

    /// The newest release whose references a program with this banner can be held to: `wpa_supplicant v2.11` and
    /// `hostapd v2.11-hostap_2_11+vendor` are 2.11; a development version such as `v2.12-devel` is held to the release
    /// before it. `None` if the banner names no version, or one before 2.9.
    pub fn of_banner(banner: &str) -> Option<Release> {
        let version = banner.split_whitespace().find_map(|word| word.strip_prefix("v2."))?;
        let digits = version.bytes().take_while(u8::is_ascii_digit).count();
        let minor: u32 = version.get(..digits)?.parse().ok()?;
        let is_development = version.get(digits..).is_some_and(|rest| rest.starts_with("-devel"));
        let released = if is_development { minor.checked_sub(1)? } else { minor };
        Self::ALL.into_iter().filter(|release| release.minor <= released).max()
    }
}

/// The release that the engine imitates.
impl Default for Release {
    fn default() -> Self {
        Self::V2_10
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "2.{}", self.minor)
    }
}

impl FromStr for Release {
    type Err = UnknownRelease;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|release| release.to_string() == text)
            .ok_or_else(|| UnknownRelease(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners_name_the_release_that_a_program_is_held_to() {
        for (banner, release) in [
            ("wpa_supplicant v2.10", Some("2.10")),
            ("hostapd v2.9", Some("2.9")),
            ("wpa_supplicant v2.11-hostap_2_11-123-gabcdef+", Some("2.11")),
            ("wpa_supplicant v2.12-devel", Some("2.11")),
            ("hostapd v2.11-devel-hostap_2_10-1234-g0", Some("2.10")),
            ("wpa_supplicant v2.10-vendor3", Some("2.10")),
            ("wpa_supplicant v2.15", Some("2.11")),
            ("wpa_supplicant v2.8", None),
            ("wpa_supplicant v2.9-devel", None),
            ("wpa_supplicant v3.0", None),
            ("iwd 2.3", None),
            ("v2.", None),
            ("", None),
        ] {
            assert_eq!(Release::of_banner(banner).map(|r| r.to_string()).as_deref(), release, "{banner}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for release in Release::ALL {
            assert_eq!(release.to_string().parse(), Ok(release));
        }
        assert!("2.8".parse::<Release>().is_err());
        assert!(Release::V2_9 < Release::V2_10 && Release::V2_10 < Release::V2_11);
    }
}
