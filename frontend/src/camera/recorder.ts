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
    encoded.push(
      new Promise((resolve) => {
        // This copies what the canvas shows; the next frame may be drawn at once.
        canvas.toBlob(
          (jpeg) => {
            waiting -= 1;
            resolve(jpeg ? { jpeg, at } : undefined);
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
    async stop() {
      clearInterval(timer);
      if (now() - last >= TICK_MS) take();
      const frames = await Promise.all(encoded);
      return frames.filter((frame) => frame !== undefined);
    },
    drop() {
      clearInterval(timer);
      encoded.length = 0;
    },
  };
}
