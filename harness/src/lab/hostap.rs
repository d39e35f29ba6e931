//! A release from a source tree of hostap, compiled with the options that Debian 12's packages have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::LabError;
use super::build::Runner;
use super::process::find_program;
use crate::release::Release;

/// The beginning of the manifest's line about the source.
pub(super) const SOURCE: &str = "hostap-source ";
/// Options that both programs have in Debian 12, but for those that need further libraries: D-Bus, smart cards, tracing.
const BOTH: &str = "\
    ACS DEBUG_FILE DPP2 DPP DRIVER_NL80211 DRIVER_NONE DRIVER_WIRED EAP_AKA EAP_AKA_PRIME EAP_EKE \
    EAP_FAST EAP_GPSK EAP_GPSK_SHA256 EAP_GTC EAP_IKEV2 EAP_MD5 EAP_MSCHAPV2 EAP_PAX EAP_PEAP EAP_PSK \
    EAP_PWD EAP_SAKE EAP_SIM EAP_TLS EAP_TNC EAP_TTLS FILS FILS_SK_PFS FST GETRANDOM HS20 IEEE80211AC \
    IEEE80211N IEEE80211R INTERWORKING IPV6 LIBNL32 MBO OCV OWE PKCS12 SAE SUITEB192 SUITEB TLSV11 TLSV12 \
    WEP WNM WPS WPS_NFC";
/// wpa_supplicant's own.
const SUPPLICANT: &str = "\
    AP AUTOSCAN_EXPONENTIAL AUTOSCAN_PERIODIC BGSCAN_LEARN BGSCAN_SIMPLE CTRL_IFACE DEBUG_SYSLOG \
    DELAYED_MIC_ERROR_REPORT DRIVER_MACSEC_LINUX DRIVER_NL80211_QCA DRIVER_WEXT EAP_LEAP EAP_OTP \
    HT_OVERRIDES IBSS_RSN IEEE80211W IEEE8021X_EAPOL MACSEC MESH P2P PMKSA_CACHE_EXTERNAL TDLS \
    VHT_OVERRIDES WIFI_DISPLAY WPS_ER WPS_REG_DISABLE_OPEN";
/// hostapd's own.
const ACCESS_POINT: &str = "\
    AIRTIME_POLICY EAP ERP FULL_DYNAMIC_VLAN IAPP IEEE80211AX RADIUS_SERVER RSN_PREAUTH TESTING_OPTIONS \
    VLAN_NETLINK WPS_UPNP";
/// Options that are no mere switches.
const VALUES: &str = "CONFIG_BACKEND=file\nCONFIG_DEBUG_SYSLOG_FACILITY=LOG_DAEMON\nCONFIG_TLS=openssl\nCONFIG_TLS_DEFAULT_CIPHERS=\"DEFAULT@SECLEVEL=1\"\n";
/// The libraries that the compiler needs, by pkg-config's names, and Debian's packages of them.
const NEEDED: [(&str, &str); 4] = [
    ("libnl-3.0", "libnl-3-dev"),
    ("libnl-genl-3.0", "libnl-genl-3-dev"),
    ("libnl-route-3.0", "libnl-route-3-dev"),
    ("openssl", "libssl-dev"),
];

/// Compiles both programs of a source tree, or of an archive of one, and installs them below `root`; the lines of the
/// manifest. The source tree stays as it is.
///
/// # Errors
/// When the compiler or a library is missing, it is no source of hostap, or it does not compile.
pub(super) fn compile(
    source: &Path,
    release: Release,
    root: &Path,
    jobs: usize,
    runner: &mut Runner<'_>,
) -> Result<Vec<String>, LabError> {
    let pkg_config =
        LabError::NoProgram { program: "pkg-config", purpose: "to compile hostap", package: "pkg-config" };
    find_program("pkg-config").ok_or(pkg_config)?;
    let lacking: Vec<&str> = NEEDED
        .iter()
        .filter(|(name, _)| {
            !Command::new("pkg-config").args(["--exists", name]).status().is_ok_and(|status| status.success())
        })
        .map(|(_, package)| *package)
        .collect();
    if !lacking.is_empty() {
        return Err(LabError::NoLibraries { packages: lacking.join(" ") });
    }
    let tree = runner.scratch().join("hostap");
    let io = |path: &Path| LabError::io(path.display().to_string());
    fs::create_dir_all(&tree).map_err(io(&tree))?;
    let mut copy = match source.is_dir() {
        true => {
            let mut command = Command::new("cp");
            command.args(["-a", "--"]).arg(source.join(".")).arg(&tree);
            command
        }
        false => {
            let mut command = Command::new("tar");
            command.arg("-C").arg(&tree).args(["--strip-components=1", "-xf"]).arg(source);
            command
        }
    };
    copy.env("LC_ALL", "C");
    runner.run("copying the source of hostap", copy)?;
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let jobs = format!("-j{}", if jobs == 0 { cores } else { jobs });
    let sbin = root.join("usr/sbin");
    fs::create_dir_all(&sbin).map_err(io(&sbin))?;
    let programs = [
        ("wpa_supplicant", SUPPLICANT, ["wpa_supplicant", "wpa_cli", "wpa_passphrase"].as_slice()),
        ("hostapd", ACCESS_POINT, ["hostapd", "hostapd_cli"].as_slice()),
    ];
    for (name, options, products) in programs {
        let dir = tree.join(name);
        if !dir.join("Makefile").is_file() {
            return Err(LabError::NotInIt { path: source.to_owned(), what: format!("{name}/Makefile") });
        }
        let config = dir.join(".config");
        let switches = BOTH.split_whitespace().chain(options.split_whitespace());
        let switches: String = switches.map(|name| format!("CONFIG_{name}=y\n")).collect();
        fs::write(&config, switches + VALUES).map_err(io(&config))?;
        let make = |targets: &[&str]| {
            let mut command = Command::new("make");
            command.arg("-C").arg(&dir).args(targets).env("LC_ALL", "C");
            command
        };
        // Objects of another configuration may lie in the tree.
        runner.run(&format!("cleaning {name}"), make(&["clean"]))?;
        let mut compile = make(&[&jobs]);
        compile.args(products);
        runner.run(&format!("compiling {name} {release}"), compile)?;
        for product in products {
            let (from, to) = (dir.join(product), sbin.join(product));
            fs::copy(&from, &to).map_err(io(&from))?;
        }
    }
    let mut digests = Vec::new();
    for program in ["wpa_supplicant", "hostapd"] {
        digests.push(format!("{program} {release} sha256:{}", super::cache::digest(&sbin.join(program))?));
    }
    let shown: PathBuf = source.canonicalize().unwrap_or_else(|_| source.to_owned());
    digests.push(format!("{SOURCE}{}", shown.display()));
    Ok(digests)
}
