//! Every socket that is served, and where those go that come with an interface.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::own::Own;
use super::sockets::{self, ControlSocket, Place, Ports, Reserve, Served, SocketError};
use crate::scenario::model::{Device, Role, Socket};
use crate::system;
use crate::target::DeviceId;

/// Directories below the run directory that hold sockets of their own accord.
const DIRECTORIES: [&str; 3] = ["wpa_supplicant", "global", "hostapd"];
/// The file that says which UDP port reaches whom.
const UDP_LIST: &str = "udp";
/// The process-wide socket of the access points.
const HOSTAPD_GLOBAL: &str = "hostapd-global";

/// The sockets, by number.
pub struct ControlSockets {
    run_dir: PathBuf,
    udp: Option<IpAddr>,
    open: BTreeMap<usize, Served>,
    next: usize,
    reserve: Rc<Reserve>,
    /// The list of UDP ports.
    list: Option<Own>,
}

impl ControlSockets {
    /// None yet.
    ///
    /// # Errors
    /// There are no file descriptors.
    pub fn new(run_dir: &Path, udp: Option<IpAddr>) -> io::Result<Self> {
        let reserve = Rc::new(Reserve::new()?);
        Ok(ControlSockets {
            run_dir: run_dir.to_owned(),
            udp,
            open: BTreeMap::new(),
            next: 0,
            reserve,
            list: None,
        })
    }

    /// The sockets that a device of a topology begins with.
    pub fn of_device(&self, device: &Device, id: DeviceId) -> Vec<ControlSocket> {
        let own = Socket::Interface(device.ifname());
        let path = |directory: &str| self.run_dir.join(directory).join(device.ifname());
        match device.role {
            Role::Supplicant(_) => {
                let mut control_sockets = self.with_udp(path("wpa_supplicant"), id, own, true);
                control_sockets.extend(self.with_udp(path("global"), id, Socket::Global, true));
                control_sockets
            }
            Role::Hostapd(_) => self.with_udp(path("hostapd"), id, own, false),
            Role::Scripted => Vec::new(),
        }
    }

    /// The process-wide socket of the host of access points.
    pub fn of_ap_host(&self, id: DeviceId) -> Vec<ControlSocket> {
        self.with_udp(self.run_dir.join(HOSTAPD_GLOBAL), id, Socket::Global, false)
    }

    /// The sockets of an interface that came. What `ctrl_interface` names is made below the run directory, by its
    /// last part: nothing is written elsewhere.
    pub fn of_interface(
        &self,
        id: DeviceId,
        ifname: &str,
        ctrl_interface: &str,
        is_supplicant: bool,
    ) -> Vec<ControlSocket> {
        let directory = ctrl_interface.strip_prefix("DIR=").unwrap_or(ctrl_interface);
        let directory = directory.split(" GROUP=").next().unwrap_or(directory);
        let usual = if is_supplicant { "wpa_supplicant" } else { "hostapd" };
        let last = Path::new(directory).file_name().map_or(usual.as_ref(), |name| name);
        let path = self.run_dir.join(last).join(ifname);
        self.with_udp(path, id, Socket::Interface(ifname.to_owned()), is_supplicant)
    }

    fn with_udp(
        &self,
        path: PathBuf,
        device: DeviceId,
        socket: Socket,
        is_supplicant: bool,
    ) -> Vec<ControlSocket> {
        let ports = Ports::of(&socket, is_supplicant);
        let udp = self.udp.map(|addr| Place::Udp { addr, ports });
        let places = [Some(Place::Path(path)), udp].into_iter().flatten();
        places.map(|place| ControlSocket { place, device, socket: socket.clone() }).collect()
    }

    /// The directory below the run directory in which a socket stands; `None` for one that stands in that itself.
    pub fn directory_of(&self, path: &Path) -> Option<String> {
        let directory = path.parent()?.strip_prefix(&self.run_dir).ok()?;
        Some(directory.display().to_string()).filter(|d| !d.is_empty())
    }

    /// Opens a socket; its number.
    ///
    /// # Errors
    /// It cannot be made, or the interface's name would lead it elsewhere.
    pub fn open(&mut self, control_socket: ControlSocket) -> Result<usize, SocketError> {
        if let Socket::Interface(name) = &control_socket.socket
            && !wpasim_engine::is_interface_name(name)
        {
            return Err(SocketError::NoName { name: name.clone() });
        }
        let served = sockets::serve(control_socket, self.reserve.clone())?;
        let number = self.next;
        self.next += 1;
        self.open.insert(number, served);
        Ok(number)
    }

    /// Whether a socket is there already for an interface.
    pub fn has(&self, device: DeviceId, socket: &Socket) -> bool {
        self.open.values().any(|s| s.control_socket.device == device && s.control_socket.socket == *socket)
    }

    /// Closes the sockets of a device, or those of one interface; their numbers.
    pub fn close(&mut self, device: DeviceId, socket: Option<&Socket>) -> Vec<usize> {
        let meant = |s: &Served| {
            s.control_socket.device == device && socket.is_none_or(|it| s.control_socket.socket == *it)
        };
        let numbers: Vec<usize> = self.open.iter().filter(|(_, s)| meant(s)).map(|(n, _)| *n).collect();
        for number in &numbers {
            self.open.remove(number);
        }
        numbers
    }

    /// A socket.
    pub fn get(&self, number: usize) -> Option<&Served> {
        self.open.get(&number)
    }

    /// A socket, to be opened anew.
    pub fn get_mut(&mut self, number: usize) -> Option<&mut Served> {
        self.open.get_mut(&number)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Served)> {
        self.open.iter().map(|(n, s)| (*n, s))
    }

    /// Writes which UDP port reaches whom, if any does.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn list_udp(&mut self) -> Result<(), SocketError> {
        if self.udp.is_none() {
            return Ok(());
        }
        let path = self.run_dir.join(UDP_LIST);
        let line = |served: &Served| {
            let addr = served.udp()?;
            let of_path = |s: &Served| match &s.control_socket.place {
                Place::Path(path) if s.control_socket.device == served.control_socket.device => {
                    (s.control_socket.socket == served.control_socket.socket).then(|| path.clone())
                }
                _ => None,
            };
            let path = self.open.values().find_map(of_path)?;
            let shown = path.strip_prefix(&self.run_dir).unwrap_or(&path).display().to_string();
            Some(format!("{addr} {shown}\n"))
        };
        let lines: String = self.open.values().filter_map(line).collect();
        // A file that another put into its place is replaced as a name, not followed.
        let mut builder = tempfile::Builder::new();
        builder.permissions(fs::Permissions::from_mode(0o644));
        let written = system::temporary(&builder, &path, &self.run_dir).and_then(|mut file| {
            system::write_all(file.as_file_mut(), &path, lines.as_bytes())?;
            system::persist(file, &path)
        });
        written.map_err(|error| SocketError::Io { path: path.display().to_string(), error })?;
        self.list = Some(Own::made(&path));
        Ok(())
    }
}

impl Drop for ControlSockets {
    fn drop(&mut self) {
        self.open.clear();
        self.list = None;
        // Like 2.10, which keeps a directory that has something else in it.
        for directory in DIRECTORIES {
            let _ = fs::remove_dir(self.run_dir.join(directory));
        }
    }
}
