//! The numbers that an interface gives to what is answered later.

/// The numbers that were given last.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    /// Of the works of programs outside.
    external_work: u32,
    /// Of frames whose transmission is reported.
    next_cookie: u64,
}

impl Default for Numbers {
    fn default() -> Self {
        Numbers { external_work: 0, next_cookie: 1 }
    }
}

impl Numbers {
    /// Gives a number to a work of a program outside, never 0.
    pub(crate) fn external_work(&mut self) -> u32 {
        self.external_work = self.external_work.checked_add(1).unwrap_or(1);
        self.external_work
    }

    /// Gives a number to a frame whose transmission is to be reported.
    pub(crate) fn cookie(&mut self) -> u64 {
        let cookie = self.next_cookie;
        self.next_cookie += 1;
        cookie
    }

    /// Returns what is wrong after an input, if anything is.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        if self.next_cookie == 0 { Err("a frame has the number that none has") } else { Ok(()) }
    }
}
