//! A small chart of values over the time of a capture, as SVG.

use std::fmt::Write;

/// Size of a chart and of its margins, in SVG units: readable at the width of a phone.
const WIDTH: f32 = 360.0;
const HEIGHT: f32 = 190.0;
const LEFT: f32 = 40.0;
const RIGHT: f32 = 8.0;
const TOP: f32 = 8.0;
const BOTTOM: f32 = 34.0;

/// Least width of the bar that marks a frame without a face.
const LOST_WIDTH: f32 = 6.0;

/// A value over time.
pub(crate) struct Curve {
    pub name: &'static str,
    /// Seconds, and the value; `None` leaves a gap.
    pub points: Vec<(f32, Option<f32>)>,
}

/// Where the label of a limit stands.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Start,
    End,
}

/// A limit across the chart.
pub(crate) struct Line {
    pub value: f32,
    pub label: String,
    pub side: Side,
}

/// A chart.
pub(crate) struct Timeline {
    pub title: &'static str,
    pub unit: &'static str,
    /// What the axis shows at least.
    pub range: (f32, f32),
    pub curves: Vec<Curve>,
    pub limits: Vec<Line>,
    /// Seconds of frames without a usable face.
    pub lost: Vec<f32>,
    /// The first and the last frame.
    pub seconds: (f32, f32),
}

/// Where things lie in a chart.
struct Scale {
    seconds: (f32, f32),
    values: (f32, f32),
}

impl Scale {
    fn of(timeline: &Timeline) -> Self {
        let values = timeline
            .curves
            .iter()
            .flat_map(|curve| curve.points.iter().filter_map(|(_, value)| *value))
            .filter(|value| value.is_finite());
        let (low, high) =
            values.fold(timeline.range, |(low, high), value| (low.min(value), high.max(value)));
        Self { seconds: timeline.seconds, values: (low, high) }
    }

    fn x(&self, seconds: f32) -> f32 {
        let (first, last) = self.seconds;
        LEFT + (seconds - first) / (last - first).max(f32::EPSILON) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f32) -> f32 {
        let (low, high) = self.values;
        let share = (value - low) / (high - low).max(f32::EPSILON);
        HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
    }
}

impl Timeline {
    /// The chart with its heading and its legend.
    pub fn figure(&self) -> String {
        let mut html = format!("<figure><figcaption><b>{}</b>", self.title);
        for (index, curve) in self.curves.iter().enumerate() {
            let _ = write!(
                html,
                "<span class=\"key\"><svg viewBox=\"0 0 24 8\" aria-hidden=\"true\">\
                 <line class=\"series s{index}\" x1=\"0\" y1=\"4\" x2=\"24\" y2=\"4\"/></svg>{}</span>",
                curve.name
            );
        }
        html.push_str("</figcaption>");
        html.push_str(&self.svg());
        html.push_str("</figure>");
        html
    }

    fn svg(&self) -> String {
        let scale = Scale::of(self);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}, {}\">",
            self.title, self.unit
        );
        let (left, right, floor) = (LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM);
        for second in &self.lost {
            let from = (scale.x(*second) - LOST_WIDTH / 2.0).max(left);
            let height = floor - TOP;
            let _ = write!(
                svg,
                "<rect class=\"lost\" x=\"{from:.1}\" y=\"{TOP}\" width=\"{LOST_WIDTH}\" \
                 height=\"{height:.1}\"/>"
            );
        }
        let (low, high) = scale.values;
        // Zero says more than the middle, where both signs occur.
        let middle = if low < 0.0 && high > 0.0 { 0.0 } else { f32::midpoint(low, high) };
        for value in [low, middle, high] {
            let at = scale.y(value);
            line(&mut svg, "grid", (left, at), (right, at));
            text(&mut svg, (left - 5.0, at + 4.0), "end", &tick(value));
        }
        let (first, last) = self.seconds;
        for (second, anchor) in
            [(first, "start"), (f32::midpoint(first, last), "middle"), (last, "end")]
        {
            text(&mut svg, (scale.x(second), floor + 14.0), anchor, &format!("{second:.1} s"));
        }
        text(&mut svg, (left, HEIGHT - 4.0), "start", self.unit);
        for (index, curve) in self.curves.iter().enumerate() {
            draw(&mut svg, &scale, curve, index);
        }
        for limit in &self.limits {
            let at = scale.y(limit.value);
            line(&mut svg, "threshold", (left, at), (right, at));
            let (x, anchor) = match limit.side {
                Side::Start => (left + 3.0, "start"),
                Side::End => (right - 3.0, "end"),
            };
            // Above its line, or below it at the upper edge.
            let y = if at < TOP + 14.0 { at + 12.0 } else { at - 3.0 };
            text(&mut svg, (x, y), anchor, &limit.label);
        }
        svg.push_str("</svg>");
        svg
    }
}

/// One curve: a line through neighbours, and a dot for each frame.
fn draw(svg: &mut String, scale: &Scale, curve: &Curve, index: usize) {
    for run in curve.points.split(|(_, value)| value.is_none()) {
        let points: Vec<(f32, f32)> = run
            .iter()
            .filter_map(|(second, value)| Some((scale.x(*second), scale.y((*value)?))))
            .collect();
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        if points.len() > 1 {
            let path = path.join(" ");
            let _ = write!(svg, "<polyline class=\"series s{index}\" points=\"{path}\"/>");
        }
        for (x, y) in points {
            let _ = write!(
                svg,
                "<circle class=\"dot d{index}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.2\"/>"
            );
        }
    }
}

/// A value beside the axis, which has room for five characters.
fn tick(value: f32) -> String {
    if value.abs() >= 10.0 {
        return format!("{value:.0}");
    }
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn line(svg: &mut String, class: &str, from: (f32, f32), to: (f32, f32)) {
    let _ = write!(
        svg,
        "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, at: (f32, f32), anchor: &str, words: &str) {
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{words}</text>",
        at.0, at.1
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f32, Option<f32>)>) -> Timeline {
        Timeline {
            title: "a title",
            unit: "a unit",
            range: (0.0, 1.0),
            curves: vec![Curve { name: "a curve", points }],
            limits: vec![Line { value: 0.3, label: "0.3".to_owned(), side: Side::End }],
            lost: vec![1.0],
            seconds: (0.0, 2.0),
        }
    }

    #[test]
    fn a_missing_value_leaves_a_gap_and_a_mark() {
        let points = vec![(0.0, Some(0.0)), (0.5, Some(1.0)), (1.0, None), (2.0, Some(0.5))];
        let drawn = chart(points).figure();
        assert_eq!(drawn.matches("<polyline").count(), 1, "{drawn}");
        assert!(drawn.contains("points=\"40.0,156.0 118.0,8.0\""), "{drawn}");
        assert_eq!(drawn.matches("class=\"dot").count(), 3, "{drawn}");
        assert!(drawn.contains("class=\"lost\" x=\"193.0\""), "{drawn}");
        assert!(drawn.contains("a curve") && drawn.contains("class=\"threshold\""), "{drawn}");
    }

    #[test]
    fn what_lies_beyond_the_range_widens_it() {
        let drawn = chart(vec![(0.0, Some(4.0))]).figure();
        assert!(drawn.contains(">4<") && drawn.contains("cy=\"8.0\""), "{drawn}");
        assert!(!chart(vec![(0.0, Some(f32::NAN))]).figure().contains(">NaN<"));
    }
}
