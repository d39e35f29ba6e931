//! The faults of a peer in a handshake. The names are stable: they appear in traces.

use wpasim_runtime::Level;
use wpasim_wire::MacAddr;
use wpasim_wire::eapol::EapolError;
use wpasim_wire::kde::KeyDataError;

/// A frame that a handshake refuses, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeerFault {
    #[error("malformed: {0}")]
    Malformed(#[from] EapolError),
    #[error("not-associated")]
    NotAssociated,
    #[error("wrong-source")]
    WrongSource,
    #[error("descriptor-version: {0}")]
    DescriptorVersion(u8),
    #[error("descriptor-version-not-cmac: {0}")]
    DescriptorVersionNotCmac(u8),
    #[error("descriptor-version-under-ccmp: {0}")]
    DescriptorVersionUnderCcmp(u8),
    #[error("replay-counter")]
    ReplayCounter,
    #[error("smk-message")]
    SmkMessage,
    #[error("no-ack-bit")]
    NoAckBit,
    #[error("request-bit")]
    RequestBit,
    #[error("bad-mic")]
    BadMic,
    #[error("no-key-to-verify")]
    NoKeyToVerify,
    #[error("encrypted-but-unauthenticated")]
    EncryptedUnauthenticated,
    #[error("key-data-length: {0}")]
    KeyDataLength(usize),
    #[error("key-data-integrity")]
    KeyDataIntegrity,
    #[error("key-data: {0}")]
    KeyData(#[from] KeyDataError),
    #[error("pairwise-key-index")]
    PairwiseKeyIndex,
    #[error("group-without-mic")]
    GroupWithoutMic,
    #[error("no-pmk")]
    NoPmk,
    #[error("ptk0-rekey-denied")]
    Ptk0RekeyDenied,
    #[error("gtk-unencrypted")]
    GtkUnencrypted,
    #[error("igtk-unencrypted")]
    IgtkUnencrypted,
    #[error("ap-elements-unknown")]
    ApElementsUnknown,
    #[error("elements-missing")]
    ElementsMissing,
    #[error("elements-differ")]
    ElementsDiffer,
    #[error("downgrade")]
    Downgrade,
    #[error("rsnx-differs")]
    RsnxDiffers,
    #[error("extended-key-id")]
    ExtendedKeyId,
    #[error("anonce-changed")]
    AnonceChanged,
    #[error("key-length: {0}")]
    KeyLength(u16),
    #[error("gtk-missing")]
    GtkMissing,
    #[error("gtk-length: {0}")]
    GtkLength(usize),
    #[error("group-before-4way")]
    GroupBeforeFourWay,
    #[error("unknown-state")]
    UnexpectedMessage,
    #[error("element-invalid")]
    ElementInvalid,
    #[error("request-counter")]
    RequestCounter,
}

impl PeerFault {
    /// Returns the message of the supplicant about the fault on its control interface, if there is one.
    pub(super) fn supplicant_message(self, bssid: MacAddr, text: &FaultContext) -> Option<(Level, String)> {
        use Level::{Info, Warning};
        let fixed = |level, text: &str| Some((level, text.to_owned()));
        match self {
            Self::Malformed(EapolError::KeyDataTruncated { present, stated }) => Some((
                Info,
                format!("WPA: Invalid EAPOL-Key frame - key_data overflow ({stated} > {present})"),
            )),
            Self::Malformed(_)
            | Self::NotAssociated
            | Self::WrongSource
            | Self::KeyData(_)
            | Self::NoPmk
            | Self::UnexpectedMessage
            | Self::ElementInvalid
            | Self::RequestCounter => None,
            Self::DescriptorVersion(v) => {
                Some((Info, format!("WPA: Unsupported EAPOL-Key descriptor version {v}")))
            }
            Self::DescriptorVersionNotCmac(_) => {
                fixed(Info, "WPA: AP did not use the negotiated AES-128-CMAC")
            }
            // Said where it is found, because a tolerated version is reported too.
            Self::DescriptorVersionUnderCcmp(_) => None,
            Self::ReplayCounter => {
                fixed(Warning, "WPA: EAPOL-Key Replay Counter did not increase - dropping packet")
            }
            Self::SmkMessage => fixed(Info, "WPA: Unsupported SMK bit in key_info"),
            Self::NoAckBit => fixed(Info, "WPA: No Ack bit in key_info"),
            Self::RequestBit => fixed(Info, "WPA: EAPOL-Key with Request bit - dropped"),
            Self::BadMic => fixed(Warning, "WPA: Invalid EAPOL-Key MIC - dropping packet"),
            Self::NoKeyToVerify => fixed(Warning, "WPA: Could not verify EAPOL-Key MIC - dropping packet"),
            Self::EncryptedUnauthenticated => {
                fixed(Warning, "WPA: Ignore EAPOL-Key with encrypted but unauthenticated data")
            }
            Self::KeyDataLength(n) => Some((Warning, format!("WPA: Unsupported AES-WRAP len {n}"))),
            Self::KeyDataIntegrity => {
                fixed(Warning, "WPA: AES unwrap failed - could not decrypt EAPOL-Key key data")
            }
            Self::PairwiseKeyIndex => {
                fixed(Warning, "WPA: Ignored EAPOL-Key (Pairwise) with non-zero key index")
            }
            Self::GroupWithoutMic => fixed(Warning, "WPA: EAPOL-Key (Group) without Mic/Encr bit - dropped"),
            Self::Ptk0RekeyDenied => fixed(Info, "WPA: PTK0 rekey not allowed, reconnecting"),
            Self::GtkUnencrypted => fixed(Warning, "WPA: GTK IE in unencrypted key data"),
            Self::IgtkUnencrypted => fixed(Warning, "WPA: IGTK KDE in unencrypted key data"),
            Self::ApElementsUnknown => fixed(Warning, "WPA: Could not find AP from the scan results"),
            Self::ElementsMissing => Some((
                Warning,
                format!(
                    "WPA: IE in 3/4 msg does not match with IE in Beacon/ProbeResp (no IE?) (src={bssid})"
                ),
            )),
            Self::ElementsDiffer => Some((
                Warning,
                format!("WPA: IE in 3/4 msg does not match with IE in Beacon/ProbeResp (src={bssid})"),
            )),
            Self::Downgrade => Some((
                Warning,
                format!(
                    "WPA: Possible downgrade attack detected - RSN was enabled and RSN IE was in msg 3/4, \
                     but not in Beacon/ProbeResp (src={bssid})"
                ),
            )),
            Self::RsnxDiffers => {
                fixed(Info, "WPA: RSNXE mismatch between Beacon/ProbeResp and EAPOL-Key msg 3/4")
            }
            Self::ExtendedKeyId => fixed(Info, "RSN: Non-zero Extended Key ID Key ID in PTK0 handshake"),
            Self::AnonceChanged => Some((
                Warning,
                format!(
                    "WPA: ANonce from message 1 of 4-Way Handshake differs from 3 of 4-Way Handshake - drop \
                     packet (src={bssid})"
                ),
            )),
            Self::KeyLength(len) => Some((
                Warning,
                format!("WPA: Invalid {} key length {len} (src={bssid})", text.pairwise_cipher),
            )),
            Self::GtkMissing if text.in_group_handshake => fixed(Info, "WPA: No GTK IE in Group Key msg 1/2"),
            Self::GtkMissing => fixed(Info, "RSN: No GTK KDE included in EAPOL-Key msg 3/4"),
            Self::GtkLength(len) => Some((
                Warning,
                format!("WPA: Unsupported {} Group Cipher key length {len} ({len})", text.group_cipher),
            )),
            Self::GroupBeforeFourWay => {
                fixed(Info, "WPA: Group Key Handshake started prior to completion of 4-way handshake")
            }
        }
    }
}

/// The names in messages about faults.
pub(super) struct FaultContext {
    pub pairwise_cipher: &'static str,
    pub group_cipher: &'static str,
    pub in_group_handshake: bool,
}
