//! Which frames of a clip are kept. Clips that browsers record have no duration in their header, so the
//! choice does not need one. Where there is one, fewer frames are looked at and dropped again.

/// Milliseconds between two frames that are kept, to begin with.
const FINEST_MS: u32 = 100;

/// Keeps at most a number of things at regular times. Whenever there are too many, every
/// second one is dropped and the pace is halved.
pub struct Sampler<T> {
    kept: Vec<(u32, T)>,
    most: usize,
    pace_ms: u32,
}

impl<T> Sampler<T> {
    /// Keeps at most `most`, at least one.
    pub fn new(most: usize) -> Self {
        Self { kept: Vec::new(), most: most.max(1), pace_ms: FINEST_MS }
    }

    /// Begins with the pace that a clip of `length_ms` ends with. A clip that is longer than it says is
    /// thinned as before.
    pub fn expecting(mut self, length_ms: u32) -> Self {
        while length_ms / self.pace_ms > u32::try_from(self.most).unwrap_or(u32::MAX) {
            self.pace_ms = self.pace_ms.saturating_mul(2);
        }
        self
    }

    /// Whether a frame at `t_ms` is to be kept.
    pub fn wants(&self, t_ms: u32) -> bool {
        self.kept.last().is_none_or(|(last, _)| t_ms >= last.saturating_add(self.pace_ms))
    }

    /// Keeps `item`.
    pub fn keep(&mut self, t_ms: u32, item: T) {
        self.kept.push((t_ms, item));
        if self.kept.len() > self.most {
            let mut index = 0;
            self.kept.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.pace_ms = self.pace_ms.saturating_mul(2);
        }
    }

    /// What was kept, in order.
    pub fn into_kept(self) -> Vec<(u32, T)> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(frame_ms: u32, frames: u32, most: usize) -> Vec<u32> {
        let mut sampler = Sampler::new(most);
        for t_ms in (0..frames).map(|i| i * frame_ms) {
            if sampler.wants(t_ms) {
                sampler.keep(t_ms, ());
            }
        }
        sampler.into_kept().into_iter().map(|(t_ms, ())| t_ms).collect()
    }

    #[test]
    fn a_known_length_spares_frames_that_would_be_dropped_again() {
        for (frame_ms, frames) in [(40, 20), (40, 250), (50, 400), (20, 1_000)] {
            let length = frame_ms * (frames - 1);
            let mut sampler = Sampler::new(30).expecting(length);
            let mut looked_at = 0;
            for t_ms in (0..frames).map(|i| i * frame_ms) {
                if sampler.wants(t_ms) {
                    looked_at += 1;
                    sampler.keep(t_ms, ());
                }
            }
            let kept: Vec<u32> = sampler.into_kept().into_iter().map(|(t_ms, ())| t_ms).collect();
            assert_eq!(kept.len(), looked_at, "{length}");
            let without = times(frame_ms, frames, 30).len();
            assert!(kept.len() <= 30 && kept.len() >= without - 2, "{length}: {kept:?}");
            assert!(length - kept[kept.len() - 1] <= length / 13, "{length}: {kept:?}");
        }
        // One that says too little is thinned all the same.
        let mut sampler = Sampler::new(4).expecting(0);
        (0..100).for_each(|i| {
            if sampler.wants(i * 100) {
                sampler.keep(i * 100, ())
            }
        });
        assert!(sampler.into_kept().len() <= 4);
    }

    #[test]
    fn keeps_a_regular_choice_of_any_length() {
        assert_eq!(times(33, 4, 24), [0]);
        for (frame_ms, frames) in [(33, 30), (33, 200), (16, 1250), (33, 606), (1, 20_000)] {
            let kept = times(frame_ms, frames, 24);
            assert!(kept.len() <= 24, "{kept:?}");
            // More than the first frames: the choice spans the clip.
            let length = frame_ms * (frames - 1);
            assert!(length - kept[kept.len() - 1] <= 2 * length / 12 + 200, "{length}: {kept:?}");
            let gaps = kept.windows(2).map(|pair| pair[1] - pair[0]);
            let (least, most) = (gaps.clone().min().unwrap(), gaps.max().unwrap());
            assert!(most <= 2 * least, "{kept:?}");
        }
    }
}
