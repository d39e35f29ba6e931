//! A release from a source tree of hostap, compiled with the options that Debian's packages have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::LabError;
use super::build::Runner;
use super::process::find_program;
use crate::release::Release;

/// What begins the manifest's line about the source.
pub(super) const SOURCE: &str = "hostap-source ";
/// Options of both programs, as Debian sets them: those that the control interface shows, or that a program needs on the
/// lab's radios.
const BOTH: &str = "CONFIG_DRIVER_NL80211=y
CONFIG_DRIVER_WIRED=y
CONFIG_DRIVER_NONE=y
CONFIG_LIBNL32=y
CONFIG_IEEE80211N=y
CONFIG_IEEE80211AC=y
CONFIG_IEEE80211AX=y
CONFIG_IEEE80211R=y
CONFIG_IEEE80211W=y
CONFIG_WNM=y
CONFIG_INTERWORKING=y
CONFIG_HS20=y
CONFIG_WPS=y
CONFIG_SAE=y
CONFIG_OWE=y
CONFIG_DPP=y
CONFIG_ACS=y
CONFIG_DEBUG_FILE=y
CONFIG_CTRL_IFACE=y
CONFIG_PKCS12=y
CONFIG_TLS=openssl
CONFIG_TLSV11=y
CONFIG_TLSV12=y
CONFIG_EAP_MD5=y
CONFIG_EAP_MSCHAPV2=y
CONFIG_EAP_TLS=y
CONFIG_EAP_PEAP=y
CONFIG_EAP_TTLS=y
CONFIG_EAP_FAST=y
CONFIG_EAP_GTC=y
CONFIG_EAP_PWD=y
CONFIG_EAP_AKA=y
CONFIG_EAP_AKA_PRIME=y
CONFIG_EAP_SIM=y
CONFIG_EAP_PAX=y
CONFIG_EAP_PSK=y
CONFIG_EAP_SAKE=y
CONFIG_EAP_GPSK=y
CONFIG_EAP_GPSK_SHA256=y
CONFIG_EAP_TNC=y
CONFIG_EAP_IKEV2=y
";
const SUPPLICANT: &str = "CONFIG_IEEE8021X_EAPOL=y
CONFIG_EAP_OTP=y
CONFIG_EAP_LEAP=y
CONFIG_BACKEND=file
CONFIG_PEERKEY=y
CONFIG_SMARTCARD=
CONFIG_AP=y
CONFIG_P2P=y
CONFIG_WIFI_DISPLAY=y
CONFIG_IBSS_RSN=y
CONFIG_MESH=y
CONFIG_TDLS=y
CONFIG_BGSCAN_SIMPLE=y
CONFIG_BGSCAN_LEARN=y
CONFIG_AUTOSCAN_EXPONENTIAL=y
CONFIG_AUTOSCAN_PERIODIC=y
CONFIG_WPS_ER=y
CONFIG_WPS_REG_DISABLE_OPEN=y
CONFIG_MACSEC=y
CONFIG_DRIVER_MACSEC_LINUX=y
CONFIG_NO_RANDOM_POOL=y
CONFIG_DELAYED_MIC_ERROR_REPORT=y
CONFIG_SUITEB192=y
CONFIG_SUITEB=y
CONFIG_FILS=y
";
const ACCESS_POINT: &str = "CONFIG_IAPP=y
CONFIG_RSN_PREAUTH=y
CONFIG_EAP=y
CONFIG_ERP=y
CONFIG_WPS_UPNP=y
CONFIG_RADIUS_SERVER=y
CONFIG_FULL_DYNAMIC_VLAN=y
CONFIG_VLAN_NETLINK=y
CONFIG_TAXONOMY=y
CONFIG_AIRTIME_POLICY=y
CONFIG_TESTING_OPTIONS=y
";
/// What the compiler needs, by pkg-config's names, and Debian's packages of them.
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
        fs::write(&config, format!("{BOTH}{options}")).map_err(io(&config))?;
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
