//! Signal by distance, in integers: milli-dB and a table of logarithms, so that every machine gets
//! the same.

/// 10·log10(1 + i/16) in milli-dB, for i from 0 to 16.
const FRACTION_MDB: [i64; 17] =
    [0, 263, 512, 746, 969, 1181, 1383, 1576, 1761, 1938, 2109, 2272, 2430, 2583, 2730, 2872, 3010];

/// 10·log10(2) in milli-dB.
const DOUBLING_MDB: i64 = 3010;

/// Loss over the first metre at 2.4 GHz and at 5 GHz.
const FIRST_METRE_MDB: (i64, i64) = (40_000, 47_000);

/// Loss grows with the third power of the distance, as within buildings.
const EXPONENT: i64 = 3;

/// Frames weaker than this are not heard, in dBm.
pub const SENSITIVITY_DBM: i32 = -92;

/// 10·log10(x) in milli-dB, for x of at least 1.
fn decibels_milli(x: u64) -> i64 {
    let x = x.max(1);
    let exponent = 63 - x.leading_zeros() as i64;
    // Sixteenths above the power of two, with eight more bits to interpolate.
    let mantissa = if exponent >= 12 { x >> (exponent - 12) } else { x << (12 - exponent) };
    let offset = (mantissa - 4096) as i64;
    let (cell, rest) = ((offset / 256) as usize, offset % 256);
    let low = FRACTION_MDB.get(cell).copied().unwrap_or(0);
    let high = FRACTION_MDB.get(cell + 1).copied().unwrap_or(low);
    exponent * DOUBLING_MDB + low + (high - low) * rest / 256
}

/// The largest integer whose square is at most `n`.
fn isqrt(n: u128) -> u64 {
    n.isqrt() as u64
}

/// The signal in dBm that `tx_power_dbm` leaves between two positions in millimetres.
pub fn signal_dbm(tx_power_dbm: i32, freq: u32, a: (i64, i64), b: (i64, i64)) -> i32 {
    let (dx, dy) = (i128::from(a.0) - i128::from(b.0), i128::from(a.1) - i128::from(b.1));
    let square = dx
        .unsigned_abs()
        .saturating_mul(dx.unsigned_abs())
        .saturating_add(dy.unsigned_abs().saturating_mul(dy.unsigned_abs()));
    let millimetres = isqrt(square).max(1000);
    let first = if freq < 3000 { FIRST_METRE_MDB.0 } else { FIRST_METRE_MDB.1 };
    let loss = first + EXPONENT * (decibels_milli(millimetres) - decibels_milli(1000));
    let milli = i64::from(tx_power_dbm) * 1000 - loss;
    // Rounded to the nearest, halves away from zero.
    let rounded = (milli.abs() + 500) / 1000;
    (if milli < 0 { -rounded } else { rounded }) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right_to_a_hundredth_of_a_decibel() {
        for (x, mdb) in
            [(1, 0), (2, 3010), (10, 10_000), (1000, 30_000), (12_345, 40_915), (1_000_000, 60_000)]
        {
            let got = decibels_milli(x);
            assert!((got - mdb).abs() <= 10, "{x}: {got} instead of {mdb}");
        }
    }

    #[test]
    fn signal_falls_with_distance() {
        let at = |m: i64| signal_dbm(20, 2412, (0, 0), (m * 1000, 0));
        assert_eq!(at(0), -20);
        assert_eq!(at(1), -20);
        assert_eq!(at(10), -50);
        assert_eq!(at(100), -80);
        assert!(at(1000) < SENSITIVITY_DBM);
        assert_eq!(signal_dbm(20, 5180, (0, 0), (6_000, 8_000)), -57);
    }
}
