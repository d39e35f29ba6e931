//! Random streams. Each is keyed by (seed, node, purpose), so that a new draw in one place moves
//! nothing elsewhere.

use rand_chacha::ChaCha12Rng;
use rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

/// The source of a node's random streams.
#[derive(Clone, Debug)]
pub struct Entropy {
    seed: u64,
    node: String,
}

/// One stream of random octets.
#[derive(Clone, Debug)]
pub struct Stream {
    generator: ChaCha12Rng,
    /// The values that another implementation drew when it was recorded: they come first.
    recorded: std::collections::VecDeque<u8>,
}

impl Entropy {
    /// `node` names the device in the scenario.
    pub fn new(seed: u64, node: &str) -> Self {
        Entropy { seed, node: node.to_owned() }
    }

    /// The source of a part of the node, whose purposes are its own.
    pub fn derive(&self, part: &str) -> Entropy {
        Entropy { seed: self.seed, node: format!("{}/{part}", self.node) }
    }

    /// The stream for one purpose. Asking twice gives the same stream from its beginning.
    pub fn stream(&self, purpose: &str) -> Stream {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update((self.node.len() as u64).to_le_bytes());
        hash.update(self.node.as_bytes());
        hash.update(purpose.as_bytes());
        Stream::from(ChaCha12Rng::from_seed(hash.finalize().into()))
    }
}

impl Stream {
    fn from(generator: ChaCha12Rng) -> Self {
        Stream { generator, recorded: std::collections::VecDeque::new() }
    }

    /// Returns a stream that draws what another implementation drew, as a recording has it, and then what a generator makes:
    /// tests repeat the recorded exchange with it.
    pub fn recorded(octets: impl IntoIterator<Item = u8>) -> Self {
        Stream { generator: ChaCha12Rng::from_seed([0; 32]), recorded: octets.into_iter().collect() }
    }

    /// Fills `out`.
    pub fn fill(&mut self, out: &mut [u8]) {
        if !self.recorded.is_empty() && self.recorded.len() >= out.len() {
            out.fill_with(|| self.recorded.pop_front().unwrap_or_default());
            return;
        }
        self.generator.fill_bytes(out);
    }

    /// `N` octets.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    /// A number below `n`; 0 if `n` is 0. Unbiased.
    pub fn below(&mut self, n: u32) -> u32 {
        if n == 0 {
            return 0;
        }
        let limit = u64::from(u32::MAX) + 1 - (u64::from(u32::MAX) + 1) % u64::from(n);
        loop {
            let draw = u64::from(u32::from_le_bytes(self.bytes()));
            if draw < limit {
                return (draw % u64::from(n)) as u32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_independent_and_repeatable() {
        let e = Entropy::new(7, "sta");
        assert_eq!(e.stream("snonce").bytes::<8>(), e.stream("snonce").bytes::<8>());
        assert_ne!(e.stream("snonce").bytes::<8>(), e.stream("anonce").bytes::<8>());
        assert_ne!(e.stream("snonce").bytes::<8>(), Entropy::new(7, "ap").stream("snonce").bytes::<8>());
        assert!((0..100).all(|_| e.stream("x").below(3) < 3));
    }
}
