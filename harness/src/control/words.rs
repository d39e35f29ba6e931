//! The parser of what devices say: whether it is an event, the cookie, fields of STATUS, the
//! interface of a group. All of it comes from outside: any bytes are fine.

/// The longest interface name, as the kernel has it.
const IFNAME: usize = 15;

/// Whether a datagram on an attached connection is an event, as 2.10's client tells it:
/// `<3>CTRL-EVENT-…`, or `IFNAME=wlan0 <3>…` from the process-wide interface.
pub fn is_event(data: &[u8]) -> bool {
    data.first() == Some(&b'<') || data.starts_with(b"IFNAME=")
}

/// The cookie in a reply to GET_COOKIE, `COOKIE=` and hexadecimal digits.
pub fn cookie(reply: &[u8]) -> Option<&[u8]> {
    let end = reply.iter().rposition(|b| *b != b'\n').map_or(0, |i| i + 1);
    let cookie = reply.get(..end)?;
    let digits = cookie.strip_prefix(b"COOKIE=")?;
    (!digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit)).then_some(cookie)
}

/// The command behind `COOKIE=…`, if that is the right one: what a UDP control interface takes.
pub fn behind_cookie<'a>(datagram: &'a [u8], cookie: &str) -> Option<&'a [u8]> {
    let rest = datagram.strip_prefix(b"COOKIE=")?;
    let (given, command) = rest.split_at_checked(cookie.len())?;
    let blanks = command.iter().take_while(|b| **b == b' ').count();
    given.eq_ignore_ascii_case(cookie.as_bytes()).then(|| command.get(blanks..)).flatten()
}

/// The value of `name=value` in a reply of such lines.
pub fn field<'r>(reply: &'r str, name: &str) -> Option<&'r str> {
    reply.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
}

/// An event's text after `IFNAME=… ` and `<3>`.
pub fn text(event: &str) -> &str {
    let after = match event.strip_prefix("IFNAME=").and_then(|rest| rest.split_once(' ')) {
        Some((_, after)) => after,
        None => event,
    };
    match after.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((level, rest)) if level.len() == 1 && level.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => after,
    }
}

/// The change of the interface of a P2P group that an event tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Group<'e> {
    /// `P2P-GROUP-STARTED p2p-wlan0-0 GO …`
    Started(&'e str),
    /// `P2P-GROUP-REMOVED p2p-wlan0-0 GO …`
    Removed(&'e str),
}

/// The group interface that an event is about.
pub fn group(event: &str) -> Option<Group<'_>> {
    let event = text(event);
    let name = |rest: &'_ str| -> Option<usize> {
        let name = rest.split(' ').next()?;
        let valid = (1..=IFNAME).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_graphic() && b != b'/')
            && !matches!(name, "." | "..");
        valid.then_some(name.len())
    };
    if let Some(rest) = event.strip_prefix("P2P-GROUP-STARTED ") {
        return Some(Group::Started(rest.get(..name(rest)?)?));
    }
    let rest = event.strip_prefix("P2P-GROUP-REMOVED ")?;
    Some(Group::Removed(rest.get(..name(rest)?)?))
}

/// Whether the process says that it ends.
pub fn says_goodbye(event: &str) -> bool {
    text(event).trim_end() == "CTRL-EVENT-TERMINATING"
}
