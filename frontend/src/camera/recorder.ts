/** Takes frames of the preview at a steady pace, as JPEGs, until it is told to stop. */
import { fitWithin } from "../geometry/box";

/** Milliseconds between two frames: each pose of a step is seen more than once. */
const PACE_MS = 300;

/** Longest side of a frame in pixels: what the service's detector works at, with room to spare. */
const MAX_SIDE = 720;

/** JPEG quality. Above it frames grow and scores stay. */
const JPEG_QUALITY = 0.88;

/** Frames that are kept at most: a minute's worth, so that a stuck machine stays small. */
const MAX_FRAMES = 200;

export interface RecordedFrame {
  readonly jpeg: Blob;
  /** Milliseconds after the first frame. */
  readonly t: number;
}

export interface Recorder {
  /** Ends the recording and answers its frames. */
  stop(): Promise<readonly RecordedFrame[]>;
  /** Ends it and forgets it. */
  drop(): void;
}

/** Starts at once. `now` counts milliseconds. */
export function record(video: HTMLVideoElement, now: () => number): Recorder {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false });
  const encoded: Promise<RecordedFrame | undefined>[] = [];
  let first: number | undefined;
  let busy = false;

  const take = () => {
    if (busy || !context || video.videoWidth === 0 || encoded.length >= MAX_FRAMES) return;
    busy = true;
    const at = now();
    first ??= at;
    const t = Math.round(at - first);
    const size = fitWithin({ width: video.videoWidth, height: video.videoHeight }, MAX_SIDE);
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    context.drawImage(video, 0, 0, size.width, size.height);
    encoded.push(
      new Promise((resolve) => {
        canvas.toBlob(
          (jpeg) => {
            busy = false;
            resolve(jpeg ? { jpeg, t } : undefined);
          },
          "image/jpeg",
          JPEG_QUALITY,
        );
      }),
    );
  };

  take();
  const timer = setInterval(take, PACE_MS);
  return {
    async stop() {
      clearInterval(timer);
      take();
      const frames = await Promise.all(encoded);
      return frames.filter((frame) => frame !== undefined);
    },
    drop() {
      clearInterval(timer);
      encoded.length = 0;
    },
  };
}
