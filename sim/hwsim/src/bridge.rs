//! The kernel's radios on the medium of a [`World`].

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::{Rc, Weak};

use wpasim_sim::{
    BudgetExceeded, Delivery, NodeId, Outside, OutsideFrame, OutsideSpec, Step, TxStatus, World,
};
use wpasim_wire::MacAddr;
use wpasim_wire::time::Instant;

use crate::codec::{Answer, Command, Deliver, RadioAttributes, Transmit, TxFlags, TxInfo, TxRate};
use crate::error::HwsimError;
use crate::hidden::Handshakes;
use crate::radios::{KernelRadio, NewRadio, look_up};
use crate::rates::{index_of, rate_of};
use crate::socket::HwsimSocket;

/// The signal of acknowledgements, which travel the way back; hwsim shows it nowhere else.
const ACK_SIGNAL_DBM: i32 = -30;

/// The counters of the bridge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Statistics {
    /// Frames that the kernel's radios transmitted.
    pub transmitted: u64,
    /// Frames that they received.
    pub received: u64,
    /// Frames that were offered to a radio that was not there: on another channel, idle or down.
    pub elsewhere: u64,
    /// The number of times that the kernel said that messages were lost because too many waited (ENOBUFS).
    pub overruns: u64,
    /// Messages that could not be read.
    pub malformed: u64,
    /// Messages of other families, and commands that this version does not know.
    pub foreign: u64,
    /// Commands that the kernel refused late: the status of frames that it no longer remembers.
    pub refused: u64,
}

/// A radio on the medium.
struct Attached {
    radio: KernelRadio,
    node: NodeId,
    gone: bool,
}

/// A transmission whose status is due.
struct Due {
    flags: TxFlags,
    rates: [TxRate; 4],
}

struct Inner {
    socket: HwsimSocket,
    attached: Vec<Attached>,
    /// By the radio's second address.
    by_radio: BTreeMap<MacAddr, usize>,
    by_node: BTreeMap<NodeId, usize>,
    due: BTreeMap<(NodeId, u64), Due>,
    handshakes: Handshakes,
    /// hwsim's numbers of the radios that this bridge made.
    made: Vec<u32>,
    transmitted: u64,
    received: u64,
    elsewhere: u64,
    /// Went wrong where nobody could be told; the next call says so.
    failure: Option<HwsimError>,
}

/// The registered medium of the kernel's radios. Dropping it deletes the radios that it made, and
/// returns the others to the kernel's own perfect medium.
pub struct Bridge {
    inner: Rc<RefCell<Inner>>,
    /// The same socket, to be polled.
    pollable: OwnedFd,
}

/// The bridge, as a [`World`] knows it. Once that is gone, nobody receives.
struct FarSide(Weak<RefCell<Inner>>);

/// The extent to which [`Bridge::run_until`] came.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Budget(#[from] BudgetExceeded),
    #[error(transparent)]
    Hwsim(#[from] HwsimError),
}

impl Bridge {
    /// Opens the socket and becomes the medium: from now on the kernel delivers nothing by itself.
    pub fn open() -> Result<Self, HwsimError> {
        let mut socket = HwsimSocket::open()?;
        socket.request(&Command::Register)?;
        let pollable = socket
            .as_fd()
            .try_clone_to_owned()
            .map_err(|source| HwsimError::Socket { doing: "duplicate", source })?;
        let inner = Inner {
            socket,
            attached: Vec::new(),
            by_radio: BTreeMap::new(),
            by_node: BTreeMap::new(),
            due: BTreeMap::new(),
            handshakes: Handshakes::default(),
            made: Vec::new(),
            transmitted: 0,
            received: 0,
            elsewhere: 0,
            failure: None,
        };
        Ok(Bridge { inner: Rc::new(RefCell::new(inner)), pollable })
    }

    /// The radios of this network namespace, by number.
    pub fn radios(&self) -> Result<Vec<KernelRadio>, HwsimError> {
        let found = self.inner.borrow_mut().socket.dump(&Command::GetRadio(RadioAttributes::default()))?;
        let described = found.iter().filter_map(|command| match command {
            Command::GetRadio(described) => Some(described),
            _ => None,
        });
        let mut all = described.map(look_up).collect::<Result<Vec<_>, _>>()?;
        all.sort_by_key(|radio| radio.id);
        Ok(all)
    }

    /// Makes a radio with one channel. It goes away with this bridge, however the process ends.
    pub fn make_radio(&self, radio: &NewRadio) -> Result<KernelRadio, HwsimError> {
        let command = Command::NewRadio(radio.attributes());
        let mut inner = self.inner.borrow_mut();
        let id = match inner.socket.request(&command)? {
            Answer::Made(id) => id,
            // Number 0 looks like a plain acknowledgement.
            Answer::Done | Answer::Refused(_) => 0,
        };
        inner.made.push(id);
        let describe = Command::GetRadio(RadioAttributes { id: Some(id), ..RadioAttributes::default() });
        let found = inner.socket.query(&describe)?;
        match found {
            Command::GetRadio(described) => look_up(&described),
            _ => Err(HwsimError::NoSuchRadio { radio: id.to_string() }),
        }
    }

    /// Puts a radio on the medium as a node of the world, under a name of the scenario.
    pub fn attach(
        &self,
        world: &mut World,
        radio: &KernelRadio,
        name: &str,
        position_mm: Option<(i64, i64)>,
    ) -> NodeId {
        let mut inner = self.inner.borrow_mut();
        if inner.attached.is_empty() {
            world.set_outside(Box::new(FarSide(Rc::downgrade(&self.inner))));
        }
        let mut addrs = vec![radio.addr];
        addrs.extend(radio.interfaces.iter().map(|(_, addr)| *addr).filter(|addr| *addr != radio.addr));
        let node = world.add_outside(OutsideSpec { name: name.to_owned(), addrs, position_mm });
        let place = inner.attached.len();
        inner.by_radio.insert(radio.second_addr, place);
        inner.by_node.insert(node, place);
        inner.attached.push(Attached { radio: radio.clone(), node, gone: false });
        node
    }

    /// Takes all that the kernel has to say into the world, at the world's present instant; how many
    /// messages that were. [`Bridge::as_fd`] does not show what arrived while the world stepped: call
    /// this after stepping and before polling.
    pub fn pump(&self, world: &mut World) -> Result<usize, HwsimError> {
        let mut count = 0;
        loop {
            let mut inner = self.inner.borrow_mut();
            if let Some(failure) = inner.failure.take() {
                return Err(failure);
            }
            let Some(command) = inner.socket.next_command()? else { return Ok(count) };
            inner.take_in(command, world)?;
            count += 1;
        }
    }

    /// Carries out what is due by `now` and takes in what the kernel says to it, until both are quiet.
    /// Then the world's time is `now`, and it is time to poll [`Bridge::as_fd`] until
    /// [`World::next_event_time`]. How many messages came.
    pub fn run_until(&self, world: &mut World, now: Instant) -> Result<usize, RunError> {
        let mut count = 0;
        loop {
            while world.step_until(now)? == Step::Advanced {}
            // A look that finds nothing costs a system call, and those are slow in the lab.
            if count > 0 && self.is_quiet() {
                return Ok(count);
            }
            match self.pump(world)? {
                0 => return Ok(count),
                more => count += more,
            }
        }
    }

    /// Whether the kernel had nothing more to say when [`Bridge::pump`] last returned, and was told
    /// nothing since: then a poll of the descriptor shows all that is new. `false` also if something went
    /// wrong that `pump` has yet to report.
    pub fn is_quiet(&self) -> bool {
        let inner = self.inner.borrow();
        inner.socket.is_quiet() && inner.failure.is_none()
    }

    /// The counters of the bridge.
    pub fn statistics(&self) -> Statistics {
        let inner = self.inner.borrow();
        Statistics {
            transmitted: inner.transmitted,
            received: inner.received,
            elsewhere: inner.elsewhere,
            overruns: inner.socket.overruns,
            malformed: inner.socket.malformed,
            foreign: inner.socket.foreign,
            refused: inner.socket.refused,
        }
    }
}

impl AsFd for Bridge {
    /// Readable when the kernel has something to say.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pollable.as_fd()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let Ok(mut inner) = self.inner.try_borrow_mut() else { return };
        for id in std::mem::take(&mut inner.made) {
            let radio = RadioAttributes { id: Some(id), ..RadioAttributes::default() };
            // If this fails, the kernel deletes it when the socket closes.
            let _ = inner.socket.ask(&Command::DelRadio(radio));
        }
    }
}

impl Inner {
    /// Takes in one message of the kernel.
    fn take_in(&mut self, command: Command, world: &mut World) -> Result<(), HwsimError> {
        match command {
            Command::Transmit(transmit) => self.transmit(transmit, world),
            Command::AddAddress { radio, addr } => {
                if let Some(node) = self.node_of(radio) {
                    world.add_outside_address(node, addr);
                }
                Ok(())
            }
            Command::RemoveAddress { radio, addr } => {
                if let Some(node) = self.node_of(radio) {
                    world.remove_outside_address(node, addr);
                }
                Ok(())
            }
            Command::DelRadio(radio) => self.deleted(&radio, world),
            // The radios of others do not concern the bridge, nor do late answers.
            Command::NewRadio(_)
            | Command::GetRadio(_)
            | Command::Register
            | Command::Deliver(_)
            | Command::TxInfo(_)
            | Command::Other(_) => Ok(()),
        }
    }

    fn node_of(&self, radio: MacAddr) -> Option<NodeId> {
        self.attached.get(*self.by_radio.get(&radio)?).filter(|a| !a.gone).map(|a| a.node)
    }

    /// A radio transmits.
    fn transmit(&mut self, t: Transmit, world: &mut World) -> Result<(), HwsimError> {
        self.transmitted += 1;
        let due = Due { flags: t.flags, rates: t.rates };
        let Some(node) = self.node_of(t.radio) else {
            // Nobody's radio: nothing hears it, but the kernel waits for the status.
            return self.report(t.radio, t.cookie, &due, false, 1);
        };
        let group = t.frame.get(4).is_some_and(|octet| octet & 1 == 1);
        let wants_ack = !group && !t.flags.has(TxFlags::NO_ACK);
        let rate = rate_of(t.freq, t.rates[0], t.rate_flags[0]);
        let hidden = t.flags.has(TxFlags::WANTS_STATUS).then(|| self.handshakes.kind_of(&t.frame));
        self.due.insert((node, t.cookie), due);
        let Transmit { frame: bytes, freq, cookie, .. } = t;
        world.transmit_from(
            node,
            OutsideFrame { bytes, freq, rate, wants_ack, cookie, kind: hidden.flatten() },
        );
        Ok(())
    }

    /// Tells the kernel what became of a transmission.
    fn report(
        &mut self,
        radio: MacAddr,
        cookie: u64,
        due: &Due,
        acked: bool,
        attempts: u8,
    ) -> Result<(), HwsimError> {
        // All attempts are at the first rate, and the table ends there.
        let mut rates = [TxRate::default(); 4];
        rates[0] = TxRate { index: due.rates[0].index, count: attempts.max(1) };
        let flags = if acked { due.flags.with(TxFlags::ACKED) } else { due.flags };
        let status = TxInfo { radio, flags, rates, signal_dbm: ACK_SIGNAL_DBM, cookie };
        self.socket.tell(&Command::TxInfo(status))
    }

    /// Somebody deleted a radio.
    fn deleted(&mut self, radio: &RadioAttributes, world: &mut World) -> Result<(), HwsimError> {
        let found = self.attached.iter_mut().find(|a| Some(a.radio.id) == radio.id && !a.gone);
        let Some(attached) = found else { return Ok(()) };
        attached.gone = true;
        world.set_radio(attached.node, false);
        self.made.retain(|id| *id != attached.radio.id);
        Err(HwsimError::RadioGone { radio: attached.radio.phy.clone() })
    }

    /// Offers a frame to a radio of the kernel; whether it received it.
    fn offer(&mut self, node: NodeId, delivery: &Delivery<'_>) -> bool {
        let Some(attached) = self.by_node.get(&node).and_then(|i| self.attached.get(*i)) else {
            return false;
        };
        if attached.gone || self.failure.is_some() {
            return false;
        }
        let deliver = Command::Deliver(Deliver {
            radio: attached.radio.second_addr,
            frame: delivery.bytes.to_vec(),
            rate_index: index_of(delivery.freq, delivery.rate),
            signal_dbm: delivery.signal_dbm,
            freq: Some(delivery.freq),
        });
        match self.socket.ask(&deliver) {
            Ok(Answer::Done | Answer::Made(_)) => true,
            Ok(Answer::Refused(_)) => false,
            // The answer was among what the kernel had no room for; the next frames will tell.
            Err(HwsimError::Unanswered { .. }) => false,
            Err(failure) => {
                self.failure = Some(failure);
                false
            }
        }
    }
}

impl Outside for FarSide {
    fn deliver(&mut self, radio: NodeId, delivery: &Delivery<'_>) -> bool {
        let Some(inner) = self.0.upgrade() else { return false };
        let mut inner = inner.borrow_mut();
        let received = inner.offer(radio, delivery);
        if received {
            inner.received += 1;
        } else {
            inner.elsewhere += 1;
        }
        received
    }

    fn hears(&mut self, radio: NodeId, freq: u32) -> bool {
        let Some(inner) = self.0.upgrade() else { return false };
        // A control frame of a reserved subtype: hwsim's checks apply to it, and mac80211 throws it
        // away unread.
        let mut nothing = [0; 24];
        nothing[0] = 0x04;
        inner.borrow_mut().offer(radio, &Delivery { freq, rate: 10, signal_dbm: 0, bytes: &nothing })
    }

    fn status(&mut self, radio: NodeId, status: TxStatus) {
        let Some(inner) = self.0.upgrade() else { return };
        let mut inner = inner.borrow_mut();
        let Some(due) = inner.due.remove(&(radio, status.cookie)) else { return };
        let Some(attached) = inner.by_node.get(&radio).and_then(|i| inner.attached.get(*i)) else { return };
        if attached.gone {
            return;
        }
        let addr = attached.radio.second_addr;
        if let Err(failure) = inner.report(addr, status.cookie, &due, status.acked, status.attempts) {
            inner.failure.get_or_insert(failure);
        }
    }
}
