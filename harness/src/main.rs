use std::process::ExitCode;

fn main() -> ExitCode {
    wpasim::cli::main()
}
