//! How much passive PAD has to see of a capture before its verdict is certain.
//!
//! The verdict is over the mean score of all frames with a subject. A score is between 0 and 1, so
//! the scores of some frames often decide what the mean can still be: with a limit of 0.3, four
//! frames of 12 that score 0.95 make it 0.31 at the least. Then the other frames cannot change the
//! verdict, and no model has to look at them. The same holds for the models that are left in one
//! frame. So leaving them out changes no verdict, whatever they would have said.
//!
//! What is certain when many frames are to come is certain when fewer are. So of a capture whose
//! number of frames is not known yet, models look at what the shortest one would need. None of that is
//! in vain.

use crate::evidence::PadScore;

/// Between which two values the PAD score of a frame lies: the models that have looked leave no
/// other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PadRange {
    least: PadScore,
    most: PadScore,
}

impl PadRange {
    /// The score of a frame of which the least and the most are known.
    #[must_use]
    pub fn between(least: PadScore, most: PadScore) -> Self {
        Self { least, most }
    }

    /// The score of a frame that every model has looked at.
    #[must_use]
    pub fn exactly(score: PadScore) -> Self {
        Self { least: score, most: score }
    }

    /// The score of a frame that no model has looked at.
    #[must_use]
    pub fn unknown() -> Self {
        Self { least: PadScore::new(0.0), most: PadScore::new(1.0) }
    }

    /// The least that it can be.
    #[must_use]
    pub fn least(self) -> f32 {
        self.least.value()
    }

    /// The most that it can be.
    #[must_use]
    pub fn most(self) -> f32 {
        self.most.value()
    }

    /// How much the models that have not looked can still change, 0 to 1.
    #[must_use]
    pub fn width(self) -> f32 {
        self.most.value() - self.least.value()
    }

    /// The middle: the score itself where every model has looked.
    #[must_use]
    pub fn middle(self) -> f32 {
        f32::midpoint(self.least.value(), self.most.value())
    }
}

/// Whether the mean score counts as bona fide: reaches `min_mean`. `to_come` frames are not among
/// `ranges` yet, and may have any score or no subject. `None` while either is possible.
#[must_use]
pub fn bona_fide(ranges: &[PadRange], to_come: usize, min_mean: f32) -> Option<bool> {
    let frames = ranges.len() + to_come;
    if frames == 0 {
        // The mean of nothing is no score.
        return Some(false);
    }
    let mean = |sum: f32| sum / frames as f32;
    let least: f32 = ranges.iter().map(|range| range.least.value()).sum();
    let most: f32 = ranges.iter().map(|range| range.most.value()).sum();
    if mean(least) >= min_mean {
        Some(true)
    } else if mean(most + to_come as f32) < min_mean {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: f32 = 0.3;

    fn exactly(score: f32) -> PadRange {
        PadRange::exactly(PadScore::new(score))
    }

    #[test]
    fn a_third_of_the_frames_settles_what_is_clear() {
        let person = [exactly(0.95); 4];
        assert_eq!(bona_fide(&person[..3], 9, LIMIT), None);
        assert_eq!(bona_fide(&person, 8, LIMIT), Some(true));
        // Twelve scores of a replay: the last three could no longer lift the mean.
        let replay = [exactly(0.01); 9];
        assert_eq!(bona_fide(&replay[..8], 4, LIMIT), None);
        assert_eq!(bona_fide(&replay, 3, LIMIT), Some(false));
    }

    #[test]
    fn a_good_beginning_settles_nothing() {
        // Three frames of a person, and then a replay.
        let mut mixed = vec![exactly(1.0); 3];
        mixed.extend([exactly(0.05); 9]);
        for seen in 0..9 {
            assert_eq!(bona_fide(&mixed[..seen], 12 - seen, LIMIT), None, "{seen}");
        }
        assert_eq!(bona_fide(&mixed, 0, LIMIT), Some(false));
    }

    #[test]
    fn nothing_is_no_person() {
        assert_eq!(bona_fide(&[], 0, LIMIT), Some(false));
        assert_eq!(bona_fide(&[PadRange::unknown(); 12], 0, LIMIT), None);
    }

    proptest! {
        #[test]
        fn what_is_settled_is_the_verdict_over_all_frames(
            scores in prop::collection::vec(0.0f32..=1.0, 1..30),
            spread in prop::collection::vec(0.0f32..=0.5, 30),
            lost in prop::collection::vec(any::<bool>(), 30),
            seen in 0usize..30,
        ) {
            let seen = seen.min(scores.len());
            let range = |index: usize| {
                let score: f32 = scores[index];
                PadRange::between(
                    PadScore::new(score - spread[index]),
                    PadScore::new(score + spread[index]),
                )
            };
            let ranges: Vec<PadRange> = (0..seen).map(range).collect();
            // Any of the frames to come may show nobody.
            let mut all: Vec<f32> = scores[..seen].to_vec();
            all.extend((seen..scores.len()).filter(|i| !lost[*i]).map(|i| scores[i]));
            let mean = all.iter().sum::<f32>() / all.len().max(1) as f32;
            // Sums in another order may differ in the last digit.
            prop_assume!((mean - LIMIT).abs() > 1e-4);
            if let Some(settled) = bona_fide(&ranges, scores.len() - seen, LIMIT)
                && !all.is_empty()
            {
                prop_assert_eq!(settled, mean >= LIMIT);
            }
        }

        #[test]
        fn what_is_settled_with_more_to_come_is_settled_with_less(
            scores in prop::collection::vec(0.0f32..=1.0, 0..30),
            to_come in 1usize..30,
        ) {
            let ranges: Vec<PadRange> = scores.iter().map(|score| exactly(*score)).collect();
            if let Some(settled) = bona_fide(&ranges, to_come, LIMIT)
                && ranges.len() + to_come > 1
            {
                prop_assert_eq!(bona_fide(&ranges, to_come - 1, LIMIT), Some(settled));
            }
        }
    }
}
