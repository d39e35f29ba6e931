//! The keys that a method leaves for the lower layer.

/// The keys of a successful authentication (RFC 5247 §1.2).
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey {
    pub msk: Vec<u8>,
    pub session_id: Option<Vec<u8>>,
}

impl core::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SessionKey").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}
