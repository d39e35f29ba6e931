//! The proofs about a received EAPOL-Key frame, as types: a [`Received`] frame proves nothing;
//! only its MIC makes it [`Authentic`]; only an authentic frame's key data can be [`Opened`], and
//! keys are taken from nothing else.

use super::fault::PeerFault;
use wpasim_wire::crypto::{self, Kck, Kek};
use wpasim_wire::eapol::{EapolError, EapolKey, KeyInfo, mic_is_valid};

/// Parsed, nothing proven.
#[derive(Debug)]
pub(super) struct Received<'a> {
    pub key: EapolKey,
    frame: &'a [u8],
}

/// The MIC was right.
#[derive(Debug)]
pub(super) struct Authentic {
    key: EapolKey,
}

/// The MIC was right and the key data is in the clear, decrypted if it had to be.
#[derive(Debug)]
pub(super) struct Opened {
    pub key: EapolKey,
    pub data: Vec<u8>,
}

impl<'a> Received<'a> {
    pub(super) fn parse(frame: &'a [u8]) -> Result<Self, EapolError> {
        Ok(Received { key: EapolKey::parse(frame)?, frame })
    }

    /// `None` if the MIC is wrong under this key.
    pub(super) fn authenticate(&self, kck: &Kck) -> Option<Authentic> {
        let version = self.key.key_info.descriptor_version();
        mic_is_valid(kck, version, self.frame).then(|| Authentic { key: self.key.clone() })
    }
}

impl Authentic {
    pub(super) fn key(&self) -> &EapolKey {
        &self.key
    }

    /// Decrypts RSN key data whose Encrypted bit is set; other key data is taken as it is.
    pub(super) fn open(self, kek: &Kek) -> Result<Opened, PeerFault> {
        let Authentic { key } = self;
        let data = if key.key_info.has(KeyInfo::ENCRYPTED) {
            decrypt(&key, kek, &key.key_data)?
        } else {
            key.key_data.clone()
        };
        Ok(Opened { key, data })
    }

    /// Key data as it stands in the frame: WPA's group handshake encrypts without saying so.
    pub(super) fn take_as_is(self) -> Opened {
        let data = self.key.key_data.clone();
        Opened { key: self.key, data }
    }
}

impl Opened {
    /// Decrypts the group key of WPA's group handshake, whose length is in the key length field.
    pub(super) fn wpa_group_key(&self, kek: &Kek) -> Result<Vec<u8>, PeerFault> {
        let mut gtk = decrypt(&self.key, kek, &self.data)?;
        let len = usize::from(self.key.key_length);
        if gtk.len() < len {
            return Err(PeerFault::GtkLength(len));
        }
        gtk.truncate(len);
        Ok(gtk)
    }
}

fn decrypt(key: &EapolKey, kek: &Kek, data: &[u8]) -> Result<Vec<u8>, PeerFault> {
    match key.key_info.descriptor_version() {
        1 => Ok(crypto::rc4_key_data(kek, &key.iv, data)),
        2 | 3 => {
            if data.len() < 8 || !data.len().is_multiple_of(8) {
                return Err(PeerFault::KeyDataLength(data.len()));
            }
            crypto::key_unwrap(kek, data).ok_or(PeerFault::KeyDataIntegrity)
        }
        v => Err(PeerFault::DescriptorVersion(v)),
    }
}
