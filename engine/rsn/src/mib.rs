//! The dot11RSNA text of the supplicant's MIB command, and the cipher lines of STATUS.

use core::fmt::Write as _;
use wpasim_wire::rsne::{AkmSet, CipherSet, Proto, SecurityElement, rsn_capability};

/// The security that was selected for the current or last BSS.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// `None` for networks without RSN and WPA, and before the first selection.
    pub proto: Option<Proto>,
    pub pairwise: CipherSet,
    pub group: CipherSet,
    pub akm: AkmSet,
}

/// Values that only the MIB shows; each can be set through the control interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RsnConfigMib {
    /// In seconds.
    pub pmk_lifetime: u32,
    /// In per cent.
    pub pmk_reauth_threshold: u32,
    /// In seconds.
    pub sa_timeout: u32,
}

impl Default for RsnConfigMib {
    fn default() -> Self {
        RsnConfigMib { pmk_lifetime: 43200, pmk_reauth_threshold: 70, sa_timeout: 60 }
    }
}

/// `00-0f-ac-4`.
pub(crate) fn suite_text(selector: u32) -> String {
    let [a, b, c, d] = selector.to_be_bytes();
    format!("{a:02x}-{b:02x}-{c:02x}-{d}")
}

impl Selection {
    /// The selector of one of the selected ciphers; 0 if nothing was selected.
    fn cipher_selector(self, cipher: CipherSet) -> u32 {
        match self.proto {
            Some(Proto::Rsn) => cipher.rsn_selector(),
            _ => cipher.wpa_selector(),
        }
        .unwrap_or(0)
    }

    fn akm_selector(self) -> u32 {
        match (self.proto, self.akm) {
            (_, AkmSet::NONE) => 0,
            (Some(Proto::Rsn), akm) => akm.rsn_selector().unwrap_or(0),
            (_, akm) => akm.wpa_selector().unwrap_or(0),
        }
    }

    fn is_rsna(self) -> bool {
        self.proto == Some(Proto::Rsn) && !self.akm.is_empty() && self.akm != AkmSet::NONE
    }

    /// The dot11RSNA lines of MIB.
    pub(super) fn mib(self, config: &RsnConfigMib, pmkid: Option<&[u8; 16]>, failures: u32) -> String {
        let rsna = if self.is_rsna() { "TRUE" } else { "FALSE" };
        let akm = suite_text(self.akm_selector());
        let pairwise = suite_text(self.cipher_selector(self.pairwise));
        let group = suite_text(self.cipher_selector(self.group));
        let mut pmkid_text = String::new();
        for octet in pmkid.into_iter().flatten() {
            let _ = write!(pmkid_text, "{octet:02x}");
        }
        let lines = [
            ("OptionImplemented", "TRUE".to_owned()),
            ("PreauthenticationImplemented", "TRUE".to_owned()),
            ("Enabled", rsna.to_owned()),
            ("PreauthenticationEnabled", rsna.to_owned()),
            ("ConfigVersion", "1".to_owned()),
            ("ConfigPairwiseKeysSupported", "5".to_owned()),
            ("ConfigGroupCipherSize", (self.group.key_len() * 8).to_string()),
            ("ConfigPMKLifetime", config.pmk_lifetime.to_string()),
            ("ConfigPMKReauthThreshold", config.pmk_reauth_threshold.to_string()),
            ("ConfigNumberOfPTKSAReplayCounters", "1".to_owned()),
            ("ConfigSATimeout", config.sa_timeout.to_string()),
            ("AuthenticationSuiteSelected", akm.clone()),
            ("PairwiseCipherSelected", pairwise.clone()),
            ("GroupCipherSelected", group.clone()),
            ("PMKIDUsed", pmkid_text),
            ("AuthenticationSuiteRequested", akm),
            ("PairwiseCipherRequested", pairwise),
            ("GroupCipherRequested", group),
            ("ConfigNumberOfGTKSAReplayCounters", "0".to_owned()),
            ("4WayHandshakeFailures", failures.to_string()),
        ];
        lines.into_iter().fold(String::new(), |mut out, (name, value)| {
            let _ = writeln!(out, "dot11RSNA{name}={value}");
            out
        })
    }

    /// The `pairwise_cipher`, `group_cipher` and `key_mgmt` lines of STATUS.
    pub(super) fn status(self, ap_rsn_element: Option<&[u8]>, pmf_mgmt_cipher: Option<CipherSet>) -> String {
        let (rsn, wpa) = (self.proto == Some(Proto::Rsn), self.proto == Some(Proto::Wpa));
        let mut out = format!(
            "pairwise_cipher={}\ngroup_cipher={}\nkey_mgmt={}\n",
            self.pairwise.text(),
            self.group.text(),
            self.akm.text(rsn, wpa),
        );
        let ap = ap_rsn_element.and_then(|e| SecurityElement::parse(e).ok());
        if let (Some(cipher), Some(ap)) = (pmf_mgmt_cipher, ap)
            && ap.capabilities & (rsn_capability::MFPR | rsn_capability::MFPC) != 0
        {
            let pmf = if ap.capabilities & rsn_capability::MFPR != 0 { 2 } else { 1 };
            let _ = writeln!(out, "pmf={pmf}\nmgmt_group_cipher={}", cipher.text());
        }
        out
    }
}
