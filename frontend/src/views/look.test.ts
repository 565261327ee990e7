import { expect, it } from "vitest";
import { rulesOf } from "./look";

it("colours each scheme, and gets darker or brighter under a pointer", () => {
  expect(rulesOf({})).toBe("");
  const rules = rulesOf({ accent_light: "#ff8000", accent_dark: "#ff8000" }).split("\n");
  expect(rules).toEqual([
    "@media not all and (prefers-color-scheme: dark) { :root { --accent: #ff8000; --accent-strong: #cc6600; } }",
    "@media (prefers-color-scheme: dark) { :root { --accent: #ff8000; --accent-strong: #ff9933; } }",
  ]);
});

it("lets nothing but a colour into a style sheet", () => {
  for (const text of ["red", "#fff", "#ff8000; } body { display: none", "", "#FF8000"]) {
    expect(rulesOf({ accent_light: text })).toBe("");
  }
});
