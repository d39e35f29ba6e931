#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wpasim_fuzz::run("amsdu", data));
