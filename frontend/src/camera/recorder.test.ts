import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { record } from "./recorder";

/** JPEGs that are being made, as a busy browser leaves them. */
let encodings: ((jpeg: Blob | null) => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  encodings = [];
  const canvas = {
    width: 0,
    height: 0,
    getContext: () => ({ drawImage: () => {} }),
    toBlob: (made: (jpeg: Blob | null) => void) => void encodings.push(made),
  };
  vi.stubGlobal("document", { createElement: () => canvas });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const video = { videoWidth: 640, videoHeight: 480 } as HTMLVideoElement;
const start = (pace: number) => record(video, () => Date.now(), pace);
const gaps = (frames: readonly { at: number }[]) => frames.slice(1).map(({ at }, index) => at - (frames[index]?.at ?? 0));

/** Makes the JPEGs that are waited for. */
const encode = () => encodings.splice(0).forEach((made) => made(new Blob(["x"])));

it("takes frames at the pace it is told", async () => {
  const recorder = start(200);
  for (let n = 0; n < 10; n += 1) (await vi.advanceTimersByTimeAsync(100), encode());
  recorder.pace(100);
  for (let n = 0; n < 5; n += 1) (await vi.advanceTimersByTimeAsync(100), encode());
  const stopped = recorder.stop();
  encode();
  expect(gaps(await stopped)).toEqual([200, 200, 200, 200, 200, 100, 100, 100, 100, 100]);
});

it("leaves no gap while a JPEG is being made", async () => {
  const recorder = start(100);
  await vi.advanceTimersByTimeAsync(700);
  const stopped = recorder.stop();
  encode();
  expect(gaps(await stopped)).toEqual([100, 100, 100, 100, 100, 100, 100]);
});

it("keeps few frames that wait, and none that became no JPEG", async () => {
  const recorder = start(100);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(encodings.length).toBe(10);
  const stopped = recorder.stop();
  encodings.splice(0).forEach((made, index) => made(index % 2 ? null : new Blob(["x"])));
  expect((await stopped).length).toBe(5);
});

it("hands out what is made so far, in order", async () => {
  const recorder = start(100);
  await vi.advanceTimersByTimeAsync(300);
  expect(recorder.taken()).toEqual([]);
  const [first, second, third, fourth] = encodings.splice(0);
  second?.(new Blob(["2"]));
  expect(recorder.taken().length).toBe(0);
  first?.(new Blob(["1"]));
  expect(recorder.taken().length).toBe(2);
  // One that became no JPEG is left out, and keeps none back.
  third?.(null);
  fourth?.(new Blob(["4"]));
  expect(gaps(recorder.taken())).toEqual([100, 200]);
  recorder.drop();
  expect(recorder.taken()).toEqual([]);
});
