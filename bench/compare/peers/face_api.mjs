// Sign-ins with face-api (npm), the library behind many face logins in browsers and Node: SSD MobileNet
// detector, 68 landmarks, a ResNet of 128 values, on its WebAssembly backend. Nothing looks for attacks.
//
//     node face_api.mjs ENROLLED PROBE SECONDS     prints milliseconds, processor time and memory as JSON
//
// JPEGs are decoded by jpeg-js, for want of a decoder in Node: a tenth of its time.

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

// The packages are in the throwaway folder this runs from.
const require = createRequire(path.join(process.cwd(), "package.json"));
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
const api = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
const jpeg = require("jpeg-js");

const WARM_UP = 5;
// What its documentation compares with.
const LARGEST_DISTANCE = 0.6;
const MIN_CONFIDENCE = 0.5;

async function load() {
  const at = (name) => path.dirname(require.resolve(`${name}/package.json`));
  wasm.setWasmPaths(`${at("@tensorflow/tfjs-backend-wasm")}/wasm-out/`);
  await tf.setBackend("wasm");
  await tf.ready();
  const models = `${at("@vladmandic/face-api")}/model`;
  await api.nets.ssdMobilenetv1.loadFromDisk(models);
  await api.nets.faceLandmark68Net.loadFromDisk(models);
  await api.nets.faceRecognitionNet.loadFromDisk(models);
}

/** The face on a JPEG as a vector, or null. */
async function embed(bytes) {
  const { data, width, height } = jpeg.decode(bytes, { useTArray: true });
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0, j = 0; i < data.length; i += 4) {
    rgb[j++] = data[i];
    rgb[j++] = data[i + 1];
    rgb[j++] = data[i + 2];
  }
  const picture = tf.tensor3d(rgb, [height, width, 3], "int32");
  try {
    const options = new api.SsdMobilenetv1Options({ minConfidence: MIN_CONFIDENCE });
    const found = await api.detectSingleFace(picture, options).withFaceLandmarks().withFaceDescriptor();
    return found?.descriptor ?? null;
  } finally {
    picture.dispose();
  }
}

async function time(enrolled, probe, seconds) {
  const template = await embed(fs.readFileSync(enrolled));
  const picture = fs.readFileSync(probe);
  const signIn = async () => {
    const distance = api.euclideanDistance(template, await embed(picture));
    if (!(distance <= LARGEST_DISTANCE)) throw new Error(`the probe is not taken: ${distance}`);
  };
  for (let i = 0; i < WARM_UP; i++) await signIn();
  const ms = [];
  const before = process.cpuUsage();
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    const begin = performance.now();
    await signIn();
    ms.push(performance.now() - begin);
  }
  const { user, system } = process.cpuUsage(before);
  const peak_mb = (process.resourceUsage().maxRSS * 1024) / 1e6;
  console.log(JSON.stringify({ ms, cpu_ms: (user + system) / 1000 / ms.length, peak_mb }));
}

const [enrolled, probe, seconds] = process.argv.slice(2);
await load();
await time(enrolled, probe, Number(seconds));
