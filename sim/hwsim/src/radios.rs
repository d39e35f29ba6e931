//! The radios of the kernel: what hwsim says of them, and where sysfs shows them.

use std::fs;
use std::path::Path;

use wpasim_wire::MacAddr;

use crate::codec::RadioAttributes;
use crate::error::HwsimError;

/// The directory in which the kernel shows its radios.
const RADIOS: &str = "/sys/class/ieee80211";
/// The directory in which the kernel shows its network interfaces.
const INTERFACES: &str = "/sys/class/net";

/// A radio of the kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KernelRadio {
    /// hwsim's number for it.
    pub id: u32,
    /// The wiphy's name, `phy0`.
    pub phy: String,
    /// The wiphy's number, which events call WIPHY.
    pub index: u32,
    /// 02:00:00:00:0N:00, that of its first interface.
    pub addr: MacAddr,
    /// 42:00:00:00:0N:00, by which hwsim names the radio.
    pub second_addr: MacAddr,
    /// Its interfaces with their addresses, by name.
    pub interfaces: Vec<(String, MacAddr)>,
}

/// The parameters of a radio. It goes away with the [`crate::Bridge`] that made it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewRadio {
    /// The wiphy's name; otherwise the kernel chooses one.
    pub phy: Option<String>,
    /// Both of its addresses. They are then equal, and a second interface has no address of its own;
    /// without it the radio has 02:… and 42:… by its number.
    pub addr: Option<MacAddr>,
    /// With a P2P device beside its interface.
    pub p2p_device: bool,
    /// The number of one of hwsim's own regulatory domains (mac80211_hwsim's `regtest` has them).
    pub custom_regulatory: Option<u32>,
}

impl NewRadio {
    pub(crate) fn attributes(&self) -> RadioAttributes {
        RadioAttributes {
            name: self.phy.clone(),
            channels: Some(1),
            permanent_addr: self.addr,
            custom_regulatory: self.custom_regulatory,
            p2p_device: self.p2p_device,
            destroy_on_close: true,
            ..RadioAttributes::default()
        }
    }
}

/// Looks up a radio that hwsim described.
pub(crate) fn look_up(described: &RadioAttributes) -> Result<KernelRadio, HwsimError> {
    look_up_in(described, Path::new(RADIOS), Path::new(INTERFACES))
}

fn look_up_in(
    described: &RadioAttributes,
    radios: &Path,
    interfaces: &Path,
) -> Result<KernelRadio, HwsimError> {
    let (Some(id), Some(phy)) = (described.id, described.name.clone()) else {
        return Err(HwsimError::NoSuchRadio { radio: "without a number or a name".to_owned() });
    };
    let folder = radios.join(&phy);
    let index = read(&folder.join("index"))?;
    let number = index.parse().map_err(|_| unexpected(&folder.join("index"), &index))?;
    // Both addresses stand there, one a line; a radio with PERM_ADDR has one twice.
    let path = folder.join("addresses");
    let text = read(&path)?;
    let mut addrs = text.lines().map(|line| line.trim().parse::<MacAddr>());
    let addr = match addrs.next() {
        Some(Ok(addr)) => addr,
        _ => return Err(unexpected(&path, &text)),
    };
    let second_addr = addrs.next().and_then(Result::ok).unwrap_or(addr);
    let interfaces = interfaces_of(&phy, interfaces)?;
    Ok(KernelRadio { id, phy, index: number, addr, second_addr, interfaces })
}

/// The interfaces whose `phy80211/name` is this wiphy's.
fn interfaces_of(phy: &str, folder: &Path) -> Result<Vec<(String, MacAddr)>, HwsimError> {
    let fail = |source| HwsimError::Sysfs { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else { continue };
        // Wired interfaces have no wiphy, and others may vanish while we look.
        if read(&path.join("phy80211/name")).is_ok_and(|of| of == phy)
            && let Ok(addr) = read(&path.join("address"))
            && let Ok(addr) = addr.parse()
        {
            found.push((name.to_owned(), addr));
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, HwsimError> {
    let text =
        fs::read_to_string(path).map_err(|source| HwsimError::Sysfs { path: path.to_owned(), source })?;
    Ok(text.trim_end().to_owned())
}

fn unexpected(path: &Path, text: &str) -> HwsimError {
    HwsimError::SysfsText { path: path.to_owned(), text: text.chars().take(80).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of sysfs that goes away by itself.
    struct Sysfs(std::path::PathBuf);

    impl Sysfs {
        fn new(test: &str, files: &[(&str, &str)]) -> Sysfs {
            let root = std::env::temp_dir().join(format!("wpasim-sysfs-{test}-{}", std::process::id()));
            for (path, text) in files {
                let path = root.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Sysfs(root)
        }

        fn look_up(&self, phy: &str) -> Result<KernelRadio, HwsimError> {
            let described =
                RadioAttributes { id: Some(4), name: Some(phy.to_owned()), ..RadioAttributes::default() };
            look_up_in(&described, &self.0.join("ieee80211"), &self.0.join("net"))
        }
    }

    impl Drop for Sysfs {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_radio_is_found_with_its_interfaces() {
        let sysfs = Sysfs::new(
            "found",
            &[
                ("ieee80211/phy1/index", "1\n"),
                ("ieee80211/phy1/addresses", "02:00:00:00:01:00\n42:00:00:00:01:00\n"),
                ("net/wlan1/phy80211/name", "phy1\n"),
                ("net/wlan1/address", "02:00:00:00:01:00\n"),
                ("net/wlan0/phy80211/name", "phy0\n"),
                ("net/wlan0/address", "02:00:00:00:00:00\n"),
                ("net/eth0/address", "52:54:00:12:34:56\n"),
            ],
        );
        let radio = sysfs.look_up("phy1").unwrap();
        assert_eq!((radio.id, radio.index, radio.phy.as_str()), (4, 1, "phy1"));
        assert_eq!((radio.addr.to_string(), radio.second_addr.0[0]), ("02:00:00:00:01:00".to_owned(), 0x42));
        assert_eq!(radio.interfaces, [("wlan1".to_owned(), radio.addr)]);
    }

    #[test]
    fn a_radio_that_is_gone_or_strange_is_an_error() {
        let sysfs = Sysfs::new(
            "strange",
            &[
                ("ieee80211/phy1/index", "1\n"),
                ("ieee80211/phy1/addresses", "garbage\n"),
                ("ieee80211/phy2/index", "two\n"),
            ],
        );
        let said = |phy| sysfs.look_up(phy).unwrap_err().to_string();
        assert!(said("phy0").contains("mount sysfs"), "{}", said("phy0"));
        assert!(said("phy1").ends_with("holds `garbage`, which is not what is expected there"));
        assert!(said("phy2").contains("holds `two`"));
        let nameless = look_up_in(&RadioAttributes::default(), Path::new("/"), Path::new("/"));
        assert!(matches!(nameless, Err(HwsimError::NoSuchRadio { .. })));
    }
}
