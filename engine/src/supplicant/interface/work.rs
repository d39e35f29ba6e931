//! The works that the radio is used for, one at a time.

use wpasim_wire::driver::ScanRequest;

use crate::supplicant::p2p::P2pWork;

/// A work that the radio is used for, one at a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Work {
    Scan(Box<ScanRequest>),
    /// The channel in MHz is only shown.
    Connect {
        bss: u32,
        network: i32,
        freq: u32,
    },
    P2p(P2pWork),
    External(Box<ExternalWork>),
}

/// A program outside wants the radio for itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ExternalWork {
    pub id: u32,
    pub name: String,
    /// In MHz, only shown; 0: none.
    pub freq: u32,
    /// In seconds; 0: [`DEFAULT_TIMEOUT`].
    pub timeout: u32,
}

impl Work {
    pub(crate) fn is_scan(&self) -> bool {
        matches!(self, Work::Scan(_))
    }

    /// Whether it is a scan of anybody's.
    pub(crate) fn scans(&self) -> bool {
        matches!(self, Work::Scan(_) | Work::P2p(P2pWork::Scan(_)))
    }

    pub(crate) fn is_connect(&self) -> bool {
        matches!(self, Work::Connect { .. })
    }

    /// Returns the work of a program outside.
    pub(crate) fn external(&self) -> Option<&ExternalWork> {
        match self {
            Work::External(work) => Some(work),
            _ => None,
        }
    }

    /// Returns the name and the channel in MHz that RADIO_WORK show prints.
    pub(crate) fn title(&self) -> (String, u32) {
        match self {
            Work::Scan(_) => ("scan".to_owned(), 0),
            Work::Connect { freq, .. } => ("sme-connect".to_owned(), *freq),
            Work::P2p(P2pWork::Scan(_)) => ("p2p-scan".to_owned(), 0),
            Work::P2p(P2pWork::Listen { freq, .. }) => ("p2p-listen".to_owned(), *freq),
            Work::P2p(P2pWork::Action(action)) => ("p2p-send-action".to_owned(), action.freq),
            Work::External(work) => (format!("ext:{}", work.name), work.freq),
        }
    }
}
