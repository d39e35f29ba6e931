//! The results that a method of a peer gives with each request.

/// methodState of RFC 4137 §4.2.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum MethodState {
    #[default]
    None,
    Init,
    Cont,
    MayCont,
    Done,
}

impl MethodState {
    pub fn name(self) -> &'static str {
        match self {
            MethodState::None => "NONE",
            MethodState::Init => "INIT",
            MethodState::Cont => "CONT",
            MethodState::MayCont => "MAY_CONT",
            MethodState::Done => "DONE",
        }
    }
}

/// decision of RFC 4137 §4.2: what the end of the link's service would mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Decision {
    #[default]
    Fail,
    CondSucc,
    UncondSucc,
}

impl Decision {
    pub fn name(self) -> &'static str {
        match self {
            Decision::Fail => "FAIL",
            Decision::CondSucc => "COND_SUCC",
            Decision::UncondSucc => "UNCOND_SUCC",
        }
    }
}

/// The decisions of a method about a request (RFC 4137 §4.2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct MethodReturn {
    pub ignore: bool,
    pub state: MethodState,
    pub decision: Decision,
    pub allow_notifications: bool,
    /// In seconds.
    pub client_timeout: u32,
}
