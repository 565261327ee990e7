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
/** A point's radius as a share of the face's width, so that small faces are not covered up. */
const POINT_SHARE = 0.02;
const POINT_RADIUS = { least: 1.25, most: 3 };
const LABEL_RADIUS = 11;

/** Clears the canvas and draws `scene`. Several faces are numbered, so that words can refer to them. */
export function draw(pen: Pen, scene: Scene): void {
  const { view, pixelRatio, faces } = scene;
  pen.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  pen.clearRect(0, 0, view.frame.width, view.frame.height);
  faces.forEach((face, index) => {
    const box = view.toFrameBox(face.box);
    const radius = Math.min(POINT_RADIUS.most, Math.max(POINT_RADIUS.least, box.width * POINT_SHARE));
    drawBox(pen, box, face.good);
    for (const point of face.points) drawPoint(pen, view.toFrame(point), radius, face.good);
    if (faces.length > 1) drawNumber(pen, box, index + 1, face.good);
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

function drawPoint(pen: Pen, at: Point, radius: number, good: boolean): void {
  disc(pen, at, radius + 1.25, HALO);
  disc(pen, at, radius, good ? GOOD : POOR);
}

function drawNumber(pen: Pen, box: Box, number: number, good: boolean): void {
  // Above the face where there is room, so that it hides nothing.
  const at = { x: box.x + box.width / 2, y: Math.max(box.y - LABEL_RADIUS, LABEL_RADIUS + 1) };
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
