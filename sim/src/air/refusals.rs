//! Requests that drivers refuse because a harness wants it so.

use wpasim_wire::driver::{DriverRequest, Errno, Refused};

use crate::NodeId;

/// A kind of request that can be refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RequestKind {
    Scan,
    Authenticate,
    Associate,
    AddInterface,
    /// Setting the channel, which a driver does as an access point starts.
    SetChannel,
    StartAp,
    SwitchChannel,
}

impl RequestKind {
    /// The kinds that carrying out a request is made of, in their order, with what the engine is told of a refused one.
    fn of(request: &DriverRequest) -> [Option<(RequestKind, Refused)>; 2] {
        let only = |kind, refused| [Some((kind, refused)), None];
        match request {
            DriverRequest::TriggerScan(_) => only(RequestKind::Scan, Refused::TriggerScan),
            DriverRequest::Authenticate { .. } => only(RequestKind::Authenticate, Refused::Authenticate),
            DriverRequest::Associate { .. } => only(RequestKind::Associate, Refused::Associate),
            DriverRequest::AddInterface { new_id, .. } => {
                only(RequestKind::AddInterface, Refused::AddInterface(*new_id))
            }
            DriverRequest::StartAp(_) => [
                Some((RequestKind::SetChannel, Refused::SetChannel)),
                Some((RequestKind::StartAp, Refused::StartAp)),
            ],
            DriverRequest::SwitchChannel(_) => only(RequestKind::SwitchChannel, Refused::SwitchChannel),
            _ => [None, None],
        }
    }
}

/// A refusal that was asked for; ends by [`crate::World::end_refusal`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RefusalId(pub u32);

struct Refusal {
    id: RefusalId,
    node: NodeId,
    kind: RequestKind,
    errno: Errno,
    /// The number of requests that are still refused; without a number, all.
    left: Option<u32>,
}

/// The refusals that are asked for, oldest first.
#[derive(Default)]
pub(crate) struct Refusals {
    all: Vec<Refusal>,
    begun: u32,
}

impl Refusals {
    /// Refuses a node's next requests of a kind: so many of them, or all.
    pub fn begin(&mut self, node: NodeId, kind: RequestKind, errno: Errno, times: Option<u32>) -> RefusalId {
        let id = RefusalId(self.begun);
        self.begun += 1;
        self.all.push(Refusal { id, node, kind, errno, left: times });
        id
    }

    /// Ends a refusal.
    pub fn end(&mut self, id: RefusalId) {
        self.all.retain(|refusal| refusal.id != id);
    }

    /// Returns how a request would be refused, with the place of the refusal: the oldest one that is about it.
    pub fn would_refuse(&self, node: NodeId, request: &DriverRequest) -> Option<(usize, Refused, Errno)> {
        if self.all.is_empty() {
            return None;
        }
        RequestKind::of(request).into_iter().flatten().find_map(|(kind, refused)| {
            let of_kind = |r: &(usize, &Refusal)| r.1.node == node && r.1.kind == kind;
            let (at, refusal) = self.all.iter().enumerate().find(of_kind)?;
            Some((at, refused, refusal.errno))
        })
    }

    /// Returns how a request is refused, if one of the refusals is about it; that one counts it.
    pub fn refuses(&mut self, node: NodeId, request: &DriverRequest) -> Option<(Refused, Errno)> {
        let (at, refused, errno) = self.would_refuse(node, request)?;
        let left = self.all.get_mut(at).and_then(|refusal| refusal.left.as_mut());
        if let Some(left) = left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.all.remove(at);
            }
        }
        Some((refused, errno))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wpasim_wire::driver::ScanRequest;

    #[test]
    fn the_oldest_refusal_counts_a_request() {
        let (here, there) = (NodeId(0), NodeId(1));
        let scan = DriverRequest::TriggerScan(ScanRequest::default());
        let mut refusals = Refusals::default();
        refusals.begin(here, RequestKind::Scan, Errno::Busy, Some(2));
        let all = refusals.begin(here, RequestKind::Scan, Errno::Other(5), None);
        assert_eq!(refusals.refuses(there, &scan), None);
        assert_eq!(refusals.refuses(here, &DriverRequest::AbortScan), None);
        let mut errno = || refusals.refuses(here, &scan).map(|(_, errno)| errno.number());
        assert_eq!([errno(), errno(), errno(), errno()], [Some(16), Some(16), Some(5), Some(5)]);
        refusals.end(all);
        assert_eq!(refusals.refuses(here, &scan), None);
    }

    #[test]
    fn an_access_points_channel_is_set_before_it_starts() {
        let node = NodeId(0);
        let mut refusals = Refusals::default();
        refusals.begin(node, RequestKind::StartAp, Errno::Busy, Some(1));
        refusals.begin(node, RequestKind::SetChannel, Errno::Invalid, Some(1));
        let start = DriverRequest::StartAp(Box::default());
        assert_eq!(refusals.refuses(node, &start), Some((Refused::SetChannel, Errno::Invalid)));
        assert_eq!(refusals.refuses(node, &start), Some((Refused::StartAp, Errno::Busy)));
        assert_eq!(refusals.refuses(node, &start), None);
    }
}
