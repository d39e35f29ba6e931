//! Places that are not reached.

/// Marks a place that is not reached unless the engine itself is at fault: debug builds stop there with the text, which says
/// what should hold; others go on, since a process must not end for everybody because of one fault.
///
/// ```
/// use wpasim_runtime::never;
///
/// fn double(entry: Option<&mut u32>) {
///     let Some(entry) = entry else { return never!("the entry is there") };
///     *entry *= 2;
/// }
///
/// let mut number = 21;
/// double(Some(&mut number));
/// assert_eq!(number, 42);
/// ```
#[macro_export]
macro_rules! never {
    ($should:literal) => {
        debug_assert!(false, concat!("this does not hold: ", $should))
    };
}
