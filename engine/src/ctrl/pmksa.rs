//! PMKSA_ADD and PMKSA_GET.

use wpasim_wire::MacAddr;
use wpasim_wire::time::Duration;

use super::Reply;
use crate::config::text::{atoi, parse_hex};
use crate::supplicant::interface::pmksa_entry::Entry;
use crate::supplicant::interface::{Interface, InterfaceContext};

impl Interface {
    /// PMKSA: the own cache, then that of an own access point.
    //= hostap@2.10 wpa_supplicant/ctrl_iface.c#wpas_ctrl_iface_pmksa
    //= hostap@2.10 wpa_supplicant/ap.c#wpas_ap_pmksa_cache_list
    pub(super) fn ctrl_pmksa_list(&self, cx: &mut InterfaceContext<'_>) -> Reply {
        let of_access_point = self.ap.as_ref().map(|ap| format!("---- AP ----\n{}", ap.pmksa_list()));
        Reply::Text(self.pmksa.list(cx.now) + &of_access_point.unwrap_or_default())
    }

    pub(super) fn ctrl_pmksa_get(&self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        let network = self.config.network(atoi(args)).map(|n| n.id);
        Reply::text_or_fail(network.map(|id| self.pmksa.export(cx.now, id)))
    }

    /// `network aa pmkid pmk reauth-time expiration akmp opportunistic [fils-cache-id]`, times in seconds.
    pub(super) fn ctrl_pmksa_add(&mut self, cx: &mut InterfaceContext<'_>, args: &str) -> Reply {
        match self.parse_pmksa(cx, args) {
            Some(entry) => {
                self.add_pmksa(entry);
                Reply::Ok
            }
            None => Reply::Fail,
        }
    }

    fn parse_pmksa(&self, cx: &mut InterfaceContext<'_>, args: &str) -> Option<Entry> {
        let network = self.config.network(atoi(args))?.id;
        let (_, rest) = args.split_once(' ')?;
        let (aa, _) = MacAddr::parse_prefix(rest)?;
        let mut words = rest.split(' ').skip(1);
        let pmkid = leading_octets(words.next()?)?;
        let pmk = parse_hex(words.next()?).filter(|k| (32..=64).contains(&k.len()))?;
        let mut number = || decimal(words.next()?);
        let (reauth, expiration, akmp, opportunistic) = (number()?, number()?, number()?, number()?);
        if reauth > expiration {
            return None;
        }
        let fils_cache_id = match words.next() {
            Some(word) => Some(leading_octets(word)?),
            None => None,
        };
        let after = |seconds: i32| cx.now + Duration::from_secs(i64::from(seconds));
        Some(Entry {
            aa,
            pmkid,
            pmk,
            reauth_at: after(reauth),
            expires_at: after(expiration),
            akmp,
            opportunistic,
            fils_cache_id,
            network,
        })
    }
}

/// Hexadecimal digits; what follows them is not looked at.
fn leading_octets<const N: usize>(word: &str) -> Option<[u8; N]> {
    parse_hex(word.get(..2 * N)?)?.try_into().ok()
}

/// A number with nothing in front of its digits but a sign.
fn decimal(word: &str) -> Option<i32> {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    digits.starts_with(|c: char| c.is_ascii_digit()).then(|| atoi(word))
}
