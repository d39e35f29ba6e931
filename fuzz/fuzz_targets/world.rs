#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wpasim_fuzz::run("world", data));

// Half of the changes are of steps, the other half libFuzzer's own, which know the dictionary.
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let edited = data.get(..size).filter(|_| seed.is_multiple_of(2));
    match edited.and_then(|program| wpasim_fuzz::edit::edited(program, max_size, seed)) {
        Some(program) => {
            data[..program.len()].copy_from_slice(&program);
            program.len()
        }
        None => libfuzzer_sys::fuzzer_mutate(data, size, max_size),
    }
});
