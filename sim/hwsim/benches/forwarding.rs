//! What a frame of the kernel's costs on its way, without the kernel: `cargo bench -p wpasim-hwsim`.
//! With it: the example `forwarding`, in the lab.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use wpasim_hwsim::codec::{Command, Deliver, Header, TxInfo, messages};
use wpasim_sim::{Delivery, NodeId, Outside, OutsideFrame, OutsideSpec, Step, TxStatus, World, WorldConfig};
use wpasim_wire::MacAddr;

fn main() {
    divan::main();
}

/// As Linux sent it.
const BEACON: &[u8] = include_bytes!("../tests/messages/beacon");

#[divan::bench]
fn read_a_transmission(bencher: Bencher) {
    bencher.counter(BytesCount::new(BEACON.len())).bench(|| {
        let message = messages(black_box(BEACON)).next().unwrap().unwrap();
        Command::read(&message).unwrap()
    });
}

#[divan::bench(args = [100, 1500])]
fn write_a_delivery(bencher: Bencher, octets: usize) {
    let delivery =
        Command::Deliver(Deliver { frame: vec![7; octets], freq: Some(2412), ..Deliver::default() });
    let mut out = Vec::new();
    bencher.counter(BytesCount::new(octets)).bench_local(|| {
        out.clear();
        delivery.write(Header::default(), &mut out);
        out.len()
    });
}

#[divan::bench]
fn write_a_status(bencher: Bencher) {
    let status = Command::TxInfo(TxInfo::default());
    let mut out = Vec::new();
    bencher.bench_local(|| {
        out.clear();
        status.write(Header::default(), &mut out);
        out.len()
    });
}

/// A kernel that receives everything and forgets it.
struct Void;

impl Outside for Void {
    fn deliver(&mut self, _: NodeId, delivery: &Delivery<'_>) -> bool {
        black_box(delivery.bytes);
        true
    }

    fn hears(&mut self, _: NodeId, _: u32) -> bool {
        true
    }

    fn status(&mut self, _: NodeId, status: TxStatus) {
        black_box(status);
    }
}

/// A hundred frames between two of a number of radios outside, each acknowledged.
#[divan::bench(args = [2, 6, 100])]
fn carry_a_hundred_frames(bencher: Bencher, radios: u8) {
    let mut world = World::new(WorldConfig::default());
    world.set_outside(Box::new(Void));
    let addr = |n| MacAddr([2, 0, 0, 0, n, 0]);
    let nodes: Vec<NodeId> = (0..radios)
        .map(|n| world.add_outside(OutsideSpec { addrs: vec![addr(n)], ..OutsideSpec::default() }))
        .collect();
    let mut bytes = vec![0x08, 0x01, 0, 0];
    for n in [1, 0, 1] {
        bytes.extend_from_slice(&addr(n).0);
    }
    bytes.resize(1000, 0);
    bencher.counter(ItemsCount::new(100u32)).bench_local(|| {
        for cookie in 0..100 {
            let frame = OutsideFrame {
                bytes: bytes.clone(),
                freq: 2412,
                rate: 540,
                wants_ack: true,
                cookie,
                kind: None,
            };
            assert!(world.transmit_from(nodes[0], frame));
        }
        while world.step().unwrap() == Step::Advanced {}
    });
}
