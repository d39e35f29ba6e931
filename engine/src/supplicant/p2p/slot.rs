//! The place of the device machine in its process.

use crate::p2p::Device;

/// The device machine, if there is one. While it runs it is out of its place, and whoever asks for it then has forgotten that
/// he is called by it: debug builds stop there, since "there is no device" would be a wrong answer.
#[derive(Debug, Default)]
pub(super) enum DeviceSlot {
    /// The process has no P2P device.
    #[default]
    Absent,
    Present(Box<Device>),
    Running,
}

impl DeviceSlot {
    /// Returns the device machine, `None` without one.
    pub(super) fn get(&self) -> Option<&Device> {
        match self {
            DeviceSlot::Present(device) => Some(device),
            DeviceSlot::Absent => None,
            DeviceSlot::Running => nested(),
        }
    }

    /// The same, to change it.
    pub(super) fn get_mut(&mut self) -> Option<&mut Device> {
        match self {
            DeviceSlot::Present(device) => Some(device),
            DeviceSlot::Absent => None,
            DeviceSlot::Running => nested(),
        }
    }

    /// Takes the device machine out to run it, `None` without one. It has to be put back.
    pub(super) fn take(&mut self) -> Option<Box<Device>> {
        match core::mem::take(self) {
            DeviceSlot::Present(device) => {
                *self = DeviceSlot::Running;
                Some(device)
            }
            DeviceSlot::Absent => None,
            DeviceSlot::Running => {
                *self = DeviceSlot::Running;
                nested()
            }
        }
    }

    /// Puts the device machine into its place.
    pub(super) fn put(&mut self, device: Box<Device>) {
        debug_assert!(!matches!(self, DeviceSlot::Present(_)), "there is a P2P device already");
        *self = DeviceSlot::Present(device);
    }
}

fn nested<T>() -> Option<T> {
    debug_assert!(false, "the P2P device is asked for while it runs");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_device_is_no_fault() {
        let mut slot = DeviceSlot::default();
        assert!(slot.get().is_none() && slot.get_mut().is_none() && slot.take().is_none());
    }

    #[test]
    #[should_panic(expected = "asked for while it runs")]
    fn a_device_that_runs_is_not_taken_for_none() {
        let _ = DeviceSlot::Running.get();
    }

    #[test]
    #[should_panic(expected = "asked for while it runs")]
    fn a_device_that_runs_is_not_taken_again() {
        let _ = DeviceSlot::Running.take();
    }
}
