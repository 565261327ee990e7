/** Reads from the screen where the overlay drew, without asking the page's own geometry. */

/** The colour of a usable face's box, as the overlay draws it. */
const GOOD = [0x7f, 0xf0, 0xc4];

/** How far a channel may be off: lines are anti-aliased. */
const TOLERANCE = 12;

/**
 * The smallest box around everything drawn for good faces, in pixels of the photo whose
 * upright size is `size`; `null` when there is nothing.
 */
export function drawnBox(page, size) {
  return page.evaluate(
    ({ good, tolerance, size }) => {
      const canvas = document.querySelector("canvas.media");
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      let [left, top, right, bottom] = [width, height, -1, -1];
      for (let at = 0; at < data.length; at += 4) {
        const same = good.every((value, channel) => Math.abs(data[at + channel] - value) <= tolerance);
        if (!same || data[at + 3] < 200) continue;
        const x = (at / 4) % width;
        const y = Math.floor(at / 4 / width);
        [left, right] = [Math.min(left, x), Math.max(right, x)];
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      }
      if (right < 0) return null;
      // The photo is shown whole and centred.
      const scale = Math.min(width / size.width, height / size.height);
      const [marginX, marginY] = [(width - size.width * scale) / 2, (height - size.height * scale) / 2];
      return {
        x: (left - marginX) / scale,
        y: (top - marginY) / scale,
        width: (right - left) / scale,
        height: (bottom - top) / scale,
      };
    },
    { good: GOOD, tolerance: TOLERANCE, size },
  );
}
