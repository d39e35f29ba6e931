//! Ten million commands of which one in a hundred makes or removes an interface, a group or an access point.

use std::path::Path;

use super::{Client, resident, serve_with};

const MILLIONS: usize = 10;
const CLIENTS: usize = 8;
/// Commands of a million that make or remove something, in cycles of six.
const CHANGES: usize = 9_996;

/// Says the memory after each million; how much more the last is than the first.
pub fn churn(place: &Path) {
    let file = place.join("churn.conf");
    std::fs::write(&file, "interface=wlan3\nctrl_interface=/run/hostapd\nssid=x\nchannel=1\n").unwrap();
    let server = serve_with(place, &[]);
    let global = Client::new(place, "global", &place.join("run/global/wlan0"));
    let hosts = Client::new(place, "hosts", &place.join("run/hostapd-global"));
    let owner = Client::new(place, "owner", &place.join("run/wpa_supplicant/wlan1"));
    let askers: Vec<Client> = (0..CLIENTS)
        .map(|n| {
            Client::new(place, &format!("c{n}"), &place.join(format!("run/wpa_supplicant/wlan{}", n % 2)))
        })
        .collect();
    let add = format!("ADD bss_config=phy3:{}", file.display());
    let cycle = |n: usize| {
        let name = format!("z{}", n % 50);
        let make = format!("INTERFACE_ADD {name}\t\tnl80211\tDIR=/x/wpa_supplicant\t\t\tcreate");
        let remove = format!("INTERFACE_REMOVE {name}");
        let changes: [(&Client, &str); 6] = [
            (&global, &make),
            (&global, &remove),
            (&hosts, &add),
            (&hosts, "REMOVE wlan3"),
            (&owner, "P2P_GROUP_ADD freq=2412"),
            (&owner, "P2P_GROUP_REMOVE *"),
        ];
        let mut buffer = [0; 4096];
        for (client, command) in changes {
            let length = client.ask(command.as_bytes(), &mut buffer);
            assert_eq!(buffer.get(..length), Some(&b"OK\n"[..]), "{command}");
        }
    };
    let plain: [&[u8]; 4] = [b"PING", b"STATUS", b"NO SUCH COMMAND", b"LIST_NETWORKS"];
    let mut first = 0;
    for million in 0..=MILLIONS {
        let now = resident(server.0.id());
        // The first million fills what is bounded: buffers, the memory of keys.
        if million == 1 {
            first = now;
        }
        println!("churn     after {million:2} million commands {now:6} kB");
        if million == MILLIONS {
            println!("churn     {:+} kB since the first million", now as i64 - first as i64);
            return;
        }
        std::thread::scope(|scope| {
            for client in &askers {
                scope.spawn(move || {
                    let mut buffer = [0; 4096];
                    for n in 0..(1_000_000 - CHANGES) / CLIENTS {
                        if let Some(command) = plain.get(n % plain.len()) {
                            client.ask(command, &mut buffer);
                        }
                    }
                });
            }
            (0..CHANGES / 6).for_each(cycle);
        });
    }
}
