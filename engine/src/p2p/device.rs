//! The device machine's state and what can be asked of it.

use super::*;
use crate::entropy::Entropy;
use std::collections::VecDeque;

/// One P2P device: a process has one.
#[derive(Debug)]
pub struct Device {
    pub(super) config: DeviceConfig,
    #[allow(dead_code)]
    pub(super) entropy: Entropy,
    pub(super) actions: VecDeque<Action>,
}

impl Device {
    /// A device at rest. Random draws come from streams `p2p/<purpose>` of `entropy`.
    pub fn new(config: DeviceConfig, entropy: &Entropy) -> Self {
        Device { config, entropy: entropy.clone(), actions: VecDeque::new() }
    }

    /// The next thing to carry out. After every other call it must be asked until it returns `None`.
    pub fn take_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What the device was told of itself. Changed through `set_config`.
    pub fn config(&self) -> &DeviceConfig {
        &self.config
    }

    /// Changes what the device says of itself. Channels are changed through `update_channel_list`,
    /// `set_listen_channel` and `set_operating_channel`.
    pub fn config_mut(&mut self) -> &mut DeviceConfig {
        &mut self.config
    }

    /// When `timeout` is due.
    pub fn next_timeout(&self) -> Option<Instant> {
        None
    }

    /// Fires one timer that is due at `cx.now`. Whether there was one.
    pub fn timeout(&mut self, _cx: &DevCx<'_>) -> bool {
        false
    }

    /// Looks for peers.
    pub fn find(&mut self, _cx: &DevCx<'_>, _request: FindRequest) -> Result<(), Refused> {
        Ok(())
    }

    /// Stops looking for peers.
    pub fn stop_find(&mut self, _cx: &DevCx<'_>) {}

    /// Stops looking for peers, but not a listen state on this channel.
    pub fn stop_find_for_freq(&mut self, _cx: &DevCx<'_>, _freq: u32) {}

    /// Listens for a while.
    pub fn listen(&mut self, _cx: &DevCx<'_>, _duration: Duration) -> Result<(), Refused> {
        Ok(())
    }

    /// Ends `listen`, not a listen state of another operation.
    pub fn stop_listen(&mut self, _cx: &DevCx<'_>) {}

    /// Listens for `period` every `interval`; both zero to stop.
    pub fn ext_listen(
        &mut self,
        _cx: &DevCx<'_>,
        _period: Duration,
        _interval: Duration,
    ) -> Result<(), Refused> {
        Ok(())
    }

    /// Starts group owner negotiation.
    pub fn connect(&mut self, _cx: &DevCx<'_>, _request: ConnectRequest) -> Result<(), Refused> {
        Ok(())
    }

    /// Lets a peer start group owner negotiation.
    pub fn authorize(&mut self, _cx: &DevCx<'_>, _request: ConnectRequest) -> Result<(), Refused> {
        Ok(())
    }

    /// Takes an authorization back.
    pub fn unauthorize(&mut self, _cx: &DevCx<'_>, _peer: MacAddr) -> Result<(), Refused> {
        Ok(())
    }

    /// Refuses a peer until the user connects to it.
    pub fn reject(&mut self, _cx: &DevCx<'_>, _peer: MacAddr) -> Result<(), Refused> {
        Ok(())
    }

    /// Asks a peer for a way to authenticate. `force_freq` is in MHz.
    pub fn prov_disc_req(
        &mut self,
        _cx: &DevCx<'_>,
        _peer: MacAddr,
        _config_methods: u16,
        _join: bool,
        _force_freq: Option<u32>,
        _user_initiated: bool,
    ) -> Result<(), Refused> {
        Ok(())
    }

    /// Invites a peer to a group.
    pub fn invite(&mut self, _cx: &DevCx<'_>, _request: InviteRequest) -> Result<(), Refused> {
        Ok(())
    }

    /// Asks a group owner to be present.
    pub fn presence_req(&mut self, _cx: &DevCx<'_>, _request: PresenceRequest) -> Result<(), Refused> {
        Ok(())
    }

    /// Forgets every peer and stops everything.
    pub fn flush(&mut self, _cx: &DevCx<'_>) {}

    /// Forgets peers not seen for a minute; to be called every 30 seconds or so.
    pub fn expire_peers(&mut self, _cx: &DevCx<'_>) {}

    /// Registration with the peer at this interface address succeeded.
    pub fn wps_success(&mut self, _cx: &DevCx<'_>, _interface: MacAddr) {}

    /// Group formation failed.
    pub fn group_formation_failed(&mut self, _cx: &DevCx<'_>) {}

    /// Whether the driver started the scan it was asked for.
    pub fn scan_trigger_status(&mut self, _cx: &DevCx<'_>, _started: bool) {}

    /// One scan result with P2P elements, received at `rx_time`. Whether to stop handing results over.
    pub fn scan_res_handler(
        &mut self,
        _cx: &DevCx<'_>,
        _bssid: MacAddr,
        _freq: u32,
        _rx_time: Instant,
        _level: i32,
        _ies: &[u8],
    ) -> bool {
        false
    }

    /// All results were handed over. `delay` is added before the next iteration.
    pub fn scan_res_handled(&mut self, _cx: &DevCx<'_>, _delay: Duration) {}

    /// A probe request came.
    pub fn rx_probe_req(
        &mut self,
        _cx: &DevCx<'_>,
        _src: MacAddr,
        _dst: Option<MacAddr>,
        _bssid: Option<MacAddr>,
        _ies: &[u8],
        _freq: u32,
    ) -> ProbeStatus {
        ProbeStatus::NotListening
    }

    /// An action frame came; `body` begins at the category octet.
    pub fn rx_action(
        &mut self,
        _cx: &DevCx<'_>,
        _dst: MacAddr,
        _src: MacAddr,
        _bssid: MacAddr,
        _body: &[u8],
        _freq: u32,
    ) {
    }

    /// The fate of the action frame that was sent last.
    pub fn send_action_cb(
        &mut self,
        _cx: &DevCx<'_>,
        _freq: u32,
        _dst: MacAddr,
        _src: MacAddr,
        _bssid: MacAddr,
        _result: SendResult,
    ) {
    }

    /// The listen state began.
    pub fn listen_cb(&mut self, _cx: &DevCx<'_>, _freq: u32, _duration: Duration) {}

    /// The listen state ended. Whether an operation goes on by itself.
    pub fn listen_end(&mut self, _cx: &DevCx<'_>, _freq: u32) -> bool {
        false
    }

    /// A deauthentication frame of the group owner came, with its elements.
    pub fn deauth_notif(&mut self, _cx: &DevCx<'_>, _bssid: MacAddr, _reason: u16, _ies: &[u8]) {}

    /// A disassociation frame of the group owner came, with its elements.
    pub fn disassoc_notif(&mut self, _cx: &DevCx<'_>, _bssid: MacAddr, _reason: u16, _ies: &[u8]) {}

    /// The P2P element of probe requests, for peer `device_id` or everybody.
    pub fn scan_ie(&self, _device_id: Option<MacAddr>) -> Vec<u8> {
        Vec::new()
    }

    /// The P2P element of the association request to the BSS whose P2P element, if it has one, has these
    /// attributes.
    pub fn assoc_req_ie(&self, _bssid: MacAddr, _p2p_group: bool, _attributes: Option<&[u8]>) -> Vec<u8> {
        Vec::new()
    }

    /// The elements of probe responses: WPS, vendor elements, P2P.
    pub fn probe_response_ies(&self) -> Vec<u8> {
        Vec::new()
    }

    /// An SSID for a new group: `DIRECT-xy` and the postfix.
    pub fn build_ssid(&mut self) -> Ssid {
        Ssid::default()
    }

    /// SSID and passphrase of a new group.
    pub fn go_params(&mut self) -> (Ssid, String) {
        (Ssid::default(), String::new())
    }

    /// A peer of which more than a probe request is known.
    pub fn peer_info(&self, _addr: MacAddr) -> Option<&PeerInfo> {
        None
    }

    /// Addresses of peers in the order in which `P2P_PEER FIRST` and `NEXT-` go through them.
    pub fn peers(&self) -> Vec<MacAddr> {
        Vec::new()
    }

    /// The part of `P2P_PEER`'s reply that the machine keeps (`age=` and what follows); the other part
    /// is made of [`PeerInfo`].
    pub fn peer_text(&self, _now: Instant, _addr: MacAddr) -> Option<String> {
        None
    }

    /// Whether there is an entry for this address.
    pub fn peer_known(&self, _addr: MacAddr) -> bool {
        false
    }

    /// The interface address of a peer.
    pub fn interface_addr(&self, _device: MacAddr) -> Option<MacAddr> {
        None
    }

    /// The peer with this interface address.
    pub fn device_addr(&self, _interface: MacAddr) -> Option<MacAddr> {
        None
    }

    /// The operating channel of the peer with this interface address, in MHz.
    pub fn oper_freq(&self, _interface: MacAddr) -> Option<u32> {
        None
    }

    /// The configuration methods that provision discovery with this peer left; 0 without.
    pub fn provisioning_info(&self, _addr: MacAddr) -> u16 {
        0
    }

    /// Forgets them.
    pub fn clear_provisioning_info(&mut self, _addr: MacAddr) {}

    /// The peer group owner negotiation is going on with.
    pub fn go_neg_peer(&self) -> Option<MacAddr> {
        None
    }

    /// Whether an operation is going on.
    pub fn in_progress(&self) -> Progress {
        Progress::Idle
    }

    /// The state as debug output and STATUS name it.
    pub fn state_text(&self) -> &'static str {
        "IDLE"
    }

    /// Whether this device can be woken in a group.
    pub fn set_client_discoverability(&mut self, _enabled: bool) {}

    /// Whether the device takes part in managed infrastructure.
    pub fn set_managed(&mut self, _enabled: bool) {}

    /// Only this peer is taken note of; `None` for all.
    pub fn set_peer_filter(&mut self, _addr: Option<MacAddr>) {}

    /// Whether clients may be connected to infrastructure.
    pub fn set_cross_connect(&mut self, _enabled: bool) {}

    /// The listen channel; takes effect when the device is at rest. `forced` by the user.
    pub fn set_listen_channel(&mut self, _listen: ClassChannel, _forced: bool) -> Result<(), Refused> {
        Ok(())
    }

    /// The operating channel; `configured` by the user.
    pub fn set_operating_channel(
        &mut self,
        _operating: ClassChannel,
        _configured: bool,
    ) -> Result<(), Refused> {
        Ok(())
    }

    /// Channels as a group owner, and more as a client.
    pub fn update_channel_list(&mut self, _channels: Channels, _client_channels: Channels) {}

    /// The best channels in MHz: 2.4 GHz, 5 GHz, overall; 0 if unknown.
    pub fn set_best_channels(&mut self, _ghz2: u32, _ghz5: u32, _overall: u32) {}

    /// The channel other interfaces use, in MHz.
    pub fn set_own_freq_preference(&mut self, _freq: Option<u32>) {}

    /// How long this device takes to start as owner and as client, in units of 10 ms.
    pub fn set_config_timeout(&mut self, _go: u8, _client: u8) {}

    /// How long listen states of `find` last, in units of 100 TU, and their limit in TU.
    pub fn set_disc_int(&mut self, _min: i32, _max: i32, _max_tu: Option<u32>) -> Result<(), Refused> {
        Ok(())
    }

    /// Wi-Fi Display elements, whole, by the frame that carries them.
    pub fn set_wfd(&mut self, _wfd: WfdElements) {}
}

/// Whether an operation is going on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    Idle,
    /// Not a search.
    Busy,
    Searching,
}

/// Wi-Fi Display elements (whole), by the frame that carries them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WfdElements {
    pub beacon: Vec<u8>,
    pub probe_request: Vec<u8>,
    pub probe_response: Vec<u8>,
    pub assoc_request: Vec<u8>,
    pub invitation: Vec<u8>,
    pub prov_disc_request: Vec<u8>,
    pub prov_disc_response: Vec<u8>,
    pub go_negotiation: Vec<u8>,
}
