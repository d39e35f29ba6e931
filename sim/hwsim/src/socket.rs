//! The generic netlink socket. Nothing here blocks: the kernel carries out a command before the call
//! that sends it returns, so an answer is waiting or was lost.
//!
//! neli provides the socket; what comes from it is read by [`crate::codec`], because neli's own reader
//! subtracts lengths that it has not checked.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};

use neli::consts::socket::{Msg, NlFamily};
use neli::socket::NlSocket;
use neli::utils::Groups;
use rustix::io::Errno;
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

use crate::codec::family::{self, Family};
use crate::codec::netlink::{FIRST_FAMILY, FLAG_ACK, FLAG_DUMP, FLAG_REQUEST, TYPE_DONE};
use crate::codec::{Answer, Command, Header, Message, messages};
use crate::error::HwsimError;

/// The family's name.
const FAMILY: &str = "MAC80211_HWSIM";

/// The multicast group that hears of radios that come and go.
const CONFIG_GROUP: &str = "config";

/// Octets that may wait in the kernel. hwsim lets 200 frames of each radio wait for their status; a
/// frame takes about a page.
const RECEIVE_BUFFER: usize = 16 << 20;

/// The longest datagram: a dump's. hwsim's own messages are at most a page.
const DATAGRAM: usize = 64 << 10;

/// Commands from the kernel that may wait here while an answer is awaited. Beyond, the oldest is lost,
/// as in the kernel's own buffer.
const MOST_STASHED: usize = 8192;

/// A socket of hwsim's family.
pub(crate) struct HwsimSocket {
    socket: NlSocket,
    /// The same socket under a descriptor that can be lent.
    pollable: OwnedFd,
    family: u16,
    sequence: u32,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    /// The messages that came while an answer was awaited.
    stashed: VecDeque<Command>,
    /// Nothing waited in the kernel when it was last asked, and nothing was sent to it since.
    quiet: bool,
    /// The number of times that the kernel said that messages were lost because too many waited.
    pub overruns: u64,
    /// Messages that could not be read.
    pub malformed: u64,
    /// Messages of other families, and commands that this version does not know.
    pub foreign: u64,
    /// Commands that the kernel refused after all; hwsim does so for the status of a frame that it no
    /// longer remembers.
    pub refused: u64,
}

/// A port id that no socket gets unasked, of whatever netlink protocol: those get the id of their process, below 2^22,
/// then negative numbers. hwsim takes its medium for gone when *any* netlink socket of the medium's port id is closed,
/// a routing socket of this process as well.
fn own_port() -> u32 {
    static OPENED: AtomicU32 = AtomicU32::new(0);
    let number = OPENED.fetch_add(1, Ordering::Relaxed) % 256;
    1 << 30 | number << 22 | getpid().as_raw_nonzero().get().unsigned_abs()
}

/// The meaning of a datagram's message to the one who reads it.
enum Incoming {
    Command(Command),
    Answer {
        sequence: u32,
        answer: Answer,
    },
    /// The end of a dump.
    Done {
        sequence: u32,
    },
}

impl HwsimSocket {
    /// Opens a socket and finds the family.
    pub fn open() -> Result<Self, HwsimError> {
        let fail = |doing| move |source| HwsimError::Socket { doing, source };
        let socket =
            NlSocket::connect(NlFamily::Generic, Some(own_port()), Groups::empty()).map_err(fail("open"))?;
        socket.nonblock().map_err(fail("unblock"))?;
        let pollable = lendable(&socket).map_err(|source| HwsimError::Unpollable { source })?;
        let mut this = HwsimSocket {
            socket,
            pollable,
            family: 0,
            sequence: 0,
            incoming: vec![0; DATAGRAM],
            outgoing: Vec::new(),
            stashed: VecDeque::new(),
            quiet: false,
            overruns: 0,
            malformed: 0,
            foreign: 0,
            refused: 0,
        };
        this.enlarge_buffer().map_err(fail("enlarge the buffer of"))?;
        let family = this.find_family()?;
        this.family = family.id;
        // Without the group only deletions would go unnoticed; old kernels have none.
        if let Some((_, group)) = family.groups.iter().find(|(name, _)| name == CONFIG_GROUP) {
            this.socket.add_mcast_membership(Groups::new_groups(&[*group])).map_err(fail("subscribe"))?;
        }
        Ok(this)
    }

    /// A larger buffer than the system's limit allows needs CAP_NET_ADMIN; the rest works without.
    fn enlarge_buffer(&self) -> io::Result<()> {
        match rustix::net::sockopt::set_socket_recv_buffer_size_force(&self.pollable, RECEIVE_BUFFER) {
            Err(Errno::PERM) => self.socket.set_recv_buffer_size(RECEIVE_BUFFER),
            done => done.map_err(io::Error::from),
        }
    }

    fn find_family(&mut self) -> Result<Family, HwsimError> {
        let header = self.next_header(FLAG_REQUEST);
        self.outgoing.clear();
        family::write_question(FAMILY, header, &mut self.outgoing);
        self.send("GETFAMILY")?;
        while let Some(length) = self.receive()? {
            for message in messages(self.incoming.get(..length).unwrap_or_default()) {
                let message = message?;
                if message.header.sequence != header.sequence {
                    continue;
                }
                match message.answer().transpose()? {
                    Some(Answer::Refused(_)) => return Err(HwsimError::ModuleMissing),
                    Some(_) => {}
                    None => return Ok(family::read_description(&message)?),
                }
            }
        }
        Err(HwsimError::Unanswered { command: "GETFAMILY" })
    }

    /// Sends a command and waits for what the kernel says to it.
    pub fn ask(&mut self, command: &Command) -> Result<Answer, HwsimError> {
        let header = self.next_header(FLAG_REQUEST | FLAG_ACK);
        self.write_and_send(command, header)?;
        let unanswered = HwsimError::Unanswered { command: command.name() };
        while let Some(length) = self.receive()? {
            let mut found = None;
            for incoming in self.sort_out(length) {
                match incoming {
                    Incoming::Answer { sequence, answer } if sequence == header.sequence => {
                        found = Some(answer);
                    }
                    other => self.stash(other),
                }
            }
            if let Some(answer) = found {
                return Ok(answer);
            }
        }
        Err(unanswered)
    }

    /// Sends a command that must succeed.
    pub fn request(&mut self, command: &Command) -> Result<Answer, HwsimError> {
        match self.ask(command)? {
            Answer::Refused(errno) => Err(HwsimError::refused(command, errno)),
            answer => Ok(answer),
        }
    }

    /// Sends a command whose fate does not matter.
    pub fn tell(&mut self, command: &Command) -> Result<(), HwsimError> {
        let header = self.next_header(FLAG_REQUEST);
        self.write_and_send(command, header)
    }

    /// Sends a command that is answered by one of the same number.
    pub fn query(&mut self, command: &Command) -> Result<Command, HwsimError> {
        let header = self.next_header(FLAG_REQUEST | FLAG_ACK);
        let mut all = self.collect(command, header)?;
        all.pop().ok_or(HwsimError::Unanswered { command: command.name() })
    }

    /// Asks for all there is; the answers in the kernel's order.
    pub fn dump(&mut self, command: &Command) -> Result<Vec<Command>, HwsimError> {
        let header = self.next_header(FLAG_REQUEST | FLAG_DUMP);
        self.collect(command, header)
    }

    /// The answers with a command's own number, up to the end of the dump or the acknowledgement.
    fn collect(&mut self, command: &Command, header: Header) -> Result<Vec<Command>, HwsimError> {
        self.write_and_send(command, header)?;
        let mut all = Vec::new();
        while let Some(length) = self.receive()? {
            let mut end = None;
            for incoming in self.sort_out(length) {
                match incoming {
                    Incoming::Command(found) if found.number() == command.number() => all.push(found),
                    Incoming::Answer { sequence, answer } if sequence == header.sequence => {
                        end = Some(answer)
                    }
                    Incoming::Done { sequence } if sequence == header.sequence => end = Some(Answer::Done),
                    other => self.stash(other),
                }
            }
            match end {
                Some(Answer::Refused(errno)) => return Err(HwsimError::refused(command, errno)),
                Some(_) => return Ok(all),
                None => {}
            }
        }
        Err(HwsimError::Unanswered { command: command.name() })
    }

    /// The next command from the kernel, if one waits.
    pub fn next_command(&mut self) -> Result<Option<Command>, HwsimError> {
        loop {
            if let Some(command) = self.stashed.pop_front() {
                return Ok(Some(command));
            }
            let Some(length) = self.receive()? else { return Ok(None) };
            for incoming in self.sort_out(length) {
                self.stash(incoming);
            }
        }
    }

    /// Whether the kernel had nothing more to say when it was last asked, and was told nothing since.
    pub fn is_quiet(&self) -> bool {
        self.quiet && self.stashed.is_empty()
    }

    fn stash(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Command(command) => {
                if self.stashed.len() >= MOST_STASHED {
                    self.stashed.pop_front();
                    self.overruns += 1;
                }
                self.stashed.push_back(command);
            }
            Incoming::Answer { answer: Answer::Refused(_), .. } => self.refused += 1,
            Incoming::Answer { .. } | Incoming::Done { .. } => {}
        }
    }

    /// The messages of the datagram that was received last.
    fn sort_out(&mut self, length: usize) -> Vec<Incoming> {
        let mut all = Vec::new();
        for message in messages(self.incoming.get(..length).unwrap_or_default()) {
            match message.and_then(|m| read(&m, self.family)) {
                Ok(Some(Incoming::Command(Command::Other(_)))) | Ok(None) => self.foreign += 1,
                Ok(Some(incoming)) => all.push(incoming),
                Err(_) => self.malformed += 1,
            }
        }
        all
    }

    fn next_header(&mut self, flags: u16) -> Header {
        // Zero is the sequence number of what the kernel sends by itself.
        self.sequence = self.sequence.checked_add(1).unwrap_or(1);
        Header { kind: self.family, flags, sequence: self.sequence, port: 0 }
    }

    fn write_and_send(&mut self, command: &Command, header: Header) -> Result<(), HwsimError> {
        self.outgoing.clear();
        command.write(header, &mut self.outgoing);
        self.send(command.name())
    }

    fn send(&mut self, command: &'static str) -> Result<(), HwsimError> {
        self.quiet = false;
        match self.socket.send(&self.outgoing, Msg::empty()) {
            Ok(_) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
                Err(HwsimError::NotPermitted { command })
            }
            Err(source) => Err(HwsimError::Socket { doing: "send on", source }),
        }
    }

    /// Receives a datagram; `None` if none waits.
    fn receive(&mut self) -> Result<Option<usize>, HwsimError> {
        loop {
            match self.socket.recv(&mut self.incoming, Msg::TRUNC) {
                Ok((length, _)) if length > self.incoming.len() => self.malformed += 1,
                Ok((length, _)) => return Ok(Some(length)),
                Err(e) => match Errno::from_io_error(&e) {
                    Some(Errno::AGAIN) => {
                        self.quiet = true;
                        return Ok(None);
                    }
                    Some(Errno::INTR) => {}
                    // Messages were lost; those that wait are still good.
                    Some(Errno::NOBUFS) => self.overruns += 1,
                    _ => return Err(HwsimError::Socket { doing: "receive on", source: e }),
                },
            }
        }
    }
}

impl AsFd for HwsimSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pollable.as_fd()
    }
}

/// A second descriptor of a socket, owned in a way that can be lent; neli only gives a number.
fn lendable(socket: &NlSocket) -> Result<OwnedFd, Errno> {
    let this_process = pidfd_open(getpid(), PidfdFlags::empty())?;
    pidfd_getfd(this_process, socket.as_raw_fd(), PidfdGetfdFlags::empty())
}

/// Returns the meaning of a message; `None` if it is of another family.
fn read(message: &Message<'_>, family: u16) -> Result<Option<Incoming>, crate::codec::CodecError> {
    let sequence = message.header.sequence;
    if let Some(answer) = message.answer() {
        return Ok(Some(Incoming::Answer { sequence, answer: answer? }));
    }
    Ok(match message.header.kind {
        TYPE_DONE => Some(Incoming::Done { sequence }),
        kind if kind == family && kind >= FIRST_FAMILY => Some(Incoming::Command(Command::read(message)?)),
        _ => None,
    })
}
