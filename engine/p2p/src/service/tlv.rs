//! TLVs of service discovery (Wi-Fi Direct 1.7 §4.2.12): length, protocol, transaction, status in responses,
//! data.

/// Service Protocol Types (Wi-Fi Direct 1.7 table 66).
pub mod protocol {
    pub const ALL: u8 = 0;
    pub const BONJOUR: u8 = 1;
    pub const UPNP: u8 = 2;
    pub const WIFI_DISPLAY: u8 = 4;
    /// Wi-Fi Direct Services.
    pub const ASP: u8 = 11;
}

/// Status Codes of responses (Wi-Fi Direct 1.7 table 68).
pub mod status {
    pub const SUCCESS: u8 = 0;
    pub const PROTOCOL_NOT_AVAILABLE: u8 = 1;
    pub const REQUESTED_INFO_NOT_AVAILABLE: u8 = 2;
    pub const BAD_REQUEST: u8 = 3;
}

/// A request for services, or a response with its status in front of the data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tlv<'a> {
    pub protocol: u8,
    pub transaction: u8,
    pub data: &'a [u8],
}

/// TLVs one after the other; the last item is `None` if what remains is malformed.
#[derive(Clone, Copy, Debug)]
pub struct Tlvs<'a>(&'a [u8]);

impl<'a> Tlvs<'a> {
    /// Over what follows the service update indicator. A single last octet is nothing.
    pub fn new(octets: &'a [u8]) -> Self {
        Tlvs(octets)
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Option<Tlv<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&[low, high], rest) = self.0.split_first_chunk::<2>()?;
        let len = usize::from(u16::from_le_bytes([low, high]));
        self.0 = &[];
        let Some((content, rest)) = rest.split_at_checked(len) else { return Some(None) };
        let Some((&[protocol, transaction], data)) = content.split_first_chunk::<2>() else {
            return Some(None);
        };
        self.0 = rest;
        Some(Some(Tlv { protocol, transaction, data }))
    }
}

/// TLVs being written, as many as fit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TlvWriter {
    octets: Vec<u8>,
    limit: usize,
}

impl TlvWriter {
    /// With room for `limit` octets.
    pub fn new(limit: usize) -> Self {
        TlvWriter { octets: Vec::new(), limit }
    }

    /// Returns the number of octets that there is still room for.
    pub fn room(&self) -> usize {
        self.limit.saturating_sub(self.octets.len())
    }

    /// Appends a TLV. Data beyond what its length can say is cut there.
    pub fn push(&mut self, protocol: u8, transaction: u8, data: &[u8]) {
        let data = data.get(..0xffff - 2).unwrap_or(data);
        self.octets.extend_from_slice(&(data.len() as u16 + 2).to_le_bytes());
        self.octets.extend_from_slice(&[protocol, transaction]);
        self.octets.extend_from_slice(data);
    }

    /// Appends a response without data, if there is room.
    pub fn push_status(&mut self, protocol: u8, transaction: u8, status: u8) {
        if self.room() >= 5 {
            self.push(protocol, transaction, &[status]);
        }
    }

    /// Returns the octets that were written.
    pub fn into_octets(self) -> Vec<u8> {
        self.octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_cut_short_is_the_end() {
        assert_eq!(Tlvs::new(&[1]).count(), 0);
        assert_eq!(Tlvs::new(&[1, 0, 9]).collect::<Vec<_>>(), [None]);
        assert_eq!(Tlvs::new(&[5, 0, 1, 2, 3]).collect::<Vec<_>>(), [None]);
        let all: Vec<_> =
            Tlvs::new(&[2, 0, 1, 7, 3, 0, 2, 8, 9, 0]).flatten().map(|t| t.data.len()).collect();
        assert_eq!(all, [0, 1]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(list in prop::collection::vec(
            (any::<u8>(), any::<u8>(), prop::collection::vec(any::<u8>(), 0..40)), 0..9)) {
            let mut writer = TlvWriter::new(10_000);
            for (protocol, transaction, data) in &list {
                writer.push(*protocol, *transaction, data);
            }
            let octets = writer.into_octets();
            let read: Vec<_> = Tlvs::new(&octets)
                .map(|t| t.map(|t| (t.protocol, t.transaction, t.data.to_vec())).unwrap())
                .collect();
            prop_assert_eq!(read, list);
        }
    }
}
