//! Service discovery between devices from beginning to end.

use super::air::{Air, Fate};
use super::*;
use crate::service::{Query, Services};
use proptest::prelude::*;

const LONG: Duration = Duration::from_secs(60);

/// A searching device and one that listens and offers what it is given.
struct Bench {
    air: Air,
    services: Services,
    asked: Vec<Vec<u8>>,
}

impl Bench {
    fn new(seed: u64, services: &[String]) -> Self {
        let mut air = Air::new([device(1, 6, seed), device(2, 11, seed)]);
        let mut offered = Services::default();
        for service in services {
            assert_eq!(offered.add(service, 0), Ok(true));
            air.on(1, |d, _| d.service_update());
        }
        Bench { air, services: offered, asked: Vec::new() }
    }

    fn ask(&mut self, arguments: &str) -> u64 {
        let query = Query::parse(arguments).unwrap();
        self.air.on(0, |d, _| d.service_request(query)).unwrap()
    }

    /// Both search; requests are answered as they come.
    fn search(&mut self, time: Duration) {
        for i in 0..2 {
            let request = FindRequest { kind: FindKind::OnlySocial, ..FindRequest::default() };
            assert_eq!(self.air.on(i, |d, cx| d.find(cx, request)), Ok(()));
        }
        let end = self.air.now + time;
        let asked =
            |air: &Air| air.stations[1].events.iter().any(|e| matches!(e, Event::ServiceRequest { .. }));
        while self.air.run(end, asked) {
            for event in core::mem::take(&mut self.air.stations[1].events) {
                let Event::ServiceRequest { freq, src, dialog_token, tlvs, .. } = event else { continue };
                let response = self.services.respond(&tlvs, &None, false).unwrap();
                self.asked.push(tlvs);
                self.air.on(1, |d, cx| d.service_response(cx, freq, src, dialog_token, response));
            }
        }
    }

    /// The responses that the searching device got: update indicator and TLVs.
    fn answers(&self) -> Vec<(u16, Vec<u8>)> {
        let answers = self.air.stations[0].events.iter().filter_map(|e| match e {
            Event::ServiceResponse { src, update_indic, tlvs } => {
                assert_eq!(*src, addr(2));
                Some((*update_indic, tlvs.clone()))
            }
            _ => None,
        });
        answers.collect()
    }
}

/// Services whose response takes four frames.
fn many() -> Vec<String> {
    (0..5).map(|n| format!("bonjour {n:02x} {}", "ab".repeat(1000))).collect()
}

#[test]
fn everybody_is_asked_once() {
    let mut bench = Bench::new(1, &["upnp 10 uuid:1".to_owned(), "upnp 10 uuid:2".to_owned()]);
    let number = bench.ask("00:00:00:00:00:00 02000001");
    bench.search(LONG);
    let both = b"\x0a\x00\x02\x01\x00\x10uuid:2\x0a\x00\x02\x01\x00\x10uuid:1".to_vec();
    assert_eq!(bench.answers(), [(2, both)]);
    assert_eq!(bench.asked, [[2, 0, 0, 1]]);
    assert!(bench.air.on(0, |d, _| d.cancel_service_request(number)), "it waits for other peers");
    assert!(!bench.air.on(0, |d, _| d.cancel_service_request(number)));
}

#[test]
fn one_peer_is_asked_until_it_answers() {
    let mut bench = Bench::new(2, &["upnp 10 uuid:1".to_owned()]);
    bench.air.fate = Box::new(|n| if n < 3 { Fate::Lost } else { Fate::Arrives });
    let number = bench.ask("02:00:00:00:02:00 upnp 10 uuid");
    bench.search(LONG);
    assert_eq!((bench.asked.len(), bench.answers().len()), (1, 1));
    assert!(bench.air.sent > 4, "the query was sent again");
    assert!(!bench.air.on(0, |d, _| d.cancel_service_request(number)), "it was answered");
}

#[test]
fn long_responses_are_fetched_in_pieces() {
    let mut bench = Bench::new(3, &many());
    bench.ask("02:00:00:00:02:00 02000001");
    bench.search(LONG);
    let answers = bench.answers();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].1, bench.services.respond(&[2, 0, 0, 1], &None, false).unwrap());
    assert_eq!(answers[0].1.len(), 5 * 1006);
}

#[test]
fn nobody_is_asked_after_the_query_is_gone() {
    let mut bench = Bench::new(4, &many());
    let number = bench.ask("02:00:00:00:02:00 02000001");
    assert!(bench.air.on(0, |d, _| d.cancel_service_request(number)));
    bench.search(Duration::from_secs(5));
    assert!(bench.asked.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_lost_a_response_comes_whole(
        seed in 0..1000u64,
        fates in prop::collection::vec(prop_oneof![
            3 => Just(Fate::Arrives), 1 => Just(Fate::Lost), 1 => Just(Fate::AckLost), 1 => Just(Fate::Twice),
        ], 0..12),
    ) {
        let mut bench = Bench::new(seed, &["upnp 10 uuid:1".to_owned()]);
        bench.air.fate = Box::new(move |n| fates.get(n).copied().unwrap_or(Fate::Arrives));
        bench.ask("02:00:00:00:02:00 02000001");
        bench.search(LONG);
        let expected = b"\x0a\x00\x02\x01\x00\x10uuid:1".to_vec();
        prop_assert!(bench.answers().iter().all(|(_, tlvs)| *tlvs == expected));
        prop_assert!(!bench.answers().is_empty());
    }
}
