//! Sets of cipher suites and of key management suites, with hostap's bit values, so that its text
//! orders and its numbers can be produced.

use crate::driver::Cipher;

macro_rules! bit_set {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $bit:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u32);

        impl $name {
            /// Nothing.
            pub const EMPTY: $name = $name(0);
            $($(#[$item_doc])* pub const $item: $name = $name(1 << $bit);)*

            /// Whether all of `other` is in the set.
            pub const fn contains(self, other: $name) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether anything of `other` is in the set.
            pub const fn intersects(self, other: $name) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether the set is empty.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }
        }

        impl core::ops::BitOr for $name {
            type Output = $name;
            fn bitor(self, other: $name) -> $name {
                $name(self.0 | other.0)
            }
        }

        impl core::ops::BitOrAssign for $name {
            fn bitor_assign(&mut self, other: $name) {
                self.0 |= other.0;
            }
        }

        impl core::ops::BitAnd for $name {
            type Output = $name;
            fn bitand(self, other: $name) -> $name {
                $name(self.0 & other.0)
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let mut first = true;
                $(if self.contains($name::$item) {
                    if !first {
                        f.write_str("|")?;
                    }
                    first = false;
                    f.write_str(stringify!($item))?;
                })*
                if first { f.write_str("EMPTY") } else { Ok(()) }
            }
        }
    };
}

bit_set! {
    /// Cipher suites, with the values of hostap's `WPA_CIPHER_*`.
    CipherSet {
        NONE = 0,
        WEP40 = 1,
        WEP104 = 2,
        TKIP = 3,
        CCMP = 4,
        BIP_CMAC_128 = 5,
        GCMP = 6,
        SMS4 = 7,
        GCMP_256 = 8,
        CCMP_256 = 9,
        BIP_GMAC_128 = 11,
        BIP_GMAC_256 = 12,
        BIP_CMAC_256 = 13,
        GTK_NOT_USED = 14,
    }
}

bit_set! {
    /// Key management suites, with the values of hostap's `WPA_KEY_MGMT_*`.
    AkmSet {
        IEEE8021X = 0,
        PSK = 1,
        /// No RSN: plaintext or static WEP.
        NONE = 2,
        IEEE8021X_NO_WPA = 3,
        WPA_NONE = 4,
        FT_IEEE8021X = 5,
        FT_PSK = 6,
        IEEE8021X_SHA256 = 7,
        PSK_SHA256 = 8,
        WPS = 9,
        SAE = 10,
        FT_SAE = 11,
        WAPI_PSK = 12,
        WAPI_CERT = 13,
        CCKM = 14,
        OSEN = 15,
        SUITE_B = 16,
        SUITE_B_192 = 17,
        FILS_SHA256 = 18,
        FILS_SHA384 = 19,
        FT_FILS_SHA256 = 20,
        FT_FILS_SHA384 = 21,
        OWE = 22,
        DPP = 23,
        FT_IEEE8021X_SHA384 = 24,
        PASN = 25,
    }
}

const OUI_RSN: u32 = 0x000f_ac00;
const OUI_WPA: u32 = 0x0050_f200;

/// RSN selectors in the order in which suites are written and printed.
const RSN_CIPHERS: [(CipherSet, u8); 13] = [
    (CipherSet::CCMP_256, 10),
    (CipherSet::GCMP_256, 9),
    (CipherSet::CCMP, 4),
    (CipherSet::GCMP, 8),
    (CipherSet::TKIP, 2),
    (CipherSet::NONE, 0),
    (CipherSet::WEP104, 5),
    (CipherSet::WEP40, 1),
    (CipherSet::BIP_CMAC_128, 6),
    (CipherSet::GTK_NOT_USED, 7),
    (CipherSet::BIP_GMAC_128, 11),
    (CipherSet::BIP_GMAC_256, 12),
    (CipherSet::BIP_CMAC_256, 13),
];

const WPA_CIPHERS: [(CipherSet, u8); 5] = [
    (CipherSet::CCMP, 4),
    (CipherSet::TKIP, 2),
    (CipherSet::NONE, 0),
    (CipherSet::WEP104, 5),
    (CipherSet::WEP40, 1),
];

/// RSN selectors in the order in which key management suites are written.
const RSN_AKMS: [(AkmSet, u8); 18] = [
    (AkmSet::IEEE8021X, 1),
    (AkmSet::PSK, 2),
    (AkmSet::FT_IEEE8021X, 3),
    (AkmSet::FT_IEEE8021X_SHA384, 13),
    (AkmSet::FT_PSK, 4),
    (AkmSet::IEEE8021X_SHA256, 5),
    (AkmSet::PSK_SHA256, 6),
    (AkmSet::SAE, 8),
    (AkmSet::FT_SAE, 9),
    (AkmSet::SUITE_B, 11),
    (AkmSet::SUITE_B_192, 12),
    (AkmSet::FILS_SHA256, 14),
    (AkmSet::FILS_SHA384, 15),
    (AkmSet::FT_FILS_SHA256, 16),
    (AkmSet::FT_FILS_SHA384, 17),
    (AkmSet::OWE, 18),
    (AkmSet::PASN, 21),
    (AkmSet::NONE, 0),
];

const WPA_AKMS: [(AkmSet, u8); 3] = [(AkmSet::IEEE8021X, 1), (AkmSet::PSK, 2), (AkmSet::WPA_NONE, 0)];

impl CipherSet {
    /// The ciphers that a group cipher may be.
    pub const VALID_GROUP: CipherSet = CipherSet(
        Self::CCMP_256.0
            | Self::GCMP_256.0
            | Self::CCMP.0
            | Self::GCMP.0
            | Self::TKIP.0
            | Self::WEP104.0
            | Self::WEP40.0
            | Self::GTK_NOT_USED.0,
    );
    /// The ciphers that a group management cipher may be.
    pub const VALID_GROUP_MGMT: CipherSet = CipherSet(
        Self::BIP_CMAC_128.0
            | Self::BIP_GMAC_128.0
            | Self::BIP_GMAC_256.0
            | Self::BIP_CMAC_256.0
            | Self::GTK_NOT_USED.0,
    );

    /// The ciphers one by one, in the order in which they are written into elements.
    pub fn iter(self) -> impl Iterator<Item = CipherSet> {
        RSN_CIPHERS.into_iter().map(|(c, _)| c).filter(move |c| self.contains(*c))
    }

    /// From an RSN selector; empty if unknown.
    pub fn from_rsn_selector(selector: u32) -> CipherSet {
        RSN_CIPHERS
            .into_iter()
            .find(|(_, n)| OUI_RSN | u32::from(*n) == selector)
            .map_or(CipherSet::EMPTY, |(c, _)| c)
    }

    /// From a selector of WPA's element; empty if unknown.
    pub fn from_wpa_selector(selector: u32) -> CipherSet {
        WPA_CIPHERS
            .into_iter()
            .find(|(_, n)| OUI_WPA | u32::from(*n) == selector)
            .map_or(CipherSet::EMPTY, |(c, _)| c)
    }

    /// The RSN selector of a single cipher.
    pub fn rsn_selector(self) -> Option<u32> {
        RSN_CIPHERS.into_iter().find(|(c, _)| *c == self).map(|(_, n)| OUI_RSN | u32::from(n))
    }

    /// The selector of a single cipher in WPA's element.
    pub fn wpa_selector(self) -> Option<u32> {
        WPA_CIPHERS.into_iter().find(|(c, _)| *c == self).map(|(_, n)| OUI_WPA | u32::from(n))
    }

    /// Octets of a single cipher's temporal key; 0 if it has none.
    pub fn key_len(self) -> usize {
        match self {
            Self::WEP40 => 5,
            Self::WEP104 => 13,
            Self::CCMP | Self::GCMP | Self::BIP_CMAC_128 | Self::BIP_GMAC_128 => 16,
            Self::TKIP | Self::CCMP_256 | Self::GCMP_256 | Self::BIP_CMAC_256 | Self::BIP_GMAC_256 => 32,
            _ => 0,
        }
    }

    /// The strongest pairwise cipher of the set, hostap's order of preference.
    pub fn pick_pairwise(self) -> Option<CipherSet> {
        [Self::CCMP_256, Self::GCMP_256, Self::CCMP, Self::GCMP, Self::TKIP]
            .into_iter()
            .find(|c| self.contains(*c))
    }

    /// hostap's name of a single cipher (or CCMP with TKIP), as in events and STATUS.
    pub fn text(self) -> &'static str {
        if self == Self::CCMP | Self::TKIP {
            return "CCMP+TKIP";
        }
        match self {
            Self::NONE => "NONE",
            Self::WEP40 => "WEP-40",
            Self::WEP104 => "WEP-104",
            Self::TKIP => "TKIP",
            Self::CCMP => "CCMP",
            Self::GCMP => "GCMP",
            Self::GCMP_256 => "GCMP-256",
            Self::CCMP_256 => "CCMP-256",
            Self::BIP_CMAC_128 => "BIP",
            Self::BIP_GMAC_128 => "BIP-GMAC-128",
            Self::BIP_GMAC_256 => "BIP-GMAC-256",
            Self::BIP_CMAC_256 => "BIP-CMAC-256",
            Self::GTK_NOT_USED => "GTK_NOT_USED",
            _ => "UNKNOWN",
        }
    }

    /// The driver's cipher, for a single cipher that the driver boundary can express.
    pub fn driver_cipher(self) -> Option<Cipher> {
        match self {
            Self::WEP40 => Some(Cipher::Wep40),
            Self::WEP104 => Some(Cipher::Wep104),
            Self::TKIP => Some(Cipher::Tkip),
            Self::CCMP => Some(Cipher::Ccmp),
            Self::BIP_CMAC_128 => Some(Cipher::BipCmac128),
            _ => None,
        }
    }
}

impl From<Cipher> for CipherSet {
    fn from(cipher: Cipher) -> Self {
        match cipher {
            Cipher::Wep40 => Self::WEP40,
            Cipher::Wep104 => Self::WEP104,
            Cipher::Tkip => Self::TKIP,
            Cipher::Ccmp => Self::CCMP,
            Cipher::BipCmac128 => Self::BIP_CMAC_128,
        }
    }
}

impl AkmSet {
    /// The suites one by one, in the order in which they are written into elements.
    pub fn iter(self) -> impl Iterator<Item = AkmSet> {
        RSN_AKMS
            .into_iter()
            .map(|(a, _)| a)
            .chain([AkmSet::WPA_NONE])
            .filter(move |a| self.contains(*a) && *a != AkmSet::NONE)
    }

    /// From an RSN selector; empty if unknown.
    pub fn from_rsn_selector(selector: u32) -> AkmSet {
        RSN_AKMS
            .into_iter()
            .find(|(a, n)| OUI_RSN | u32::from(*n) == selector && *a != AkmSet::NONE)
            .map_or(AkmSet::EMPTY, |(a, _)| a)
    }

    /// From a selector of WPA's element; empty if unknown.
    pub fn from_wpa_selector(selector: u32) -> AkmSet {
        WPA_AKMS
            .into_iter()
            .find(|(_, n)| OUI_WPA | u32::from(*n) == selector)
            .map_or(AkmSet::EMPTY, |(a, _)| a)
    }

    /// The RSN selector of a single suite.
    pub fn rsn_selector(self) -> Option<u32> {
        RSN_AKMS.into_iter().find(|(a, _)| *a == self).map(|(_, n)| OUI_RSN | u32::from(n))
    }

    /// The selector of a single suite in WPA's element.
    pub fn wpa_selector(self) -> Option<u32> {
        WPA_AKMS.into_iter().find(|(a, _)| *a == self).map(|(_, n)| OUI_WPA | u32::from(n))
    }

    /// Whether keys are derived with SHA-256 (IEEE 802.11-2020 Table 9-151).
    pub fn uses_sha256(self) -> bool {
        self.intersects(Self::PSK_SHA256 | Self::IEEE8021X_SHA256)
    }

    /// hostap's name of a single suite under WPA2 (`rsn`), WPA (`wpa`) or both, as in STATUS.
    pub fn text(self, rsn: bool, wpa: bool) -> &'static str {
        match self {
            Self::IEEE8021X if rsn && wpa => "WPA2+WPA/IEEE 802.1X/EAP",
            Self::IEEE8021X if rsn => "WPA2/IEEE 802.1X/EAP",
            Self::IEEE8021X => "WPA/IEEE 802.1X/EAP",
            Self::PSK if rsn && wpa => "WPA2-PSK+WPA-PSK",
            Self::PSK if rsn => "WPA2-PSK",
            Self::PSK => "WPA-PSK",
            Self::NONE => "NONE",
            Self::WPA_NONE => "WPA-NONE",
            Self::IEEE8021X_NO_WPA => "IEEE 802.1X (no WPA)",
            Self::FT_IEEE8021X => "FT-EAP",
            Self::FT_IEEE8021X_SHA384 => "FT-EAP-SHA384",
            Self::FT_PSK => "FT-PSK",
            Self::IEEE8021X_SHA256 => "WPA2-EAP-SHA256",
            Self::PSK_SHA256 => "WPA2-PSK-SHA256",
            Self::WPS => "WPS",
            Self::SAE => "SAE",
            Self::FT_SAE => "FT-SAE",
            Self::OSEN => "OSEN",
            Self::SUITE_B => "WPA2-EAP-SUITE-B",
            Self::SUITE_B_192 => "WPA2-EAP-SUITE-B-192",
            Self::FILS_SHA256 => "FILS-SHA256",
            Self::FILS_SHA384 => "FILS-SHA384",
            Self::FT_FILS_SHA256 => "FT-FILS-SHA256",
            Self::FT_FILS_SHA384 => "FT-FILS-SHA384",
            Self::OWE => "OWE",
            Self::DPP => "DPP",
            Self::PASN => "PASN",
            _ => "UNKNOWN",
        }
    }
}
