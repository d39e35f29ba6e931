//! The switches of the commands for test suites (CONFIG_TESTING_OPTIONS).

use crate::supplicant::interface::test_frame::SentFrame;

/// The switches, and the frame that is on its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Testing {
    built_in: bool,
    external_mgmt: bool,
    external_eapol: bool,
    data: bool,
    sent: Option<SentFrame>,
}

impl Testing {
    /// Sets whether the program is built with these commands.
    pub(crate) fn set_built_in(&mut self, built_in: bool) {
        self.built_in = built_in;
    }

    /// Sets whether received management frames are only told (SET ext_mgmt_frame_handling).
    pub(crate) fn tell_mgmt_frames(&mut self, on: bool) {
        self.external_mgmt = on;
    }

    /// Sets whether EAPOL frames are told instead of sent (SET ext_eapol_frame_io).
    pub(crate) fn tell_eapol_frames(&mut self, on: bool) {
        self.external_eapol = on;
    }

    /// Sets whether test packets are told (DATA_TEST_CONFIG).
    pub(crate) fn tell_test_packets(&mut self, on: bool) {
        self.data = on;
    }

    /// Keeps a frame whose transmission is to be told.
    pub(crate) fn frame_is_sent(&mut self, frame: SentFrame) {
        self.sent = Some(frame);
    }

    /// Takes the frame whose transmission is to be told.
    pub(crate) fn take_sent(&mut self) -> Option<SentFrame> {
        self.sent.take()
    }

    /// Takes the frame whose transmission is to be told if it has this number.
    pub(crate) fn take_sent_with(&mut self, cookie: u64) -> Option<SentFrame> {
        self.sent.take_if(|sent| sent.cookie == cookie)
    }

    pub(crate) fn is_built_in(&self) -> bool {
        self.built_in
    }

    /// Returns whether received management frames are only told.
    pub(crate) fn tells_mgmt_frames(&self) -> bool {
        self.external_mgmt
    }

    /// Returns whether EAPOL frames are told instead of sent.
    pub(crate) fn tells_eapol_frames(&self) -> bool {
        self.external_eapol
    }

    /// Returns whether test packets are told.
    pub(crate) fn tells_test_packets(&self) -> bool {
        self.data
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        let used = self.external_mgmt || self.external_eapol || self.data || self.sent.is_some();
        if used && !self.built_in { Err("a program without test commands obeys one") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_of_a_program_without_test_commands_is_found() {
        let mut testing = Testing::default();
        testing.tell_test_packets(true);
        assert!(testing.invariant().is_err());
        testing.set_built_in(true);
        assert_eq!(testing.invariant(), Ok(()));
    }
}
