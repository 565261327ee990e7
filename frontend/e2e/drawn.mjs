/**
 * A drawn person before the camera, for pictures of the page that are published. It shows nobody.
 *
 * The page's face finder sees a face in it. The service would not find it live.
 */

/** Puts the drawing before every camera that pages of `context` open. */
export async function performDrawn(context) {
  await context.addInitScript(play);
}

/** Runs in the page, before its own code. */
function play() {
  const [WIDTH, HEIGHT] = [640, 480];
  const FRAMES_A_SECOND = 30;
  /** Where the head turns for a prompt, across and up, -1 to 1. The person's left is the picture's right. */
  const TURNS = { turn_left: [-1, 0], turn_right: [1, 0], look_up: [0, -1], look_left: [-1, 0], look_right: [1, 0] };
  /** How far it turns, and what share of the rest of the way it does in a frame. */
  const MOST_TURN = 0.8;
  const EASE = 0.08;

  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    const pen = canvas.getContext("2d");
    let [turn, rise] = [0, 0];
    const show = () => {
      const [across, along] = TURNS[promptNow()] ?? [0, 0];
      turn += (across * MOST_TURN - turn) * EASE;
      rise += (along * MOST_TURN - rise) * EASE;
      draw(pen, turn, rise);
    };
    show();
    const timer = setInterval(show, 1000 / FRAMES_A_SECOND);
    const stream = canvas.captureStream(FRAMES_A_SECOND);
    for (const track of stream.getTracks()) {
      const stop = track.stop.bind(track);
      track.stop = () => {
        clearInterval(timer);
        stop();
      };
    }
    return stream;
  };

  function promptNow() {
    return document.querySelector("[data-prompt]")?.getAttribute("data-prompt");
  }

  function shade(pen, x, y, radius, inner, outer) {
    const gradient = pen.createRadialGradient(x, y, radius * 0.2, x, y, radius);
    gradient.addColorStop(0, inner);
    gradient.addColorStop(1, outer);
    return gradient;
  }

  function oval(pen, x, y, across, along, fill) {
    pen.beginPath();
    pen.ellipse(x, y, across, along, 0, 0, 2 * Math.PI);
    pen.fillStyle = fill;
    pen.fill();
  }

  function line(pen, points, width, colour) {
    pen.beginPath();
    pen.moveTo(...points[0]);
    pen.quadraticCurveTo(...points[1], ...points[2]);
    pen.lineWidth = width;
    pen.lineCap = "round";
    pen.strokeStyle = colour;
    pen.stroke();
  }

  /** Head and shoulders. `turn` and `rise`, -1 to 1, move each feature by its depth. */
  function draw(pen, turn, rise) {
    pen.fillStyle = "#c9d6d2";
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    pen.fillStyle = "#b7c7c2";
    pen.fillRect(0, 400, WIDTH, 80);
    const [x, y] = [WIDTH / 2, 232];
    const at = (across, along, depth) => [x + across - turn * depth, y + along + rise * depth];
    // Shoulders, neck, hair behind, ears.
    oval(pen, x, 480, 165, 100, "#2f5d62");
    pen.fillStyle = "#c99a78";
    pen.fillRect(x - 34, y + 70, 68, 90);
    oval(pen, x, y - 24, 100, 120, "#3a2a22");
    oval(pen, ...at(-84, 4, -14), 13, 24, "#d3a37f");
    oval(pen, ...at(84, 4, -14), 13, 24, "#d3a37f");
    // The face, and hair over the forehead.
    oval(pen, x, y, 84, 112, shade(pen, x - turn * 30, y - 20, 130, "#edc7a5", "#cc9a76"));
    pen.save();
    pen.beginPath();
    pen.ellipse(x, y, 86, 114, 0, 0, 2 * Math.PI);
    pen.clip();
    oval(pen, x + turn * 12, y - 104, 98, 48, "#3a2a22");
    pen.restore();
    for (const side of [-1, 1]) {
      const [eyeX, eyeY] = at(side * 34, -12, 22);
      oval(pen, eyeX, eyeY - 2, 22, 15, "#c8997a");
      oval(pen, eyeX, eyeY, 16, 8.5, "#f8f4ee");
      oval(pen, eyeX, eyeY, 8, 8, "#4a3226");
      oval(pen, eyeX, eyeY, 4, 4, "#140d0a");
      oval(pen, eyeX - 2.5, eyeY - 3, 2, 2, "#ffffff");
      line(pen, [[eyeX - 17, eyeY - 4], [eyeX, eyeY - 15], [eyeX + 17, eyeY - 4]], 3, "#2a1a14");
      line(pen, [[eyeX - 21, eyeY - 20], [eyeX, eyeY - 31], [eyeX + 21, eyeY - 20]], 7, "#2d1f19");
      oval(pen, ...at(side * 46, 32, 18), 18, 12, "rgba(214, 130, 104, 0.35)");
    }
    // Nose and mouth.
    line(pen, [at(-4, -8, 26), at(-12, 20, 34), at(-14, 30, 32)], 4, "rgba(150, 96, 68, 0.55)");
    oval(pen, ...at(0, 30, 34), 14, 9, "#dcae8b");
    oval(pen, ...at(-7, 35, 32), 4, 2.5, "#8a5640");
    oval(pen, ...at(7, 35, 32), 4, 2.5, "#8a5640");
    line(pen, [at(-28, 62, 22), at(0, 82, 26), at(28, 62, 22)], 9, "#b35e55");
    line(pen, [at(-28, 62, 22), at(0, 72, 26), at(28, 62, 22)], 3, "#6d2f2b");
    oval(pen, ...at(0, 92, 22), 22, 6, "rgba(255, 228, 205, 0.25)");
  }
}
