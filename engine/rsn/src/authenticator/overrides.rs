//! The frames that a hostapd which is built for tests sends in the place of the right ones (CONFIG_TESTING_OPTIONS).

use wpasim_runtime::drand48::Drand48;
use wpasim_wire::elements::{eid, find_whole};

/// Overrides of the key handshakes; none by default.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overrides {
    /// `own_ie_override`: the elements to announce.
    pub own_elements: Option<Vec<u8>>,
    /// `rsne_override_eapol`: in message 3 instead of the RSN element.
    pub rsn_in_message_3: Option<Vec<u8>>,
    /// `rsnxe_override_eapol`: in message 3 instead of the RSN extension element.
    pub rsnx_in_message_3: Option<Vec<u8>>,
    /// `gtk_rsc_override`.
    pub group_rsc: Option<[u8; 8]>,
    /// `corrupt_gtk_rekey_mic_probability`, in units of 2^-48.
    pub corrupt_group_mic: u64,
}

impl Overrides {
    /// Returns the elements of message 3 with the replacements.
    //= hostap@2.10 src/ap/wpa_auth.c#replace_ie
    pub(super) fn in_message_3(&self, mut elements: Vec<u8>) -> Vec<u8> {
        for (id, replacement) in [(eid::RSN, &self.rsn_in_message_3), (eid::RSNX, &self.rsnx_in_message_3)] {
            let Some(replacement) = replacement else { continue };
            if let Some(whole) = find_whole(&elements, id).map(<[u8]>::to_vec)
                && let Some(at) = elements.windows(whole.len()).position(|window| window == whole)
            {
                elements.drain(at..at + whole.len());
            }
            elements.extend_from_slice(replacement);
        }
        elements
    }

    /// Returns whether the MIC of this group key frame is to be wrong.
    pub(super) fn corrupts_group_mic(&self, random: &mut Drand48) -> bool {
        self.corrupt_group_mic > 0 && random.is_below(self.corrupt_group_mic)
    }
}
