//! The device machine's settings, from the configuration and as SET changes it.

use crate::config::keys::global;
use crate::runtime::never;
use wpasim_wire::driver::IfId;

use super::channels;
use super::radio::MAX_REMAIN_ON_CHANNEL;
use crate::config::text::atoi;
use crate::p2p::{ClassChannel, Device, DeviceConfig, FreqRanges};
use crate::supplicant::Supplicant;
use crate::supplicant::interface::{Context, Interface};

/// Peers that are remembered.
const MAX_PEERS: usize = 100;
/// Octets of an SSID after `DIRECT-xy`.
const MAX_POSTFIX: usize = 23;
/// Passphrases of groups, unless configured.
const PASSPHRASE: i32 = 8;
/// Any environment (the third octet of the country string).
const ENVIRONMENT: u8 = 0x04;

impl Supplicant {
    /// Starts P2P: the first interface that allows it is the P2P device.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_init
    pub(crate) fn start_p2p(&mut self, cx: Context<'_>) {
        let usable = |i: &&Interface| i.config.globals.int(global::P2P_DISABLED) == 0;
        let Some(interface) = self.interfaces.iter().find(usable) else { return };
        let (id, addr) = (interface.id(), interface.identity.addr);
        let mut draw = self.entropy.stream("p2p/channels");
        let (own, client) = interface.p2p_channels(cx.env, &FreqRanges::default());
        let none = FreqRanges::default();
        let listen =
            channels::configured(interface, global::P2P_LISTEN_REG_CLASS, global::P2P_LISTEN_CHANNEL);
        let operating = channels::configured(interface, global::P2P_OPER_REG_CLASS, global::P2P_OPER_CHANNEL);
        let Some(drawn) = own.random_social(&none, &none, &mut draw) else { return };
        let drawn_operating = own.random_social(&none, &none, &mut draw).unwrap_or_default();
        let globals = &interface.config.globals;
        let config = DeviceConfig {
            device: interface.wps.machine().device.clone(),
            uuid: interface.wps.machine().uuid,
            country: country(interface),
            listen: listen.unwrap_or(drawn),
            listen_forced: listen.is_some(),
            operating: operating.unwrap_or(drawn_operating),
            operating_configured: operating.is_some(),
            channels: own,
            client_channels: client,
            preferred_channels: preferred_channels(interface),
            no_go_freqs: no_go_freqs(interface),
            concurrent_operations: true,
            max_peers: MAX_PEERS,
            intra_bss: globals.int(global::P2P_INTRA_BSS) != 0,
            ssid_postfix: postfix(interface),
            max_listen: MAX_REMAIN_ON_CHANNEL.millis() as u32,
            passphrase_len: passphrase_len(interface),
        };
        let entropy = self.entropy.derive(&interface.identity.ifname);
        self.p2p.device.put(Box::new(Device::new(config, &entropy, &self.order)));
        self.p2p.shared.exists = true;
        self.p2p.shared.device_addr = addr;
        self.p2p.shared.device_iface = id;
        self.watch_peers(cx.now);
    }

    /// Handles a variable of an interface that SET changed.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_update_config
    pub(super) fn p2p_config_changed(&mut self, cx: Context<'_>, from: IfId, name: &str) {
        if name == "wifi_display" {
            return self.display_changed(cx);
        }
        let Some(interface) = self.interface(from) else { return never!("the interface is there") };
        let mut data = interface.wps.machine().device.clone();
        data.mac_addr = self.p2p.shared.device_addr;
        let uuid = interface.wps.machine().uuid;
        let country = country(interface);
        let (postfix, length) = (postfix(interface), passphrase_len(interface));
        let intra_bss = interface.config.globals.int(global::P2P_INTRA_BSS) != 0;
        let preferred = preferred_channels(interface);
        let no_go = no_go_freqs(interface);
        let listen =
            channels::configured(interface, global::P2P_LISTEN_REG_CLASS, global::P2P_LISTEN_CHANNEL);
        let operating = channels::configured(interface, global::P2P_OPER_REG_CLASS, global::P2P_OPER_CHANNEL);
        let drawn = ClassChannel { class: 81, channel: 1 + 5 * self.p2p.channel_choice.below(3) as u8 };
        let name = name.to_ascii_lowercase();
        self.with_device(cx, |d, _| match name.as_str() {
            "p2p_listen_reg_class" | "p2p_listen_channel" => {
                // A channel that does not exist changes nothing.
                let _ = d.set_listen_channel(listen.unwrap_or(drawn), listen.is_some());
            }
            "p2p_oper_reg_class" | "p2p_oper_channel" => {
                let _ = d.set_operating_channel(operating.unwrap_or(drawn), operating.is_some());
            }
            "p2p_pref_chan" | "p2p_no_go_freq" => {
                d.config_mut().preferred_channels = preferred;
                d.config_mut().no_go_freqs = no_go;
            }
            "p2p_ssid_postfix" => d.config_mut().ssid_postfix = postfix,
            "p2p_passphrase_len" => d.config_mut().passphrase_len = length,
            "p2p_intra_bss" => d.config_mut().intra_bss = intra_bss,
            "country" => d.config_mut().country = country,
            "uuid" => d.config_mut().uuid = uuid,
            _ => d.config_mut().device = data,
        });
    }

    /// The regulatory domain changed.
    //= hostap@2.10 wpa_supplicant/p2p_supplicant.c#wpas_p2p_update_channel_list
    pub(crate) fn p2p_channel_list_changed(&mut self, cx: Context<'_>) {
        let disallowed = self.p2p.disallowed.clone();
        self.p2p_disallow_freqs(cx, disallowed);
    }

    /// `P2P_SET disallow_freq`.
    pub(crate) fn p2p_disallow_freqs(&mut self, cx: Context<'_>, ranges: FreqRanges) -> bool {
        self.p2p.disallowed = ranges;
        let Some(interface) = self.device_interface() else { return false };
        let (own, client) = interface.p2p_channels(cx.env, &self.p2p.disallowed);
        let updated = self.with_device(cx, |d, _| d.update_channel_list(own, client)).is_some();
        self.consider_moving_owners(cx);
        updated
    }
}

fn country(interface: &Interface) -> [u8; 3] {
    match interface.config.globals.text(global::COUNTRY).map(str::as_bytes) {
        Some([a, b, ..]) => [*a, *b, ENVIRONMENT],
        _ => [b'X', b'X', ENVIRONMENT],
    }
}

fn postfix(interface: &Interface) -> Vec<u8> {
    let text = interface.config.globals.text(global::P2P_SSID_POSTFIX).unwrap_or_default().as_bytes();
    text.get(..MAX_POSTFIX).unwrap_or(text).to_vec()
}

fn passphrase_len(interface: &Interface) -> usize {
    match interface.config.globals.int(global::P2P_PASSPHRASE_LEN) {
        n @ 8..=63 => n as usize,
        _ => PASSPHRASE as usize,
    }
}

fn preferred_channels(interface: &Interface) -> Vec<ClassChannel> {
    let channel = |text: &String| {
        let (class, channel) = text.split_once(':')?;
        Some(ClassChannel { class: atoi(class) as u8, channel: atoi(channel) as u8 })
    };
    interface.config.globals.list(global::P2P_PREF_CHAN).iter().filter_map(channel).collect()
}

fn no_go_freqs(interface: &Interface) -> FreqRanges {
    let range = |text: &String| {
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        (atoi(low).max(0) as u32, atoi(high).max(0) as u32)
    };
    FreqRanges(interface.config.globals.list(global::P2P_NO_GO_FREQ).iter().map(range).collect())
}
