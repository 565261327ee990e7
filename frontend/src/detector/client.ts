/** The face finder behind a small handle: one look at a time. */
import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import weights from "../../models/facemesh-detection-short.bin?url";
import topology from "../../models/facemesh-detection-short.json?url";
import { type Box, fitWithin } from "../geometry/box";
import { INPUT_SIDE } from "./decode";
import { eyeBoxes, type Eyes, greys, PATCH } from "./eyes";
import type { Begin, Look, Reply } from "./messages";
import type { Detector, SeenFace, Sighting } from "./port";
import script from "./worker.ts?worker&url";

const absolute = (url: string) => new URL(url, import.meta.url).href;

const BEGIN: Begin = {
  topology: absolute(topology),
  weights: absolute(weights),
  wasm: { plain: absolute(plain), simd: absolute(simd) },
};

/**
 * A worker runs only scripts of its page's origin. Where the finder comes from another one, a
 * script of one line imports it; the page's policy must then allow workers from `blob:`.
 */
function startWorker(): Worker {
  const url = absolute(script);
  const options: WorkerOptions = { type: "module", name: "face-finder" };
  if (new URL(url).origin === location.origin) return new Worker(url, options);
  const line = URL.createObjectURL(new Blob([`import ${JSON.stringify(url)};`], { type: "text/javascript" }));
  return new Worker(line, options);
}

/**
 * Starts the finder. Rejects when it cannot run here: without WebAssembly, or when a frame of
 * another origin may start no worker. The page then guides by words and time alone.
 */
export function startDetector(): Promise<Detector> {
  return new Promise((resolve, reject) => {
    const worker = startWorker();
    const fail = (reason: string) => {
      worker.terminate();
      reject(new Error(reason));
    };
    worker.onerror = (event) => fail(event.message || "the worker does not load");
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if (data.type === "ready") resolve(handle(worker));
      else if (data.type === "failed") fail(data.reason);
    };
    worker.postMessage(BEGIN);
  });
}

function handle(worker: Worker): Detector {
  let closed = false;
  let answer: ((reply: Reply | undefined) => void) | undefined;
  worker.onmessage = ({ data }: MessageEvent<Reply>) => answer?.(data);
  worker.onerror = () => answer?.(undefined);

  return {
    async look(video, eyes): Promise<Sighting | undefined> {
      const size = { width: video.videoWidth, height: video.videoHeight };
      if (closed || size.width === 0) return undefined;
      const at = performance.now();
      const small = fitWithin(size, INPUT_SIDE);
      // The first frame of a camera is announced a moment before it can be read.
      const bitmap = await createImageBitmap(video, {
        resizeWidth: small.width,
        resizeHeight: small.height,
        resizeQuality: "low",
      }).catch(() => undefined);
      if (!bitmap || closed) return undefined;
      const reply = await new Promise<Reply | undefined>((resolve) => {
        answer = resolve;
        worker.postMessage({ bitmap, size } satisfies Look, [bitmap]);
      });
      if (reply?.type !== "seen") return undefined;
      const [face] = reply.faces;
      const patches = eyes && face ? readEyes(video, face) : undefined;
      return { at, size, faces: reply.faces, brightness: reply.brightness, ...(patches ? { eyes: patches } : {}) };
    },

    close() {
      closed = true;
      answer?.(undefined);
      worker.terminate();
    },
  };
}

const canvas = document.createElement("canvas");
const context = Object.assign(canvas, PATCH).getContext("2d", { willReadFrequently: true });

/** The eyes of `face` in what `video` shows: a frame or two after the one with the face. */
function readEyes(video: HTMLVideoElement, face: SeenFace): Eyes | undefined {
  if (!context) return undefined;
  const read = ({ x, y, width, height }: Box) => {
    context.drawImage(video, x, y, width, height, 0, 0, PATCH.width, PATCH.height);
    return greys(context.getImageData(0, 0, PATCH.width, PATCH.height).data);
  };
  const [left, right] = eyeBoxes(face);
  return [read(left), read(right)];
}
