//! The text that 2.10 prints of its driver, here nl80211 on hwsim: capabilities are constants of that pair.

use wpasim_wire::MacAddr;

use crate::runtime::driver_state::DriverState;

/// The variable part of STATUS-DRIVER.
pub(crate) struct DriverStatus<'a> {
    pub ifindex: u32,
    pub ifname: &'a str,
    pub addr: MacAddr,
    pub phy: &'a str,
    pub operstate: u8,
    pub state: &'a DriverState,
    /// capa.key_mgmt: that of a build.
    pub key_mgmt: u32,
    pub country: [u8; 2],
}

/// capa.key_mgmt of wpa_supplicant as Debian builds it.
pub(crate) const OF_STATION: u32 = 0x1ff6f;
/// The same of hostapd.
pub(crate) const OF_ACCESS_POINT: u32 = 0x1ff0f;

/// Capability lines that never change.
const CAPABILITIES: &str = "capa.enc=0xfef
capa.auth=0x7
capa.flags=0xe4000d31db5bfbe0
capa.rrm_flags=0x10
capa.max_scan_ssids=4
capa.max_sched_scan_ssids=0
capa.sched_scan_supported=0
capa.max_match_sets=0
capa.max_remain_on_chan=5000
capa.max_stations=0
capa.probe_resp_offloads=0x0
capa.max_acl_mac_addrs=0
capa.num_multichan_concurrent=0
capa.mac_addr_rand_sched_scan_supported=0
capa.mac_addr_rand_scan_supported=1
capa.conc_capab=0
capa.max_conc_chan_2_4=0
capa.max_conc_chan_5_0=0
capa.max_sched_scan_plans=1
capa.max_sched_scan_plan_interval=4294967295
capa.max_sched_scan_plan_iterations=0
";

impl DriverStatus<'_> {
    pub(crate) fn text(&self) -> String {
        let Self { ifindex, ifname, addr, phy, operstate, key_mgmt, .. } = self;
        let DriverState { scan_state, auth_bssid, auth_attempt_bssid, bssid, prev_bssid, .. } = self.state;
        let DriverState { assoc_freq, freq, last_mgmt_freq, .. } = self.state;
        let beacon = if self.state.beacon_set { "beacon_set=1\n" } else { "" };
        let completed = if self.state.scan_completed { "scan_complete_events=1\n" } else { "" };
        let associated = u8::from(self.state.associated);
        let [c0, c1] = self.country.map(char::from);
        format!(
            "ifindex={ifindex}\nifname={ifname}\nbrname=\naddr={addr}\nfreq={freq}\n{beacon}phyname={phy}\n\
             perm_addr={addr}\ndrv_ifindex={ifindex}\noperstate={operstate}\nscan_state={scan_state}\n\
             auth_bssid={auth_bssid}\nauth_attempt_bssid={auth_attempt_bssid}\nbssid={bssid}\n\
             prev_bssid={prev_bssid}\nassociated={associated}\nassoc_freq={assoc_freq}\nmonitor_sock=-1\n\
             monitor_ifidx=-1\nmonitor_refcount=0\nlast_mgmt_freq={last_mgmt_freq}\neapol_tx_sock=-1\n\
             {completed}in_interface_list=1\npoll_command_supported=1\ndata_tx_status=1\n\
             capa.key_mgmt={key_mgmt:#x}\n{CAPABILITIES}country={c0}{c1}\n"
        )
    }
}

/// DRIVER_FLAGS.
pub(crate) fn flags() -> String {
    "E4000D31DB5BFBE0:
SME
AP
SET_KEYS_AFTER_ASSOC_DONE
HT_2040_COEX
P2P_CONCURRENT
P2P_CAPABLE
AP_TEARDOWN_SUPPORT
P2P_MGMT_AND_NON_P2P
VALID_ERROR_CODES
OFFCHANNEL_TX
EAPOL_TX_STATUS
DEAUTH_TX_STATUS
TDLS_SUPPORT
TDLS_EXTERNAL_SETUP
AP_UAPSD
AP_MLME
SAE
IBSS
RADAR
QOS_MAPPING
AP_CSA
MESH
HT_IBSS
VHT_IBSS
FULL_AP_CLIENT_STATE
SUPPORT_FILS
BEACON_RATE_LEGACY
CONTROL_PORT
SAFE_PTK0_REKEYS
BEACON_PROTECTION
EXTENDED_KEY_ID
"
    .to_owned()
}

/// DRIVER_FLAGS2 of hostapd, which has no name for one of them.
pub(crate) fn flags2_of_access_point() -> String {
    "0000000000000103:\nCONTROL_PORT_RX\nCONTROL_PORT_TX_STATUS\nUNKNOWN\n".to_owned()
}

/// DRIVER_FLAGS2 of wpa_supplicant.
pub(crate) fn flags2() -> String {
    "5:\nCONTROL_PORT_RX\nCONTROL_PORT_TX_STATUS\n".to_owned()
}
