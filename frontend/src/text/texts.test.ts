import { describe, expect, it } from "vitest";
import { livenessReasonValues } from "../api/schema.gen";
import { de } from "./de";
import { en } from "./en";
import { adviceLine, duration, LANGUAGES, moment, reasonLine, textsFor } from "./texts";

for (const texts of LANGUAGES) {
  describe(texts.name, () => {
    it("says what to do next for everything that can go wrong", () => {
      const messages = [texts.problem, texts.camera, texts.late, texts.photo, texts.passkey].flatMap((table) => Object.entries(table));
      for (const [code, { title, advice }] of messages) {
        expect(title, code).not.toMatch(/[.!]$/);
        expect(advice, code).toMatch(/\.$/);
      }
      for (const reason of livenessReasonValues) expect(reasonLine(texts, reason), reason).toMatch(/\.$/);
    });

    it("leaves nothing empty", () => {
      for (const [key, value] of Object.entries(texts.ui)) {
        const said = typeof value === "function" ? (value as (...args: unknown[]) => string)(2, 3) : value;
        expect(said.trim(), key).not.toBe("");
      }
    });
  });
}

it("speaks the first language it knows", () => {
  expect(textsFor(["fr-FR", "de-AT", "en"])).toBe(de);
  expect(textsFor(["en-GB", "de"])).toBe(en);
  expect(textsFor(["xx"])).toBe(en);
});

it("translates: no long text is the same in both languages", () => {
  const same = (Object.keys(en.ui) as (keyof typeof en.ui)[]).filter((key) => {
    const said = en.ui[key];
    return typeof said === "string" && said.length > 16 && de.ui[key] === said;
  });
  expect(same).toEqual([]);
});

it("writes times as people do where they are", () => {
  const at = new Date(2026, 10, 3, 15, 4);
  expect(moment(en, at, ["en-GB"])).toBe("3 Nov 2026, 15:04");
  expect(moment(en, at, ["fr", "en-US"])).toMatch(/^Nov 3, 2026, 3:04\sPM$/);
  expect(moment(de, at, [])).toBe("03.11.2026, 15:04");
});

it("makes one line of a reason", () => {
  expect(adviceLine(en, "face_too_small")).toBe("The face is too small. Move closer to the camera.");
  expect(reasonLine(en, "face_too_small")).toBe("You were too far away. Come closer.");
  expect(reasonLine(en, "step_too_late")).toBe("A movement came too late.");
});

it("writes durations as people read them", () => {
  expect([0, 59, 60, 95, 900].map(duration)).toEqual(["0 s", "59 s", "1:00", "1:35", "15:00"]);
});
