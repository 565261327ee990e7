/** Runs the face finder beside the page, so that the preview never waits for it. */
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { type GraphModel, loadGraphModel } from "@tensorflow/tfjs-converter";
import { enableProdMode, env, ready, setBackend, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { brightness, decode, INPUT_SIDE, letterbox } from "./decode";
import type { Begin, Look, Reply } from "./messages";

// The types of a worker and of a page cannot be had together; these are the parts used.
const scope = self as unknown as {
  postMessage(reply: Reply): void;
  onmessage: ((event: MessageEvent<Begin>) => void) | ((event: MessageEvent<Look>) => void) | null;
};

const canvas = new OffscreenCanvas(INPUT_SIDE, INPUT_SIDE);
const context = canvas.getContext("2d", { willReadFrequently: true });

async function start({ topology, weights, wasm }: Begin) {
  enableProdMode();
  // One thread is fast enough, and the threaded build would start workers from blobs, which the
  // page's policy refuses. The library still asks for all three files.
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths({
    "tfjs-backend-wasm.wasm": wasm.plain,
    "tfjs-backend-wasm-simd.wasm": wasm.simd,
    "tfjs-backend-wasm-threaded-simd.wasm": wasm.simd,
  });
  await setBackend("wasm");
  await ready();
  const model = await loadGraphModel({ load: () => readModel(topology, weights) });
  // The first run compiles. People at the camera should not have to wait for it.
  await faces(model, new Uint8ClampedArray(4 * INPUT_SIDE * INPUT_SIDE));
  scope.onmessage = (event: MessageEvent<Look>) => void look(model, event.data);
  scope.postMessage({ type: "ready" });
}

/** Read by hand: the build gives both files new names, and the one names the other. */
async function readModel(topology: string, weights: string) {
  const [described, data] = await Promise.all([fetch(topology), fetch(weights)]);
  if (!described.ok || !data.ok) throw new Error("the face finder's model is not there");
  const { modelTopology, weightsManifest } = await described.json();
  const weightSpecs = weightsManifest.flatMap((group: { weights: unknown[] }) => group.weights);
  return { modelTopology, weightSpecs, weightData: await data.arrayBuffer() };
}

async function look(model: GraphModel, { bitmap, size }: Look) {
  if (!context) return;
  const box = letterbox(size);
  const scale = INPUT_SIDE / box.side;
  context.fillStyle = "#000";
  context.fillRect(0, 0, INPUT_SIDE, INPUT_SIDE);
  context.drawImage(bitmap, box.left * scale, box.top * scale, size.width * scale, size.height * scale);
  bitmap.close();
  const { data } = context.getImageData(0, 0, INPUT_SIDE, INPUT_SIDE);
  const found = decode(await faces(model, data), box);
  const [largest] = found;
  const light = largest ? brightness(data, largest.box, box) : 0;
  scope.postMessage({ type: "seen", faces: found, brightness: light });
}

async function faces(model: GraphModel, rgba: Uint8ClampedArray): Promise<Float32Array> {
  const output = tidy(() => {
    const values = new Float32Array(3 * INPUT_SIDE * INPUT_SIDE);
    for (let pixel = 0; pixel < INPUT_SIDE * INPUT_SIDE; pixel += 1) {
      // The network takes -1 to 1.
      for (let channel = 0; channel < 3; channel += 1) {
        values[3 * pixel + channel] = (rgba[4 * pixel + channel] ?? 0) / 127.5 - 1;
      }
    }
    const answer = model.execute(tensor4d(values, [1, INPUT_SIDE, INPUT_SIDE, 3]));
    return Array.isArray(answer) ? (answer[0] as typeof answer[0]) : answer;
  });
  if (!output || !("data" in output)) throw new Error("the face finder gave no output");
  const data = (await output.data()) as Float32Array;
  output.dispose();
  return data;
}

scope.onmessage = (event: MessageEvent<Begin>) => {
  start(event.data).catch((error: unknown) => scope.postMessage({ type: "failed", reason: String(error) }));
};
