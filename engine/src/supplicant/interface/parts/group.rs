//! The group of Wi-Fi Direct that an interface carries or forms.
//!
//! A [`Phase`] stands for the flags that hostap 2.10 keeps in `struct wpa_supplicant`, with the scans and the channel that belong to
//! it, and an [`Outcome`]; the flags' names are getters.

use wpasim_wire::MacAddr;
use wpasim_wire::time::{Duration, Instant};

use crate::p2p::{GoNegResults, GroupIdentity, WpsMethod};

/// The use that an interface was made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum GroupInterface {
    /// Not for a group; a group may use it nevertheless (`p2p_no_group_iface`).
    #[default]
    No,
    Go,
    Client,
}

/// The way in which a group comes to be on the interface. Scans count from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Phase {
    /// No group is formed or entered; one may run, or its owner may be about to start.
    #[default]
    Rest,
    /// The credentials come, or came, by WPS, and the group had no data connection yet.
    Enrolling { scans: u32 },
    /// A client looks for the owner of a stored group, on the channel in MHz where the owner was said to be.
    Entering { scans: u32, freq: Option<u32> },
    /// Both: hostap 2.10 lets either go on while the other begins on the same interface.
    Overlapping { enrolment: u32, entry: u32, freq: Option<u32> },
}

/// The extent to which the formation that began last has come to an end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Outcome {
    /// It is open, or there was none.
    #[default]
    Open,
    /// Success or failure was reported; the group had no data connection.
    Reported,
    /// The group had a data connection.
    Connected,
    /// The group before had one, which hostap 2.10 counts for the client that is formed now.
    ConnectedBefore,
}

/// The peer to negotiate with instead of joining its group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FallBack {
    device: MacAddr,
    since: Instant,
}

impl FallBack {
    /// Makes a peer that owns a group only if its BSS is heard from this moment on.
    pub(crate) fn new(device: MacAddr, since: Instant) -> Self {
        FallBack { device, since }
    }

    /// Returns the peer's P2P Device Address.
    pub(crate) fn device(&self) -> MacAddr {
        self.device
    }

    /// Returns whether a BSS that was heard last at this moment shows that the peer owns a group.
    pub(crate) fn is_refuted_by(&self, heard: Instant) -> bool {
        heard > self.since
    }
}

/// Scans on the channel where the owner was said to be.
const SCANS_OF_GO_FREQ: u32 = 4;
/// Scans up to which the channels in common are looked at.
const SCANS_OF_COMMON_FREQS: u32 = 7;
/// Scans after which a group that is started again is given up.
const SCANS_OF_INVITATION: u32 = 20;

/// The part of an interface that is about groups.
#[derive(Debug, Default)]
pub(crate) struct GroupState {
    made_for: GroupInterface,
    phase: Phase,
    outcome: Outcome,
    start_is_due: bool,
    go_params: Option<Box<GoNegResults>>,
    go_device: MacAddr,
    pin: String,
    wps_method: WpsMethod,
    first_connection: Option<Duration>,
    handshake_failed: Option<i32>,
    awaits_presence_response: bool,
    connect_without_scan: Option<i32>,
    go_to_configure: Option<Box<GoNegResults>>,
    identity: Option<Box<GroupIdentity>>,
    common_freqs: Vec<u32>,
    results_since: Option<Instant>,
    fallback: Option<FallBack>,
    is_client_type: bool,
}

/// The events of the group.
impl GroupState {
    /// Makes the state of an interface that is made for a group.
    pub(crate) fn for_group(made_for: GroupInterface) -> Self {
        let is_client_type = made_for == GroupInterface::Client;
        GroupState { made_for, is_client_type, ..GroupState::default() }
    }

    /// Returns what is wrong with the state after an input.
    pub(crate) fn invariant(&self) -> Result<(), &'static str> {
        match self.phase {
            Phase::Enrolling { scans: 0 } | Phase::Overlapping { enrolment: 0, .. } => {
                Err("an enrolment that is over goes on")
            }
            Phase::Entering { scans: 0, .. } | Phase::Overlapping { entry: 0, .. } => {
                Err("the entry of a group that is over goes on")
            }
            Phase::Entering { scans, .. } | Phase::Overlapping { entry: scans, .. }
                if scans > SCANS_OF_INVITATION =>
            {
                Err("a group is looked for longer than it may be")
            }
            _ => Ok(()),
        }
    }

    /// Takes note of what P2P_CONNECT was asked, and of the peer to negotiate with if it owns no group.
    pub(crate) fn is_asked(&mut self, pin: String, wps_method: WpsMethod, fallback: Option<FallBack>) {
        self.fallback = fallback;
        self.will_enrol_by(pin, wps_method);
    }

    /// Sets how the group's credentials will be exchanged.
    pub(crate) fn will_enrol_by(&mut self, pin: String, wps_method: WpsMethod) {
        self.pin = pin;
        self.wps_method = wps_method;
    }

    /// Sets what the device says of itself in the frames of its groups.
    pub(crate) fn set_identity(&mut self, identity: Option<Box<GroupIdentity>>) {
        self.identity = identity;
    }

    /// Begins the formation of a group whose credentials come by WPS.
    pub(crate) fn enrolment_begins(&mut self) {
        self.set_scans(1, self.invitation());
    }

    /// Begins to form the client of a group.
    pub(crate) fn client_begins(&mut self, results: GoNegResults) {
        self.set_outcome(self.formation_completed(), false);
        self.go_params = Some(Box::new(results));
    }

    /// Forgets the group that was before the owner which begins now.
    pub(crate) fn owner_begins(&mut self) {
        self.start_is_due = false;
        self.outcome = Outcome::Open;
        self.go_device = MacAddr::ZERO;
    }

    /// Has the owner start with this network instead of the next scan.
    pub(crate) fn owner_is_planned(&mut self, network: i32, results: GoNegResults) {
        self.go_params = Some(Box::new(results.clone()));
        self.go_to_configure = Some(Box::new(results));
        self.connect_without_scan = Some(network);
    }

    /// Has an access point start instead of the next scan.
    pub(crate) fn plan_connection(&mut self, network: i32) {
        self.connect_without_scan = Some(network);
    }

    /// Takes note that the connection without a scan begins.
    pub(crate) fn planned_connection_begins(&mut self) {
        self.connect_without_scan = None;
    }

    /// Takes what the owner whose access point has started is to be configured with, unless nobody wants it any more.
    pub(crate) fn take_owner_to_configure(&mut self) -> Option<Box<GoNegResults>> {
        let params = self.go_to_configure.take().filter(|_| self.go_params.is_some())?;
        self.common_freqs.clone_from(&params.freq_list);
        Some(params)
    }

    /// Lets only the enrollee of the formation into the group.
    pub(crate) fn owner_awaits_enrollee(&mut self) {
        self.go_params = None;
    }

    /// Sets how long the owner of a restarted persistent group waits for its first client.
    pub(crate) fn limit_first_connection(&mut self, patience: Option<Duration>) {
        self.first_connection = patience;
    }

    /// Counts the formation as open until the first data connection.
    pub(crate) fn first_connection_is_awaited(&mut self) {
        self.set_outcome(false, self.formation_reported());
    }

    /// Takes note of a registration after which no data connection is awaited.
    pub(crate) fn completes_with_registration(&mut self) {
        self.set_outcome(true, self.formation_reported());
    }

    /// Takes note that the formation's success or failure is reported.
    pub(crate) fn formation_is_reported(&mut self) {
        self.set_outcome(self.formation_completed(), true);
    }

    /// Begins to enter a stored group as its client.
    pub(crate) fn entry_begins(&mut self, freq: Option<u32>) {
        self.start_is_due = true;
        self.phase = match self.provisioning() {
            0 => Phase::Entering { scans: 1, freq },
            enrolment => Phase::Overlapping { enrolment, entry: 1, freq },
        };
        self.set_outcome(false, self.formation_reported());
    }

    /// Forgets what an earlier group of the interface left, before a stored group is entered.
    pub(crate) fn forgets_owner_and_failures(&mut self) {
        self.handshake_failed = None;
        self.go_device = MacAddr::ZERO;
    }

    /// Takes note of the group's first data connection. Returns whether the formation was open.
    pub(crate) fn connects(&mut self) -> bool {
        let open = !self.formation_completed();
        if open {
            self.set_outcome(true, self.formation_reported());
            self.phase = Phase::Rest;
        }
        open
    }

    /// Ends the enrolment, however it went.
    pub(crate) fn enrolment_ends(&mut self) {
        self.set_scans(0, self.invitation());
    }

    /// Ends the entry of a stored group, however it went.
    pub(crate) fn entry_ends(&mut self) {
        self.set_scans(self.provisioning(), 0);
    }

    /// Owes the event of the group's start until there is a data connection, or does not.
    pub(crate) fn owe_start(&mut self, due: bool) {
        self.start_is_due = due;
    }

    /// Takes the debt of the group's start. Returns whether there was one.
    pub(crate) fn take_start_due(&mut self) -> bool {
        core::mem::take(&mut self.start_is_due)
    }

    /// Leaves the group on an interface that was not made for it.
    pub(crate) fn leave(&mut self) {
        self.start_is_due = false;
        self.go_params = None;
        self.common_freqs.clear();
        self.awaits_presence_response = false;
    }

    /// Forgets the start of an access point that ends.
    pub(crate) fn access_point_ends(&mut self) {
        self.go_to_configure = None;
        self.connect_without_scan = None;
    }

    /// Sets the P2P Device Address of the group's owner; zero if there is none.
    pub(crate) fn set_go_device(&mut self, device: MacAddr) {
        self.go_device = device;
    }

    /// Sets whether the driver has the interface as a P2P client. Returns whether that is a change.
    pub(crate) fn set_client_type(&mut self, client: bool) -> bool {
        core::mem::replace(&mut self.is_client_type, client) != client
    }

    /// Counts a failed 4-way handshake with this network. Returns whether it is the second in a row.
    pub(crate) fn handshake_fails(&mut self, network: i32) -> bool {
        let again = self.handshake_failed == Some(network);
        self.handshake_failed = (!again).then_some(network);
        again
    }

    /// Sets whether a presence response is awaited.
    pub(crate) fn await_presence_response(&mut self, awaited: bool) {
        self.awaits_presence_response = awaited;
    }

    /// Counts results of scans from this moment only; `None` counts all.
    pub(crate) fn count_results_since(&mut self, since: Option<Instant>) {
        self.results_since = since;
    }

    /// Sets the channels in MHz that the group may move to.
    pub(crate) fn set_common_freqs(&mut self, freqs: Vec<u32>) {
        self.common_freqs = freqs;
    }

    /// Returns the channels for the next scan if it looks for the group, and counts it; empty for all.
    //= hostap@2.10 wpa_supplicant/scan.c#wpa_supplicant_optimize_freqs
    pub(crate) fn freqs_to_scan(&mut self) -> Vec<u32> {
        let mut freqs = Vec::new();
        let (mut enrolment, mut entry) = (self.provisioning(), self.invitation());
        if enrolment != 0
            && let Some(params) = &self.go_params
        {
            if enrolment <= SCANS_OF_GO_FREQ && params.freq > 0 {
                freqs.push(params.freq);
            } else if enrolment <= SCANS_OF_COMMON_FREQS && !params.freq_list.is_empty() {
                freqs.clone_from(&params.freq_list);
                freqs.sort_unstable();
                freqs.dedup();
            }
            enrolment += 1;
        }
        if freqs.is_empty() && entry != 0 {
            if entry <= SCANS_OF_GO_FREQ {
                freqs.extend(self.entered_freq());
            }
            entry = if entry < SCANS_OF_INVITATION { entry + 1 } else { 0 };
        }
        self.set_scans(enrolment, entry);
        freqs
    }

    fn set_scans(&mut self, enrolment: u32, entry: u32) {
        let freq = self.entered_freq();
        self.phase = match (enrolment, entry) {
            (0, 0) => Phase::Rest,
            (scans, 0) => Phase::Enrolling { scans },
            (0, scans) => Phase::Entering { scans, freq },
            (enrolment, entry) => Phase::Overlapping { enrolment, entry, freq },
        };
    }

    fn entered_freq(&self) -> Option<u32> {
        match self.phase {
            Phase::Entering { freq, .. } | Phase::Overlapping { freq, .. } => freq,
            Phase::Rest | Phase::Enrolling { .. } => None,
        }
    }

    fn set_outcome(&mut self, completed: bool, reported: bool) {
        self.outcome = match (completed, reported) {
            (false, false) => Outcome::Open,
            (false, true) => Outcome::Reported,
            (true, true) => Outcome::Connected,
            (true, false) => Outcome::ConnectedBefore,
        };
    }
}

/// The state of the group that others read.
impl GroupState {
    /// Returns what the interface was made for.
    pub(crate) fn made_for(&self) -> GroupInterface {
        self.made_for
    }

    /// Returns whether the interface was made for a group.
    pub(crate) fn is_for_group(&self) -> bool {
        self.made_for != GroupInterface::No
    }

    /// Returns the number of scans of this enrolment, from 1; 0 while none goes on (`p2p_in_provisioning`).
    pub(crate) fn provisioning(&self) -> u32 {
        match self.phase {
            Phase::Enrolling { scans } | Phase::Overlapping { enrolment: scans, .. } => scans,
            Phase::Rest | Phase::Entering { .. } => 0,
        }
    }

    /// Returns whether an enrolment goes on.
    pub(crate) fn is_provisioning(&self) -> bool {
        self.provisioning() != 0
    }

    /// Returns the number of scans for the owner of a stored group, from 1; 0 outside of that (`p2p_in_invitation`).
    pub(crate) fn invitation(&self) -> u32 {
        match self.phase {
            Phase::Entering { scans, .. } | Phase::Overlapping { entry: scans, .. } => scans,
            Phase::Rest | Phase::Enrolling { .. } => 0,
        }
    }

    /// Returns whether the owner of a stored group is looked for.
    pub(crate) fn is_invited(&self) -> bool {
        self.invitation() != 0
    }

    /// Returns whether the event of the group's start is owed (`show_group_started`).
    pub(crate) fn owes_start(&self) -> bool {
        self.start_is_due
    }

    /// Returns whether the group had its first data connection (`p2p_go_group_formation_completed`).
    pub(crate) fn formation_completed(&self) -> bool {
        matches!(self.outcome, Outcome::Connected | Outcome::ConnectedBefore)
    }

    /// Returns whether success or failure was reported (`group_formation_reported`).
    pub(crate) fn formation_reported(&self) -> bool {
        matches!(self.outcome, Outcome::Reported | Outcome::Connected)
    }

    /// Returns what was agreed of the group, until its owner awaits the enrollee.
    pub(crate) fn go_params(&self) -> Option<&GoNegResults> {
        self.go_params.as_deref()
    }

    /// Returns the P2P Device Address of the group's owner, zero if it is not known.
    pub(crate) fn go_device(&self) -> MacAddr {
        self.go_device
    }

    /// Returns the PIN of the enrolment.
    pub(crate) fn pin(&self) -> &str {
        &self.pin
    }

    /// Returns the method of the enrolment.
    pub(crate) fn wps_method(&self) -> WpsMethod {
        self.wps_method
    }

    /// Returns how long the owner of a restarted persistent group waits for its first client.
    pub(crate) fn first_connection(&self) -> Option<Duration> {
        self.first_connection
    }

    /// Returns whether a presence response is awaited.
    pub(crate) fn awaits_presence_response(&self) -> bool {
        self.awaits_presence_response
    }

    /// Returns the network of the access point that starts instead of the next scan.
    pub(crate) fn connect_without_scan(&self) -> Option<i32> {
        self.connect_without_scan
    }

    /// Returns what the device says of itself in the frames of its groups.
    pub(crate) fn identity(&self) -> Option<&GroupIdentity> {
        self.identity.as_deref()
    }

    /// Returns the channels in MHz that the group may move to.
    pub(crate) fn common_freqs(&self) -> &[u32] {
        &self.common_freqs
    }

    /// Returns the moment before which results of scans do not count.
    pub(crate) fn results_since(&self) -> Option<Instant> {
        self.results_since
    }

    /// Returns the peer to negotiate with if it turns out to own no group.
    pub(crate) fn fallback(&self) -> Option<FallBack> {
        self.fallback
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The events that can happen to a group, as far as its formation goes.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        EnrolmentBegins,
        ClientBegins,
        OwnerBegins,
        EntryBegins,
        Connects,
        EnrolmentEnds,
        EntryEnds,
        IsReported,
        AwaitsConnection,
        CompletesWithRegistration,
        Scans,
    }

    const STEPS: [Step; 11] = [
        Step::EnrolmentBegins,
        Step::ClientBegins,
        Step::OwnerBegins,
        Step::EntryBegins,
        Step::Connects,
        Step::EnrolmentEnds,
        Step::EntryEnds,
        Step::IsReported,
        Step::AwaitsConnection,
        Step::CompletesWithRegistration,
        Step::Scans,
    ];

    /// The flags of `struct wpa_supplicant` that the phases stand for.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    struct Flags {
        in_provisioning: u32,
        in_invitation: u32,
        show_group_started: bool,
        formation_completed: bool,
        formation_reported: bool,
        has_params: bool,
    }

    impl Flags {
        fn of(group: &GroupState) -> Flags {
            Flags {
                in_provisioning: group.provisioning(),
                in_invitation: group.invitation(),
                show_group_started: group.owes_start(),
                formation_completed: group.formation_completed(),
                formation_reported: group.formation_reported(),
                has_params: group.go_params().is_some(),
            }
        }

        /// Does what hostap 2.10 does to its flags. Returns the channels that the next scan is limited to.
        fn step(&mut self, step: Step) -> Vec<u32> {
            match step {
                Step::EnrolmentBegins => self.in_provisioning = 1,
                Step::ClientBegins => (self.formation_reported, self.has_params) = (false, true),
                Step::OwnerBegins => {
                    self.show_group_started = false;
                    self.formation_completed = false;
                    self.formation_reported = false;
                }
                Step::EntryBegins => {
                    self.show_group_started = true;
                    self.in_invitation = 1;
                    self.formation_completed = false;
                }
                Step::Connects if self.formation_completed => {}
                Step::Connects => {
                    self.formation_completed = true;
                    (self.in_provisioning, self.in_invitation) = (0, 0);
                }
                Step::EnrolmentEnds => self.in_provisioning = 0,
                Step::EntryEnds => self.in_invitation = 0,
                Step::IsReported => self.formation_reported = true,
                Step::AwaitsConnection => self.formation_completed = false,
                Step::CompletesWithRegistration => self.formation_completed = true,
                Step::Scans => return self.scan(),
            }
            Vec::new()
        }

        fn scan(&mut self) -> Vec<u32> {
            let mut freqs = Vec::new();
            if self.in_provisioning != 0 && self.has_params {
                freqs = match self.in_provisioning {
                    1..5 => vec![2412],
                    5..8 => vec![2412, 2437],
                    _ => vec![],
                };
                self.in_provisioning += 1;
            }
            if freqs.is_empty() && self.in_invitation != 0 {
                if self.in_invitation < 5 {
                    freqs.push(2462);
                }
                self.in_invitation += 1;
                if self.in_invitation > 20 {
                    self.in_invitation = 0;
                }
            }
            freqs
        }
    }

    fn step(group: &mut GroupState, step: Step) -> Vec<u32> {
        match step {
            Step::EnrolmentBegins => group.enrolment_begins(),
            Step::ClientBegins => {
                let freq_list = vec![2437, 2412, 2437];
                group.client_begins(GoNegResults { freq: 2412, freq_list, ..GoNegResults::default() });
            }
            Step::OwnerBegins => group.owner_begins(),
            Step::EntryBegins => group.entry_begins(Some(2462)),
            Step::Connects => {
                group.connects();
            }
            Step::EnrolmentEnds => group.enrolment_ends(),
            Step::EntryEnds => group.entry_ends(),
            Step::IsReported => group.formation_is_reported(),
            Step::AwaitsConnection => group.first_connection_is_awaited(),
            Step::CompletesWithRegistration => group.completes_with_registration(),
            Step::Scans => return group.freqs_to_scan(),
        }
        Vec::new()
    }

    proptest! {
        #[test]
        fn the_phases_stand_for_the_flags_of_hostap(steps in proptest::collection::vec(
            prop_oneof![4 => proptest::sample::select(&STEPS[..]), 3 => Just(Step::Scans)],
            0..60,
        )) {
            let (mut group, mut flags) = (GroupState::default(), Flags::default());
            for (n, each) in steps.iter().enumerate() {
                prop_assert_eq!(step(&mut group, *each), flags.step(*each), "step {}: {:?}", n, each);
                prop_assert_eq!(Flags::of(&group), flags, "step {}: {:?}", n, each);
                prop_assert_eq!(group.invariant(), Ok(()));
            }
        }
    }

    #[test]
    fn a_group_that_is_not_found_is_given_up_after_twenty_scans() {
        let mut group = GroupState::default();
        group.entry_begins(Some(2462));
        let limited = (0..20).filter(|_| group.freqs_to_scan() == [2462]).count();
        assert_eq!((limited, group.is_invited(), group.owes_start()), (4, false, true));
        assert_eq!(group.phase, Phase::Rest);
    }

    #[test]
    fn an_owner_that_nobody_wants_any_more_is_not_configured() {
        let mut group = GroupState::default();
        group.owner_is_planned(3, GoNegResults { freq_list: vec![2412], ..GoNegResults::default() });
        assert_eq!(group.connect_without_scan(), Some(3));
        group.leave();
        assert!(group.take_owner_to_configure().is_none());
        assert!(group.common_freqs().is_empty());
    }

    #[test]
    fn two_failed_handshakes_in_a_row_with_one_network_count() {
        let mut group = GroupState::default();
        assert!(!group.handshake_fails(1) && !group.handshake_fails(2), "of different networks");
        assert!(group.handshake_fails(2) && !group.handshake_fails(2), "the count begins anew");
    }
}
