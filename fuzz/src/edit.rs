//! Changes of a world's programs that know what a step is, for libFuzzer's mutator.

use arbitrary::{Arbitrary, Unstructured};

use super::program::{Step, parse, write};
use super::world::kinds;

/// A change of a program. Places beyond the end count from the beginning again.
#[derive(Arbitrary, Debug)]
enum Edit {
    Insert { at: u8, step: Step },
    Replace { at: u8, step: Step },
    Remove { at: u8 },
    Repeat { from: u8, to: u8 },
    Swap { a: u8, b: u8 },
    Shorten { to: u8 },
}

/// Octets of choices for one change.
const CHOICES: usize = 64;

/// Changes a program at random; the same seed makes the same change. `None` if nothing fits into `most` octets.
pub fn edited(program: &[u8], most: usize, seed: u32) -> Option<Vec<u8>> {
    let kinds = kinds();
    let mut state = u64::from(seed) << 1 | 1;
    let choices: Vec<u8> = (0..CHOICES)
        .map(|_| {
            // The xorshift generator with Marsaglia's 13, 7, 17.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect();
    let edit = Edit::arbitrary(&mut Unstructured::new(&choices)).ok()?;
    let mut steps: Vec<Step> = parse(program, &kinds).collect();
    let place = |at: u8| usize::from(at) % steps.len().max(1);
    match edit {
        Edit::Insert { at, step } => steps.insert(usize::from(at) % (steps.len() + 1), step),
        Edit::Repeat { from, to } => {
            let step = steps.get(place(from))?.clone();
            let to = place(to);
            steps.insert(to, step);
        }
        Edit::Replace { at, step } => {
            let at = place(at);
            *steps.get_mut(at)? = step;
        }
        Edit::Remove { at } if !steps.is_empty() => {
            let at = place(at);
            steps.remove(at);
        }
        Edit::Swap { a, b } if !steps.is_empty() => {
            let (a, b) = (place(a), place(b));
            steps.swap(a, b);
        }
        Edit::Shorten { to } => steps.truncate(place(to)),
        Edit::Remove { .. } | Edit::Swap { .. } => return None,
    }
    let written: Vec<u8> = steps.iter().flat_map(|step| write(step, &kinds)).collect();
    (written.len() <= most).then_some(written)
}
