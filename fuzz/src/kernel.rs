//! Targets for what the kernel says.

use wpasim_hwsim::codec::{Command, family, messages};

/// A datagram of netlink's. What is read is written so that it reads back the same, and no message is
/// longer than the datagram.
pub fn hwsim_message(data: &[u8]) {
    let mut total = 0;
    for message in messages(data) {
        let message = match message {
            Ok(message) => message,
            Err(error) => return assert!(error.offset <= data.len()),
        };
        total += message.payload.len();
        assert!(total <= data.len());
        let _ = (message.answer(), family::read_description(&message));
        let command = match Command::read(&message) {
            Ok(command) => command,
            Err(error) => {
                assert!(error.offset <= data.len() + 4);
                continue;
            }
        };
        let mut written = Vec::new();
        command.write(message.header, &mut written);
        let again = messages(&written).next().expect("one message").expect("well formed");
        assert_eq!(again.header, message.header);
        assert_eq!(Command::read(&again), Ok(command));
    }
}
