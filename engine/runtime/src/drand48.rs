//! The C library's drand48 as a program has it that never seeds it: hostapd draws by it which frames it ignores.

/// The state of the linear congruential generator, 48 bits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drand48(u64);

impl Drand48 {
    const BITS: u64 = (1 << 48) - 1;

    /// Draws a number, and returns whether it is below a bound in units of 2^-48.
    pub fn is_below(&mut self, bound: u64) -> bool {
        self.0 = self.0.wrapping_mul(0x5_deec_e66d).wrapping_add(0xb) & Self::BITS;
        self.0 < bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_are_glibcs() {
        // 0.000000, 0.000985, 0.041631, 0.176643, 0.364602
        let share = |millionths: u64| millionths * ((1 << 48) / 1_000_000);
        let mut random = Drand48::default();
        for (above, below) in [(0, 1), (985, 986), (41_630, 41_632), (176_642, 176_644), (364_601, 364_604)] {
            let mut again = random.clone();
            assert!(random.is_below(share(below)) && (above == 0 || !again.is_below(share(above))));
        }
    }
}
