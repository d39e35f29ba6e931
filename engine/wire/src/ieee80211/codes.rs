//! Reason and status codes.

/// Reason codes (IEEE 802.11-2020 Table 9-49).
pub mod reason {
    pub const UNSPECIFIED: u16 = 1;
    pub const PREV_AUTH_NOT_VALID: u16 = 2;
    pub const DEAUTH_LEAVING: u16 = 3;
    pub const DISASSOC_DUE_TO_INACTIVITY: u16 = 4;
    pub const DISASSOC_AP_BUSY: u16 = 5;
    pub const CLASS2_FRAME_FROM_NONAUTH_STA: u16 = 6;
    pub const CLASS3_FRAME_FROM_NONASSOC_STA: u16 = 7;
    pub const DISASSOC_STA_HAS_LEFT: u16 = 8;
    pub const STA_REQ_ASSOC_WITHOUT_AUTH: u16 = 9;
    pub const INVALID_IE: u16 = 13;
    pub const MICHAEL_MIC_FAILURE: u16 = 14;
    pub const FOURWAY_HANDSHAKE_TIMEOUT: u16 = 15;
    pub const GROUP_KEY_UPDATE_TIMEOUT: u16 = 16;
    pub const IE_IN_4WAY_DIFFERS: u16 = 17;
    pub const GROUP_CIPHER_NOT_VALID: u16 = 18;
    pub const PAIRWISE_CIPHER_NOT_VALID: u16 = 19;
    pub const AKMP_NOT_VALID: u16 = 20;
    pub const UNSUPPORTED_RSN_IE_VERSION: u16 = 21;
    pub const INVALID_RSN_IE_CAPAB: u16 = 22;
    pub const IEEE_802_1X_AUTH_FAILED: u16 = 23;
    pub const CIPHER_SUITE_REJECTED: u16 = 24;
    pub const DISASSOC_LOW_ACK: u16 = 34;
}

/// Status codes (IEEE 802.11-2020 Table 9-50).
pub mod status {
    pub const SUCCESS: u16 = 0;
    pub const UNSPECIFIED_FAILURE: u16 = 1;
    pub const CAPS_UNSUPPORTED: u16 = 10;
    pub const REASSOC_NO_ASSOC: u16 = 11;
    pub const ASSOC_DENIED_UNSPEC: u16 = 12;
    pub const NOT_SUPPORTED_AUTH_ALG: u16 = 13;
    pub const UNKNOWN_AUTH_TRANSACTION: u16 = 14;
    pub const CHALLENGE_FAIL: u16 = 15;
    pub const AUTH_TIMEOUT: u16 = 16;
    pub const AP_UNABLE_TO_HANDLE_NEW_STA: u16 = 17;
    pub const ASSOC_DENIED_RATES: u16 = 18;
    pub const ASSOC_DENIED_NOSHORT: u16 = 19;
    pub const ASSOC_DENIED_NO_HT: u16 = 27;
    pub const ASSOC_REJECTED_TEMPORARILY: u16 = 30;
    pub const ROBUST_MGMT_FRAME_POLICY_VIOLATION: u16 = 31;
    pub const INVALID_IE: u16 = 40;
    pub const GROUP_CIPHER_NOT_VALID: u16 = 41;
    pub const PAIRWISE_CIPHER_NOT_VALID: u16 = 42;
    pub const AKMP_NOT_VALID: u16 = 43;
    pub const DENIED_POOR_CHANNEL_CONDITIONS: u16 = 34;
    pub const UNSUPPORTED_RSN_IE_VERSION: u16 = 44;
    pub const INVALID_RSN_IE_CAPAB: u16 = 45;
    pub const CIPHER_REJECTED_PER_POLICY: u16 = 46;
    pub const INVALID_PMKID: u16 = 53;
}
