//! The channel on which a radio receives, and what leaving the operating channel means for an
//! associated station.

use wpasim_wire::MacAddr;

use super::{RadioIx, VifIx, compose};
use crate::air::Air;

impl Air {
    /// Works out where a radio receives now and enters it into the channels' lists.
    pub fn retune(&mut self, radio_ix: RadioIx) {
        self.tune(radio_ix, None);
    }

    /// As [`Air::retune`], after a change of this interface alone: a radio that stays where it is may have thousands of others.
    pub fn retune_for(&mut self, vif: VifIx) {
        self.tune(self.vif(vif).radio, Some(vif));
    }

    fn tune(&mut self, radio_ix: RadioIx, changed: Option<VifIx>) {
        let radio = self.radio(radio_ix);
        let roc = radio.roc.iter().find(|r| r.is_started());
        let hears_all = radio.scan.as_ref().is_some_and(|s| s.hearing);
        let wanted = match (&radio.scan, roc) {
            (Some(scan), _) if scan.away_on.is_some() => scan.away_on,
            (_, Some(roc)) => Some(roc.freq),
            (Some(scan), _) if scan.on_channel && scan.hearing => Some(radio.oper_freq),
            _ => self.has_context(radio_ix).then_some(radio.oper_freq),
        };
        let before = radio.tuned;
        if let (Some(freq), Some(vif)) = (before.filter(|_| before == wanted), changed) {
            let responds = self.responds(vif);
            let channel = self.medium.channel(freq);
            channel.set_scanner(radio_ix, hears_all);
            channel.set_responder(vif, responds);
            return;
        }
        if let Some(freq) = before {
            let vifs = radio.vifs.clone();
            let comes_back = freq == radio.oper_freq && wanted.is_some();
            let stay = |vif: &VifIx| comes_back && self.vif(*vif).up && self.vif(*vif).ap.is_some();
            let access_points: Vec<VifIx> = vifs.iter().copied().filter(stay).collect();
            self.medium.channel(freq).leave_for_a_while(radio_ix, &vifs, &access_points);
        }
        self.radio_mut(radio_ix).tuned = wanted;
        let Some(freq) = wanted else { return };
        let vifs = self.radio(radio_ix).vifs.iter().copied();
        let responders: Vec<VifIx> = vifs.filter(|v| self.responds(*v)).collect();
        self.medium.channel(freq).join(radio_ix, hears_all, responders);
    }

    /// Returns whether an interface wants group-addressed requests.
    fn responds(&self, vif: VifIx) -> bool {
        let v = self.vif(vif);
        v.up && (v.ap.is_some() || v.report_probe_requests)
    }

    /// Whether a radio has an interface that uses the operating channel.
    pub fn has_context(&self, radio: RadioIx) -> bool {
        self.radio(radio).vifs.iter().any(|v| self.is_active(*v))
    }

    /// Whether an interface keeps its radio on the operating channel.
    fn is_active(&self, vif: VifIx) -> bool {
        let v = self.vif(vif);
        v.up && (v.ap.is_some() || v.mlme.needs_channel())
    }

    /// Associated stations tell their AP that they sleep before the radio goes elsewhere.
    pub fn leave_operating_channel(&mut self, radio: RadioIx) {
        self.send_null_functions(radio, true);
    }

    /// Back on the operating channel: associated stations are awake, their beacon monitors begin
    /// anew.
    pub fn return_to_operating_channel(&mut self, radio: RadioIx) {
        self.retune(radio);
        self.send_null_functions(radio, false);
        for vif in self.radio(radio).vifs.clone() {
            self.reset_beacon_monitor(vif);
        }
    }

    fn send_null_functions(&mut self, radio: RadioIx, sleeping: bool) {
        let freq = self.radio(radio).oper_freq;
        let associated: Vec<(VifIx, MacAddr)> = self
            .radio(radio)
            .vifs
            .iter()
            .filter_map(|v| self.vif(*v).associated_bss().map(|(bssid, _)| (*v, bssid)))
            .collect();
        for (vif, bssid) in associated {
            let frame = compose::null_function(self.vif(vif).addr, bssid, sleeping);
            self.send_null(vif, frame, freq);
        }
    }
}
