import { describe, expect, it } from "vitest";
import { viewport } from "../geometry/viewport";
import { type Pen, type SceneFace, draw } from "./draw";

type Call = [name: string, ...args: unknown[]];

/** A pen that writes down every call, and every property as it is set. */
function recordingPen(): { pen: Pen; calls: Call[] } {
  const calls: Call[] = [];
  const pen = new Proxy({} as Pen, {
    get: (_, name) => (...args: unknown[]) => void calls.push([String(name), ...args]),
    set: (_, name, value) => {
      calls.push([String(name), value]);
      return true;
    },
  });
  return { pen, calls };
}

const source = { width: 200, height: 100 };
const face: SceneFace = {
  box: { x: 20, y: 10, width: 40, height: 50 },
  points: [{ x: 30, y: 30 }, { x: 50, y: 30 }, { x: 40, y: 38 }, { x: 32, y: 48 }, { x: 48, y: 48 }],
  good: true,
};

function drawn(faces: SceneFace[], mirror = false, pixelRatio = 1): Call[] {
  const { pen, calls } = recordingPen();
  draw(pen, { view: viewport({ source, frame: { width: 400, height: 200 }, fit: "contain", mirror }), pixelRatio, faces });
  return calls;
}

const named = (calls: Call[], name: string) => calls.filter(([called]) => called === name);

describe("draw", () => {
  it("wipes the canvas in CSS pixels before anything else", () => {
    expect(drawn([], false, 3)).toEqual([["setTransform", 3, 0, 0, 3, 0, 0], ["clearRect", 0, 0, 400, 200]]);
  });

  it("puts box and five points where the picture shows them", () => {
    const calls = drawn([face]);
    for (const call of named(calls, "roundRect")) expect(call.slice(1, 5)).toEqual([40, 20, 80, 100]);
    const centres = new Set(named(calls, "arc").map(([, x, y]) => `${String(x)},${String(y)}`));
    expect([...centres]).toEqual(["60,60", "100,60", "80,76", "64,96", "96,96"]);
  });

  it("follows a mirrored picture", () => {
    const calls = drawn([face], true);
    for (const call of named(calls, "roundRect")) expect(call.slice(1, 5)).toEqual([400 - 40 - 80, 20, 80, 100]);
    expect(named(calls, "arc")[0]?.slice(1, 3)).toEqual([340, 60]);
  });

  it("tells a poor face by dashes, not by colour alone", () => {
    const dashes = (good: boolean) => named(drawn([{ ...face, good }]), "setLineDash").at(-1)?.[1];
    expect(dashes(true)).toEqual([]);
    expect(dashes(false)).not.toEqual([]);
  });

  it("numbers faces when there are several", () => {
    expect(named(drawn([face]), "fillText")).toEqual([]);
    expect(named(drawn([face, face]), "fillText").map((call) => call[1])).toEqual(["1", "2"]);
  });
});
