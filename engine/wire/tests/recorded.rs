//! Test vectors from debug logs of wpa_supplicant 2.10: a WPA2 connection with a group rekey, and a
//! connection to an AP with a TKIP group key under CCMP.

use wpasim_wire::MacAddr;
use wpasim_wire::crypto::{self, PtkContext};
use wpasim_wire::eapol::{EapolKey, mic_is_valid};
use wpasim_wire::kde::{self, GtkKde, KeyData};
use wpasim_wire::rsne::{AkmSet, CipherSet, SecurityElement};

const WPA2_M1: &str = "\
     0203005f02008a001000000000000000010977dd6544d1879f2b6c5496bbe96ea199825dcdb814a005d7624397995587 \
     010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000 \
     000000";
const WPA2_M2: &str = "\
     0103007502010a000000000000000000010b04e5c87e32048412877e62d7c8b1fb616143bc35343f771cb13c11c311ff \
     4800000000000000000000000000000000000000000000000000000000000000001fc13c1a51ed6c4090e13aee73279e \
     6e001630140100000fac040100000fac040100000fac020000";
const WPA2_M3: &str = "\
     020300970213ca001000000000000000020977dd6544d1879f2b6c5496bbe96ea199825dcdb814a005d7624397995587 \
     0100000000000000000000000000000000000000000000000000000000000000000ef95bf40c2574eaea8feeda90cc31 \
     310038ca574985e4a007c63d6b067b13744886e2957106b77c3e22a7911b937f2e01dbc6ffaf0c76b1ad02db94633806 \
     276c510a402ea3ae8e4ca9";
const WPA2_M4: &str = "\
     0103005f02030a0000000000000000000200000000000000000000000000000000000000000000000000000000000000 \
     000000000000000000000000000000000000000000000000000000000000000000ad713ac13945fb24b34d39f33679e4 \
     100000";
const WPA2_G1: &str = "\
     0203007f0213820000000000000000000300000000000000000000000000000000000000000000000000000000000000 \
     00000000000000000000000000000000000000000000000000000000000000000069bc2c68b27b48f6f285f74fe0d1cb \
     a10020e97bcc2c1cdf0ed0a77d494e0db68f454481be444c2ea24fc6bc3e8137b4254c";
const WPA2_G2: &str = "\
     0103005f0203020000000000000000000300000000000000000000000000000000000000000000000000000000000000 \
     00000000000000000000000000000000000000000000000000000000000000000096f05232fb6138e81989959c7985d5 \
     c90000";
const WPA2_PMK: &str = "428a9f77fcb9d0fdbb340307c15789f7643360f82a49a984666446da3dda40e7";
const WPA2_PTK: &str =
    "5b40b850fe60e0200ca57334bf8e08be753a4ce6bb4397a1c612c2d41c8764aa6c82fb6ec532909888201a6897ad5dd2";
const WPA2_M3_DATA: &str =
    "30140100000fac040100000fac040100000fac020000dd16000fac0101006eedee6f05fdd84bbaf1d78c591e6c9fdd00";
const WPA2_G1_DATA: &str = "dd16000fac010200d2508db8b5f964a46d90f186c496a1c9";
const MIXED_PMK: &str = "3c787bba8bf0fb01d4320195a030fc10584f7621063059705d89fc3aab4ffa60";
const MIXED_PTK: &str =
    "b9b2b7673956a96b9171a5756439d5c3ca9d62f99592d688e83db3cc087670f7d5d32c2b9465b52baa0661077978f4df";
const MIXED_M1: &str = "\
     0203005f02008a00100000000000000001177862d7fc235a933b06f5abae1c8a77bf607aa4a176b653374db15154ed36 \
     a50000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000 \
     000000";
const MIXED_M2: &str = "\
     0103007502010a00000000000000000001e7d0260bf22545ce0eb5ada191a9d1a0a12dfde89743ca4320b45d79123cd0 \
     2f0000000000000000000000000000000000000000000000000000000000000000304830f89af3aa1328e7245b420adc \
     e7001630140100000fac020100000fac040100000fac020000";
const MIXED_M3: &str = "\
     020300c70213ca00100000000000000002177862d7fc235a933b06f5abae1c8a77bf607aa4a176b653374db15154ed36 \
     a500000000000000000000000000000000000000000000000000000000000000009b6897917c0686ce4bc9478a7600b1 \
     2f0068e77138d78a9929b338752f5e6b9d5ef9355cc498727eae15e22d0550d5319e6ab0cf184fff42f58fa87bd2aa79 \
     fdc1b6ccef3aefdc3eca7d32a78dbd2abc4171cfdf08aeae6fda8faef4e158b6d0023931bd97c32e815966011ea9cdda \
     3be7c562d043d4694dfe13";
const MIXED_M3_DATA: &str = "\
     30180100000fac020200000fac04000fac020100000fac020c00dd1a0050f20101000050f20202000050f2040050f202 \
     01000050f202dd26000fac0101003b5f2a267f4c958d724745ec1008309960865ec5fc8019333b7e56bad9f3d074dd00";
const MIXED_M4: &str = "\
     0103005f02030a0000000000000000000200000000000000000000000000000000000000000000000000000000000000 \
     000000000000000000000000000000000000000000000000000000000000000000f79d859092419d6c527339f2a91c9b \
     2d0000";
const MIXED_GTK: &str = "3b5f2a267f4c958d724745ec1008309960865ec5fc8019333b7e56bad9f3d074";

const AP: MacAddr = MacAddr([2, 0, 0, 0, 1, 0]);
const STATION: MacAddr = MacAddr([2, 0, 0, 0, 0, 0]);

fn octets(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|d| u8::from_str_radix(&d.iter().collect::<String>(), 16).expect("pairs of digits"))
        .collect()
}

struct Handshake {
    pmk: Vec<u8>,
    ptk: Vec<u8>,
    m1: EapolKey,
    m2: Vec<u8>,
    m3: Vec<u8>,
    m4: Vec<u8>,
    m3_data: Vec<u8>,
}

fn check(h: &Handshake) -> KeyData {
    let m2 = EapolKey::parse(&h.m2).unwrap();
    let m3 = EapolKey::parse(&h.m3).unwrap();
    let context = PtkContext { aa: AP, spa: STATION, anonce: &h.m1.nonce, snonce: &m2.nonce };
    let ptk = crypto::derive_ptk(&h.pmk, &context, false, 16);
    assert_eq!([&ptk.kck[..], &ptk.kek, &ptk.tk].concat(), h.ptk);
    for frame in [&h.m2, &h.m3, &h.m4] {
        assert!(mic_is_valid(&ptk.kck, 2, frame));
        let parsed = EapolKey::parse(frame).unwrap();
        assert_eq!(parsed.emit(), *frame);
        assert_eq!(parsed.emit_signed(&ptk.kck), *frame);
    }
    let data = crypto::key_unwrap(&ptk.kek, &m3.key_data).unwrap();
    assert_eq!(data, h.m3_data);
    assert_eq!(crypto::key_wrap(&ptk.kek, &data), Some(m3.key_data));
    KeyData::parse(&data).unwrap()
}

#[test]
fn wpa2_connection_and_group_rekey() {
    let h = Handshake {
        pmk: octets(WPA2_PMK),
        ptk: octets(WPA2_PTK),
        m1: EapolKey::parse(&octets(WPA2_M1)).unwrap(),
        m2: octets(WPA2_M2),
        m3: octets(WPA2_M3),
        m4: octets(WPA2_M4),
        m3_data: octets(WPA2_M3_DATA),
    };
    assert_eq!(crypto::psk(b"secret passphrase", b"jkm private").to_vec(), h.pmk);
    let key_data = check(&h);
    let gtk = key_data.gtk.unwrap();
    assert_eq!((gtk.index, gtk.tx, gtk.key.len()), (1, false, 16));
    // The authenticator's key data again, from what was parsed.
    let mut rebuilt = key_data.rsn_element.unwrap();
    kde::push_gtk(&mut rebuilt, &gtk);
    kde::pad(&mut rebuilt);
    assert_eq!(rebuilt, h.m3_data);

    let kck = h.ptk[..16].try_into().unwrap();
    let kek = h.ptk[16..32].try_into().unwrap();
    let group = octets(WPA2_G1);
    assert!(mic_is_valid(&kck, 2, &group));
    let data = crypto::key_unwrap(&kek, &EapolKey::parse(&group).unwrap().key_data).unwrap();
    assert_eq!(data, octets(WPA2_G1_DATA));
    assert_eq!(KeyData::parse(&data).unwrap().gtk.map(|g| g.index), Some(2));
    assert!(mic_is_valid(&kck, 2, &octets(WPA2_G2)));
}

#[test]
fn tkip_group_key_under_ccmp() {
    let key_data = check(&Handshake {
        pmk: octets(MIXED_PMK),
        ptk: octets(MIXED_PTK),
        m1: EapolKey::parse(&octets(MIXED_M1)).unwrap(),
        m2: octets(MIXED_M2),
        m3: octets(MIXED_M3),
        m4: octets(MIXED_M4),
        m3_data: octets(MIXED_M3_DATA),
    });
    assert_eq!(key_data.gtk, Some(GtkKde { index: 1, tx: false, key: octets(MIXED_GTK) }));
    let rsne = SecurityElement::parse(key_data.rsn_element.as_deref().unwrap()).unwrap();
    assert_eq!((rsne.group, rsne.pairwise), (CipherSet::TKIP, CipherSet::CCMP | CipherSet::TKIP));
    assert_eq!((rsne.akm, rsne.capabilities), (AkmSet::PSK, 0x000c));
    assert_eq!(Some(rsne.emit()), key_data.rsn_element);
    let wpa = SecurityElement::parse(key_data.wpa_element.as_deref().unwrap()).unwrap();
    assert_eq!((wpa.group, wpa.pairwise), (CipherSet::TKIP, CipherSet::CCMP | CipherSet::TKIP));
    assert_eq!(Some(wpa.emit()), key_data.wpa_element);
}

/// The UUID that every recorded supplicant at 02:00:00:00:00:00 puts into its probe requests.
#[test]
fn uuid_of_an_address() {
    assert_eq!(crypto::uuid_from_mac(STATION).to_vec(), octets("362db47ba53a519188fb5458b986b2e4"));
}
