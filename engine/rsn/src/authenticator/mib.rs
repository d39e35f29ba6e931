//! The text of the MIB and STA commands about RSN.

use super::Authenticator;
use crate::mib::suite_text;
use core::fmt::Write as _;
use wpasim_wire::MacAddr;
use wpasim_wire::rsne::{AkmSet, CipherSet, Proto, SecurityElement};

/// Suites that the last association request selected.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Selected {
    akm: u32,
    pairwise: u32,
    group: u32,
}

impl Selected {
    pub(super) fn by(element: &SecurityElement) -> Self {
        let preferred = [AkmSet::IEEE8021X_SHA256, AkmSet::PSK_SHA256, AkmSet::IEEE8021X, AkmSet::PSK]
            .into_iter()
            .find(|a| element.akm.contains(*a))
            .unwrap_or(AkmSet::IEEE8021X);
        let (akm, pairwise, group) = match element.proto {
            Proto::Rsn => (
                preferred.rsn_selector(),
                element.pairwise.rsn_selector().or(CipherSet::CCMP.rsn_selector()),
                element.group.rsn_selector().or(CipherSet::CCMP.rsn_selector()),
            ),
            Proto::Wpa => (
                preferred.wpa_selector(),
                element.pairwise.wpa_selector().or(CipherSet::TKIP.rsn_selector()),
                element.group.wpa_selector().or(CipherSet::TKIP.wpa_selector()),
            ),
        };
        Selected { akm: akm.unwrap_or(0), pairwise: pairwise.unwrap_or(0), group: group.unwrap_or(0) }
    }
}

fn truth(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

impl Authenticator {
    /// The `dot11RSNA…` lines of MIB, each ended by a newline.
    pub fn mib(&self) -> String {
        let c = &self.config;
        let none = suite_text(0);
        let lines = [
            ("dot11RSNAOptionImplemented", "TRUE".to_owned()),
            ("dot11RSNAPreauthenticationImplemented", "TRUE".to_owned()),
            ("dot11RSNAEnabled", truth(c.rsn).to_owned()),
            ("dot11RSNAPreauthenticationEnabled", truth(c.preauth).to_owned()),
            ("dot11RSNAConfigVersion", "1".to_owned()),
            ("dot11RSNAConfigPairwiseKeysSupported", "9999".to_owned()),
            ("dot11RSNAConfigGroupRekeyStrict", u8::from(c.strict_rekey).to_string()),
            ("dot11RSNAConfigGroupUpdateCount", c.group_update_count.to_string()),
            ("dot11RSNAConfigPairwiseUpdateCount", c.pairwise_update_count.to_string()),
            ("dot11RSNAConfigGroupCipherSize", (c.group.key_len() * 8).to_string()),
            ("dot11RSNAConfigPMKLifetime", "43200".to_owned()),
            ("dot11RSNAConfigPMKReauthThreshold", "70".to_owned()),
            ("dot11RSNAConfigNumberOfPTKSAReplayCounters", "0".to_owned()),
            ("dot11RSNAConfigSATimeout", "60".to_owned()),
            ("dot11RSNAAuthenticationSuiteSelected", suite_text(self.selected.akm)),
            ("dot11RSNAPairwiseCipherSelected", suite_text(self.selected.pairwise)),
            ("dot11RSNAGroupCipherSelected", suite_text(self.selected.group)),
            ("dot11RSNAPMKIDUsed", "0".repeat(32)),
            ("dot11RSNAAuthenticationSuiteRequested", none.clone()),
            ("dot11RSNAPairwiseCipherRequested", none.clone()),
            ("dot11RSNAGroupCipherRequested", none),
            ("dot11RSNATKIPCounterMeasuresInvoked", self.countermeasures.to_string()),
            ("dot11RSNA4WayHandshakeFailures", self.handshake_failures.to_string()),
            ("dot11RSNAConfigNumberOfGTKSAReplayCounters", "0".to_owned()),
            ("hostapdWPAGroupState", self.group.state_number().to_string()),
        ];
        lines.into_iter().fold(String::new(), |mut out, (name, value)| {
            let _ = writeln!(out, "{name}={value}");
            out
        })
    }

    /// The RSN lines of STA, each ended by a newline; empty for stations without RSN and WPA.
    pub fn sta_mib(&self, addr: MacAddr) -> String {
        let Some(s) = self.stations.get(&addr) else { return String::new() };
        let security = &s.security;
        let (pairwise, wpa) = match security.proto {
            Proto::Rsn => (security.pairwise.rsn_selector(), 2),
            Proto::Wpa => (security.pairwise.wpa_selector(), 1),
        };
        let Some(pairwise) = pairwise else { return String::new() };
        format!(
            "dot11RSNAStatsSTAAddress={addr}\n\
             dot11RSNAStatsVersion=1\n\
             dot11RSNAStatsSelectedPairwiseCipher={}\n\
             dot11RSNAStatsTKIPLocalMICFailures={}\n\
             dot11RSNAStatsTKIPRemoteMICFailures={}\n\
             wpa={wpa}\n\
             AKMSuiteSelector={}\n\
             hostapdWPAPTKState={}\n\
             hostapdWPAPTKGroupState={}\n",
            suite_text(pairwise),
            s.local_michael_failures,
            s.remote_michael_failures,
            suite_text(security.akm.rsn_selector().unwrap_or(0)),
            s.state as u8,
            s.group_state as u8,
        )
    }
}
