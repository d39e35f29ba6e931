//! Keys go to the driver, each only once.

use super::super::fault::PeerFault;
use super::{AssocParams, RsnAction, Supplicant};
use wpasim_runtime::Level;
use wpasim_runtime::Secret;
use wpasim_wire::driver::{Cipher, Key, KeyScope};
use wpasim_wire::eapol::EapolKey;
use wpasim_wire::kde::IgtkKde;
use wpasim_wire::rsne::{CipherSet, Proto};
use wpasim_wire::time::Instant;

impl Supplicant {
    pub(super) fn install_ptk(&mut self, now: Instant, params: &AssocParams, key: &EapolKey) {
        let Some(proven) = self.ptk.as_mut().filter(|p| !p.installed) else { return };
        let Some(cipher) = params.selection.pairwise.driver_cipher() else { return };
        proven.installed = true;
        // RSN starts receiving at zero; WPA says where to start.
        let rsc = if params.selection.proto == Some(Proto::Rsn) { [0; 6] } else { first_six(key.rsc) };
        let tk = proven.ptk.tk.clone();
        self.actions.push(RsnAction::Secret(Secret::TemporalKey { key: tk.clone() }));
        self.actions.push(RsnAction::NewKey(Key {
            cipher,
            scope: KeyScope::Pairwise(params.bssid),
            index: 0,
            key: tk,
            rsc,
            tx: true,
        }));
        if let Some(period) = params.ptk_rekey {
            self.ptk_rekey_at = Some(now + period);
        }
    }

    pub(super) fn install_gtk(
        &mut self,
        params: &AssocParams,
        index: u8,
        tx: bool,
        gtk: &[u8],
        rsc: [u8; 8],
    ) -> Result<(), PeerFault> {
        let group = params.selection.group;
        let Some(cipher) = group.driver_cipher().filter(|_| gtk.len() == group.key_len()) else {
            return Err(PeerFault::GtkLength(gtk.len()));
        };
        let group_key_only = params.selection.pairwise == CipherSet::NONE;
        if tx && !group_key_only {
            self.say(
                Level::Info,
                "WPA: Tx bit set for GTK, but pairwise keys are used - ignore Tx bit".to_owned(),
            );
        }
        if self.gtk.as_deref() == Some(gtk) {
            return Ok(());
        }
        self.gtk = Some(gtk.to_vec());
        self.actions.push(RsnAction::Secret(Secret::TemporalKey { key: gtk.to_vec() }));
        self.actions.push(RsnAction::NewKey(Key {
            cipher,
            scope: KeyScope::Group,
            index,
            key: gtk.to_vec(),
            rsc: first_six(rsc),
            tx: tx && group_key_only,
        }));
        Ok(())
    }

    pub(super) fn install_igtk(&mut self, params: &AssocParams, igtk: Option<&IgtkKde>) {
        let Some(igtk) = igtk.filter(|_| params.group_mgmt == Some(CipherSet::BIP_CMAC_128)) else { return };
        let Ok(index @ (4 | 5)) = u8::try_from(igtk.index) else { return };
        if self.igtk == Some(igtk.key) {
            return;
        }
        self.igtk = Some(igtk.key);
        self.actions.push(RsnAction::NewKey(Key {
            cipher: Cipher::BipCmac128,
            scope: KeyScope::Group,
            index,
            key: igtk.key.to_vec(),
            rsc: igtk.ipn,
            tx: false,
        }));
    }
}

fn first_six(rsc: [u8; 8]) -> [u8; 6] {
    let [a, b, c, d, e, f, _, _] = rsc;
    [a, b, c, d, e, f]
}
