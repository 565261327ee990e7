/** The face finder behind a small handle: one look at a time. */
import { fitWithin } from "../geometry/box";
import { INPUT_SIDE } from "./decode";
import type { Look, Reply } from "./messages";
import type { Detector, Sighting } from "./port";

/**
 * Starts the finder. Rejects when it cannot run here: without WebAssembly, or when a frame of
 * another origin may start no worker. The page then guides by words and time alone.
 */
export function startDetector(): Promise<Detector> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "face-finder" });
    const fail = (reason: string) => {
      worker.terminate();
      reject(new Error(reason));
    };
    worker.onerror = (event) => fail(event.message || "the worker does not load");
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if (data.type === "ready") resolve(handle(worker));
      else if (data.type === "failed") fail(data.reason);
    };
  });
}

function handle(worker: Worker): Detector {
  let closed = false;
  let answer: ((reply: Reply | undefined) => void) | undefined;
  worker.onmessage = ({ data }: MessageEvent<Reply>) => answer?.(data);
  worker.onerror = () => answer?.(undefined);

  return {
    async look(video): Promise<Sighting | undefined> {
      const size = { width: video.videoWidth, height: video.videoHeight };
      if (closed || size.width === 0) return undefined;
      const at = performance.now();
      const small = fitWithin(size, INPUT_SIDE);
      const bitmap = await createImageBitmap(video, {
        resizeWidth: small.width,
        resizeHeight: small.height,
        resizeQuality: "low",
      });
      if (closed) return undefined;
      const reply = await new Promise<Reply | undefined>((resolve) => {
        answer = resolve;
        worker.postMessage({ bitmap, size } satisfies Look, [bitmap]);
      });
      if (reply?.type !== "seen") return undefined;
      return { at, size, faces: reply.faces, brightness: reply.brightness };
    },

    close() {
      closed = true;
      answer?.(undefined);
      worker.terminate();
    },
  };
}
