import { expect, it } from "vitest";
import { cameraText, duration, hint, photoText, problemText } from "./en";

it("says what to do next for everything that can go wrong", () => {
  const messages = [problemText, cameraText, photoText].flatMap((table) => Object.entries(table));
  for (const [code, { title, advice }] of messages) {
    expect(title, code).not.toMatch(/[.!]$/);
    expect(advice, code).toMatch(/\.$/);
  }
});

it("makes one line of a reason", () => {
  expect(hint("face_too_small")).toBe("The face is too small. Move closer to the camera.");
});

it("writes durations as people read them", () => {
  expect([0, 59, 60, 95, 900].map(duration)).toEqual(["0 s", "59 s", "1:00", "1:35", "15:00"]);
});
