//! The network's part of a peer's configuration.

use wpasim_wire::eap::EapType;

/// The EAP variables of a network block.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PeerConfig {
    pub identity: Option<Vec<u8>>,
    /// Sent in place of the identity where anybody can read it.
    pub anonymous_identity: Option<Vec<u8>>,
    /// The allowed methods; `None` allows all.
    pub methods: Option<Vec<EapType>>,
    /// Of WSC: `pin=… dev_pw_id=… pbc=1 new_ssid=… new_auth=… new_encr=… new_key=…`.
    pub phase1: Option<Vec<u8>>,
    /// In octets; 0 is the method's own limit.
    pub fragment_size: usize,
}

impl PeerConfig {
    /// Returns the text after `key` in `phase1`, up to the next blank.
    pub(crate) fn parameter(&self, key: &str) -> Option<&[u8]> {
        let text = self.phase1.as_deref()?;
        let at = text.windows(key.len()).position(|w| w == key.as_bytes())?;
        text.get(at + key.len()..)?.split(|b| *b == b' ').next()
    }

    /// Returns whether `phase1` has these words somewhere.
    pub(crate) fn mentions(&self, words: &str) -> bool {
        self.parameter(words).is_some()
    }

    pub(crate) fn allows(&self, method: EapType) -> bool {
        self.methods.as_ref().is_none_or(|m| m.contains(&method))
    }
}
