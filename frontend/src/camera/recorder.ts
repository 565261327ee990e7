/** Takes frames of the preview as JPEGs, at the pace it is told, until it is told to stop. */
import { fitWithin } from "../geometry/box";

/** Milliseconds between two looks at the clock: no frame comes later than that. */
const TICK_MS = 20;

/** Longest side of a frame in pixels: what the service's detector works at, with room to spare. */
const MAX_SIDE = 720;

/** JPEG quality. Above it frames grow and scores stay. */
const JPEG_QUALITY = 0.88;

/**
 * Frames that wait for their JPEG at most. Browsers encode when they have nothing else to do, so on
 * a busy device one frame may take longer than the time to the next.
 */
const MAX_WAITING = 10;

/** Frames that are kept at most: what the longest challenge takes, so that a stuck machine stays small. */
const MAX_FRAMES = 200;

export interface RecordedFrame {
  readonly jpeg: Blob;
  /** When it was taken, in milliseconds of the recorder's clock. */
  readonly at: number;
}

export interface Recorder {
  /** From now on, `milliseconds` pass between two frames. */
  pace(milliseconds: number): void;
  /** The frames so far, in order, up to the first whose JPEG is still being made. */
  taken(): readonly RecordedFrame[];
  /** Ends the recording and answers its frames. */
  stop(): Promise<readonly RecordedFrame[]>;
  /** Ends it and forgets it. */
  drop(): void;
}

/** Starts at once, with `pace` milliseconds between two frames. `now` counts milliseconds. */
export function record(video: HTMLVideoElement, now: () => number, pace: number): Recorder {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false });
  const encoded: Promise<RecordedFrame | undefined>[] = [];
  /** What has become of each: `null` of one that became no JPEG, nothing of one that is being made. */
  const made: (RecordedFrame | null | undefined)[] = [];
  let last = Number.NEGATIVE_INFINITY;
  let waiting = 0;

  const take = () => {
    if (waiting >= MAX_WAITING || !context || video.videoWidth === 0 || encoded.length >= MAX_FRAMES) return;
    waiting += 1;
    const at = now();
    last = at;
    const size = fitWithin({ width: video.videoWidth, height: video.videoHeight }, MAX_SIDE);
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    context.drawImage(video, 0, 0, size.width, size.height);
    const index = encoded.length;
    encoded.push(
      new Promise((resolve) => {
        // This copies what the canvas shows; the next frame may be drawn at once.
        canvas.toBlob(
          (jpeg) => {
            waiting -= 1;
            made[index] = jpeg && { jpeg, at };
            resolve(made[index] ?? undefined);
          },
          "image/jpeg",
          JPEG_QUALITY,
        );
      }),
    );
  };

  take();
  const timer = setInterval(() => {
    if (now() - last >= pace) take();
  }, TICK_MS);
  return {
    pace(milliseconds) {
      pace = milliseconds;
    },
    taken() {
      const pending = made.findIndex((frame) => frame === undefined);
      return made.slice(0, pending === -1 ? made.length : pending).filter((frame) => frame != null);
    },
    async stop() {
      clearInterval(timer);
      if (now() - last >= TICK_MS) take();
      const frames = await Promise.all(encoded);
      return frames.filter((frame) => frame !== undefined);
    },
    drop() {
      clearInterval(timer);
      encoded.length = 0;
      made.length = 0;
    },
  };
}
