//! PINs of enrollees (WSC 2.0.5 §11.1), each for one enrollee or for the first that comes.

use super::{Timer, WALK_TIME, Wps};
use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};
use wpasim_wire::wsc::Uuid;

/// For whom a PIN is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Whose {
    One(Uuid),
    /// Anyone who comes; who came last, and how often a PIN for anyone was handed out.
    Anyone {
        last: Uuid,
        uses: u8,
    },
}

impl Whose {
    fn uuid(&self) -> &Uuid {
        match self {
            Whose::One(uuid) | Whose::Anyone { last: uuid, .. } => uuid,
        }
    }

    fn is_anyone(&self) -> bool {
        matches!(self, Whose::Anyone { .. })
    }
}

/// A PIN for anyone may be tried by this many sessions.
const WILDCARD_USES: u8 = 2;

pub(super) struct Pin {
    whose: Whose,
    pin: Vec<u8>,
    /// In use by a session.
    locked: bool,
    expires: Option<Instant>,
    enrollee: Option<MacAddr>,
}

/// PINs do not print.
impl core::fmt::Debug for Pin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Pin { whose, locked, expires, enrollee, .. } = self;
        write!(f, "Pin({whose:?}, locked: {locked}, expires: {expires:?}, for {enrollee:?})")
    }
}

impl Wps {
    /// A PIN for the enrollee `uuid`, or for anyone; `addr` limits who is authorized. The registrar
    /// becomes the selected one for [`WALK_TIME`].
    pub fn add_pin(
        &mut self,
        now: Instant,
        addr: Option<MacAddr>,
        uuid: Option<&Uuid>,
        pin: &[u8],
        timeout: Option<Duration>,
    ) {
        if uuid.is_none() {
            self.invalidate_unused_wildcard();
        }
        let whose = match uuid {
            Some(uuid) => Whose::One(*uuid),
            None => Whose::Anyone { last: Uuid::default(), uses: 0 },
        };
        let expires = timeout.map(|t| now + t);
        self.registrar
            .pins
            .insert(0, Pin { whose, pin: pin.to_vec(), locked: false, expires, enrollee: addr });
        self.registrar.selected = true;
        self.registrar.pbc = false;
        self.add_authorized_mac(addr.unwrap_or(MacAddr::BROADCAST));
        self.selected_registrar_changed(0);
        self.registrar.timers.set(Timer::Selected, now + WALK_TIME);
    }

    /// The PIN for this enrollee, which is locked until [`Wps::unlock_pin`]: no two sessions may try
    /// the same one.
    pub fn pin_for(&mut self, now: Instant, uuid: &Uuid) -> Option<Vec<u8>> {
        self.expire_pins(now);
        let pins = &mut self.registrar.pins;
        let own = pins.iter().position(|p| p.whose == Whose::One(*uuid));
        let index = own.or_else(|| {
            pins.iter().position(|p| matches!(p.whose, Whose::Anyone { uses, .. } if uses < WILDCARD_USES))
        })?;
        let pin = pins.get_mut(index)?;
        if let Whose::Anyone { last, .. } = &mut pin.whose {
            *last = *uuid;
        }
        if pin.locked {
            return None;
        }
        pin.locked = true;
        if let Whose::Anyone { uses, .. } = &mut pin.whose {
            *uses += 1;
        }
        Some(pin.pin.clone())
    }

    /// A session is done with this enrollee's PIN; one for anyone that was used twice is forgotten.
    /// Whether there is such a PIN.
    pub fn unlock_pin(&mut self, uuid: &Uuid) -> bool {
        let Some(pin) = self.registrar.pins.iter_mut().find(|p| p.whose.uuid() == uuid) else { return false };
        if matches!(pin.whose, Whose::Anyone { uses: WILDCARD_USES, .. }) {
            return self.invalidate_pin(uuid);
        }
        pin.locked = false;
        true
    }

    /// Forgets the PIN of this enrollee. Whether there was one.
    pub fn invalidate_pin(&mut self, uuid: &Uuid) -> bool {
        self.remove_first_pin(|p| p.whose.uuid() == uuid)
    }

    /// Forgets a PIN for anyone, if `pin` is given that one only. Whether there was one.
    pub(super) fn invalidate_wildcard_pin(&mut self, pin: Option<&[u8]>) -> bool {
        self.remove_first_pin(|p| p.whose.is_anyone() && pin.is_none_or(|pin| pin == p.pin))
    }

    /// A PIN for anyone takes the place of one that nobody has used yet.
    fn invalidate_unused_wildcard(&mut self) {
        self.remove_first_pin(|p| matches!(p.whose, Whose::Anyone { uses: 0, .. }) && !p.locked);
    }

    pub(super) fn expire_pins(&mut self, now: Instant) {
        while self.remove_first_pin(|p| p.expires.is_some_and(|at| at < now)) {}
    }

    fn remove_first_pin(&mut self, which: impl Fn(&Pin) -> bool) -> bool {
        let Some(index) = self.registrar.pins.iter().position(which) else { return false };
        let pin = self.registrar.pins.remove(index);
        self.remove_authorized_mac(pin.enrollee.unwrap_or(MacAddr::BROADCAST));
        self.selected_registrar_changed(0);
        true
    }

    /// A registration with a PIN is over: the registrar is not the selected one any more.
    pub fn pin_completed(&mut self) {
        self.registrar.timers.cancel(Timer::Selected);
        self.registrar.selected = false;
        self.selected_registrar_changed(0);
    }
}
