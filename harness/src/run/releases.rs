//! Events in which the releases differ, as far as steps wait for them: a scenario waits for what 2.10 says, and runs against
//! earlier and later releases too. Their own transcripts say what they said.

use crate::release::Release;
use crate::scenario::events;

/// Beginnings of sentences that a later release words otherwise: 2.10's, and the other.
const REWORDED: [(&str, &str); 1] = [("WPA: Group rekeying completed", "RSN: Group rekeying completed")];

/// Events that a release lacks, and the event of the same exchange that every release has.
const STAND_INS: [(&str, &str); 1] = [("EAPOL-4WAY-HS-COMPLETED", "AP-STA-CONNECTED")];

/// An event's text as 2.10 words it; `None` if no other release words it otherwise.
pub fn in_words_of_2_10(text: &str) -> Option<String> {
    REWORDED.iter().find_map(|(ours, theirs)| text.contains(theirs).then(|| text.replacen(theirs, ours, 1)))
}

/// Whether a release lacks the event that a pattern waits for.
pub fn lacks(release: Release, pattern: &str) -> bool {
    events::since(pattern).is_some_and(|since| release < since)
}

/// The beginning of the event that stands in for one that a release lacks; `None` if nothing does.
pub fn stand_in(event: &str) -> Option<String> {
    let (name, rest) = event.split_once(' ').unwrap_or((event, ""));
    let (_, other) = STAND_INS.iter().find(|(absent, _)| *absent == name)?;
    Some(format!("{other} {rest}").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_release_lacks_has_a_stand_in_or_is_passed_over() {
        let event = "EAPOL-4WAY-HS-COMPLETED 02:00:00:00:00:00";
        assert!(lacks(Release::V2_9, event) && !lacks(Release::V2_10, event));
        assert_eq!(stand_in(event).as_deref(), Some("AP-STA-CONNECTED 02:00:00:00:00:00"));
        assert!(lacks(Release::V2_9, "CTRL-EVENT-NETWORK-ADDED 0"));
        assert_eq!(stand_in("CTRL-EVENT-NETWORK-ADDED 0"), None);
        assert!(!lacks(Release::V2_9, "CTRL-EVENT-CONNECTED"));
        assert!(!lacks(Release::V2_9, "Trying to associate"));
    }

    #[test]
    fn sentences_of_later_releases_are_recognized() {
        let now = "<3>RSN: Group rekeying completed with x";
        assert_eq!(in_words_of_2_10(now).as_deref(), Some("<3>WPA: Group rekeying completed with x"));
        assert_eq!(in_words_of_2_10("<3>WPA: Group rekeying completed with x"), None);
    }
}
