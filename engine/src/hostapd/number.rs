//! Numbers as hostapd reads them.

/// C's atoi: leading blanks, a sign, digits; 0 without digits.
pub(super) fn atoi(text: &str) -> i64 {
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = digits
        .bytes()
        .take_while(u8::is_ascii_digit)
        .fold(0i64, |n, d| n.saturating_mul(10).saturating_add(i64::from(d - b'0')));
    (if negative { -value } else { value }).clamp(i64::from(i32::MIN), i64::from(u32::MAX))
}

pub(super) fn in_range(number: i64, from: i64, to: i64) -> Option<i64> {
    (from..=to).contains(&number).then_some(number)
}
