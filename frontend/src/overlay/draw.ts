/** Draws what was found over a picture. Pure: everything it shows comes in `scene`. */
import type { Box, Point } from "../geometry/box";
import type { Viewport } from "../geometry/viewport";

export interface SceneFace {
  readonly box: Box;
  /** Eyes, nose and mouth corners, in pixels of the picture. */
  readonly points: readonly Point[];
  /** Whether the picture of this face can be used; shown by colour and by dashes. */
  readonly good: boolean;
}

export interface Scene {
  readonly view: Viewport;
  /** Device pixels for one CSS pixel. */
  readonly pixelRatio: number;
  readonly faces: readonly SceneFace[];
}

/** What `draw` needs of a canvas, so that tests can record it. */
export type Pen = Pick<
  CanvasRenderingContext2D,
  | "setTransform" | "clearRect" | "beginPath" | "roundRect" | "arc" | "stroke" | "fill" | "fillText"
  | "setLineDash" | "lineWidth" | "strokeStyle" | "fillStyle" | "font" | "textAlign" | "textBaseline"
>;

/** Light strokes over a dark halo stay visible on any photo, in both colour schemes. */
const HALO = "rgba(8, 20, 16, 0.55)";
const GOOD = "#7ff0c4";
const POOR = "#ffcf6b";
const LINE = 2.5;
const CORNER = 10;
const DASH = [9, 7];
const POINT_RADIUS = 2.5;
const LABEL_RADIUS = 11;

/** Clears the canvas and draws `scene`. Several faces are numbered, so that words can refer to them. */
export function draw(pen: Pen, scene: Scene): void {
  const { view, pixelRatio, faces } = scene;
  pen.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  pen.clearRect(0, 0, view.frame.width, view.frame.height);
  faces.forEach((face, index) => {
    drawBox(pen, view.toFrameBox(face.box), face.good);
    for (const point of face.points) drawPoint(pen, view.toFrame(point), face.good);
    if (faces.length > 1) drawNumber(pen, view.toFrameBox(face.box), index + 1, face.good);
  });
}

function drawBox(pen: Pen, box: Box, good: boolean): void {
  const outline = (style: string, width: number) => {
    pen.beginPath();
    pen.roundRect(box.x, box.y, box.width, box.height, Math.min(CORNER, box.width / 4));
    pen.lineWidth = width;
    pen.strokeStyle = style;
    pen.stroke();
  };
  pen.setLineDash([]);
  outline(HALO, LINE + 3);
  pen.setLineDash(good ? [] : DASH);
  outline(good ? GOOD : POOR, LINE);
}

function drawPoint(pen: Pen, at: Point, good: boolean): void {
  disc(pen, at, POINT_RADIUS + 1.5, HALO);
  disc(pen, at, POINT_RADIUS, good ? GOOD : POOR);
}

function drawNumber(pen: Pen, box: Box, number: number, good: boolean): void {
  const at = { x: box.x + box.width / 2, y: Math.max(box.y, LABEL_RADIUS + 1) };
  disc(pen, at, LABEL_RADIUS, good ? GOOD : POOR);
  pen.fillStyle = "#0b1f18";
  pen.font = "600 13px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(String(number), at.x, at.y + 0.5);
}

function disc(pen: Pen, at: Point, radius: number, style: string): void {
  pen.beginPath();
  pen.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  pen.fillStyle = style;
  pen.fill();
}
