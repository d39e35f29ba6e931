//! The queries that this device has for its peers, and how far each peer has come with them.

use super::request::Query;
use wpasim_wire::MacAddr;

/// Queries that wait, at most. 2.10 knows no limit.
const MOST: usize = 128;

/// A peer is asked this often in one search.
const ATTEMPTS: u32 = 100;

/// Numbers of queries. 2.10's are the addresses of their memory: long, and given again once a query is
/// gone.
const NUMBERS: u64 = 0x55_0000_0000;
const NUMBERS_STEP: u64 = 0x40;

/// The query that a peer is asked next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Asked<'a> {
    pub number: u64,
    pub tlvs: &'a [u8],
}

/// A query with the number that its command was given.
#[derive(Clone, Debug)]
struct Queued {
    number: u64,
    query: Query,
}

/// The progress of a peer with the queries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Progress {
    /// Queries sent to it in this search.
    attempts: u32,
    broadcasts: Broadcasts,
}

/// Queries for all peers that one of them has still to be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Broadcasts {
    /// Nobody counted them yet.
    #[default]
    Unknown,
    /// At least one.
    Left(usize),
    Done,
}

impl Progress {
    /// A search begins: the peer may be asked again as often.
    pub fn new_search(&mut self) {
        self.attempts = 0;
    }
}

/// The queries.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    /// Newest first.
    queries: Vec<Queued>,
    last_number: u64,
}

impl Queue {
    /// Adds a query; its number. `peers` are those known now.
    pub fn add<'p>(
        &mut self,
        query: Query,
        peers: impl IntoIterator<Item = &'p mut Progress>,
    ) -> Option<u64> {
        if self.queries.len() >= MOST {
            return None;
        }
        if query.peer.is_none() {
            for peer in peers {
                peer.broadcasts = match peer.broadcasts {
                    Broadcasts::Left(n) => Broadcasts::Left(n + 1),
                    Broadcasts::Unknown | Broadcasts::Done => Broadcasts::Left(1),
                };
            }
        }
        self.last_number = self.free_number();
        self.queries.insert(0, Queued { number: self.last_number, query });
        Some(self.last_number)
    }

    /// The lowest number that no query has, nor the last one had.
    fn free_number(&self) -> u64 {
        let taken =
            |number: &u64| *number == self.last_number || self.queries.iter().any(|q| q.number == *number);
        (0..).map(|n| NUMBERS + n * NUMBERS_STEP).find(|number| !taken(number)).unwrap_or(NUMBERS)
    }

    /// Removes a query. Whether it was there.
    pub fn remove<'p>(&mut self, number: u64, peers: impl IntoIterator<Item = &'p mut Progress>) -> bool {
        let Some(at) = self.queries.iter().position(|q| q.number == number) else { return false };
        let place = self.queries.iter().take(at).filter(|q| q.query.peer.is_none()).count();
        if self.queries.remove(at).query.peer.is_none() {
            for peer in peers {
                // Those it was not sent to yet have one less to come.
                if let Broadcasts::Left(n) = peer.broadcasts
                    && place < n
                {
                    peer.broadcasts = if n == 1 { Broadcasts::Unknown } else { Broadcasts::Left(n - 1) };
                }
            }
        }
        true
    }

    /// Removes a query that was answered, unless it is for all peers.
    pub fn answered(&mut self, number: u64) {
        self.queries.retain(|q| q.number != number || q.query.peer.is_none());
    }

    /// Removes every query.
    pub fn clear(&mut self) {
        self.queries.clear();
    }

    /// Returns the query for a peer that comes next. `wfd`: it supports Wi-Fi Display's service discovery.
    pub fn next(&self, peer: MacAddr, progress: &Progress, wfd: bool) -> Option<Asked<'_>> {
        let mut broadcasts_before = 0;
        let wanted =
            self.queries.iter().filter(|q| wfd || !q.query.wfd).find_map(|q| match q.query.peer {
                Some(only) => (only == peer).then_some(Some(q)),
                // 2.10 looks no further once a peer has been asked all that is for everybody.
                None => match self.left(progress) {
                    None => Some(None),
                    Some(n) if broadcasts_before + 1 == n => Some(Some(q)),
                    Some(_) => {
                        broadcasts_before += 1;
                        None
                    }
                },
            })?;
        let queued = wanted.filter(|_| progress.attempts <= ATTEMPTS)?;
        Some(Asked { number: queued.number, tlvs: &queued.query.tlvs })
    }

    /// A query goes out to a peer.
    pub fn sending(&self, peer: &mut Progress) {
        peer.attempts += 1;
        if let Some(n) = self.left(peer) {
            peer.broadcasts = Broadcasts::Left(n);
        }
    }

    /// A query reached its peer: one for all peers has been asked there.
    pub fn reached(&self, number: u64, peer: &mut Progress) {
        if self.queries.iter().any(|q| q.number == number && q.query.peer.is_none()) {
            peer.broadcasts = match peer.broadcasts {
                Broadcasts::Left(n) if n > 1 => Broadcasts::Left(n - 1),
                _ => Broadcasts::Done,
            };
        }
    }

    /// Returns the number of queries for all peers that a peer has still to be asked; `None` for no more.
    fn left(&self, peer: &Progress) -> Option<usize> {
        match peer.broadcasts {
            Broadcasts::Unknown => Some(self.queries.iter().filter(|q| q.query.peer.is_none()).count()),
            Broadcasts::Left(n) => Some(n),
            Broadcasts::Done => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
    const B: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);

    fn query(peer: Option<MacAddr>) -> Query {
        Query { peer, tlvs: vec![2, 0, 0, 1], wfd: false }
    }

    /// Asks and reaches a peer once; which query it was.
    fn ask(queue: &Queue, peer: MacAddr, progress: &mut Progress) -> Option<u64> {
        let number = queue.next(peer, progress, false)?.number;
        queue.sending(progress);
        queue.reached(number, progress);
        Some(number)
    }

    #[test]
    fn queries_for_all_go_to_each_peer_once_oldest_first() {
        let (mut queue, mut a, mut b) = (Queue::default(), Progress::default(), Progress::default());
        let first = queue.add(query(None), [&mut a]);
        let second = queue.add(query(None), [&mut a]);
        assert_eq!([(); 3].map(|()| ask(&queue, A, &mut a)), [first, second, None]);
        assert_eq!([(); 3].map(|()| ask(&queue, B, &mut b)), [first, second, None]);
        let third = queue.add(query(None), [&mut a]);
        assert_eq!([(); 2].map(|()| ask(&queue, A, &mut a)), [third, None]);
        assert_eq!(ask(&queue, B, &mut b), None);
    }

    #[test]
    fn queries_for_one_go_until_they_are_answered() {
        let (mut queue, mut a, mut b) = (Queue::default(), Progress::default(), Progress::default());
        let only = queue.add(query(Some(A)), []);
        assert_eq!([(); 2].map(|()| ask(&queue, A, &mut a)), [only, only]);
        assert_eq!(ask(&queue, B, &mut b), None);
        queue.answered(only.unwrap());
        assert_eq!(ask(&queue, A, &mut a), None);
        assert!(!queue.remove(only.unwrap(), []));
    }

    #[test]
    fn a_removed_query_is_not_waited_for() {
        let (mut queue, mut a, mut b) = (Queue::default(), Progress::default(), Progress::default());
        let first = queue.add(query(None), [&mut a, &mut b]).unwrap();
        let second = queue.add(query(None), [&mut a, &mut b]);
        ask(&queue, A, &mut a);
        assert!(queue.remove(first, [&mut a, &mut b]));
        assert_eq!(ask(&queue, A, &mut a), second);
        assert_eq!([(); 2].map(|()| ask(&queue, B, &mut b)), [second, None]);
    }

    #[test]
    fn attempts_end_until_the_next_search() {
        let (mut queue, mut a, b) = (Queue::default(), Progress::default(), Progress::default());
        queue.add(query(Some(A)), []);
        assert_eq!(std::iter::from_fn(|| ask(&queue, A, &mut a)).count(), 101);
        a.new_search();
        assert!(ask(&queue, A, &mut a).is_some());
        queue.add(Query { wfd: true, ..query(Some(B)) }, []);
        assert!(queue.next(B, &b, false).is_none() && queue.next(B, &b, true).is_some());
    }

    #[test]
    fn numbers_come_again_but_not_at_once() {
        let mut queue = Queue::default();
        let numbers = [(); 4].map(|()| {
            let number = queue.add(query(Some(A)), []).unwrap();
            queue.answered(number);
            number
        });
        assert_eq!((numbers[2], numbers[3]), (numbers[0], numbers[1]));
        assert_ne!(numbers[0], numbers[1]);
    }

    #[test]
    fn there_are_not_too_many() {
        let mut queue = Queue::default();
        assert_eq!(std::iter::from_fn(|| queue.add(query(None), [])).count(), MOST);
    }
}
