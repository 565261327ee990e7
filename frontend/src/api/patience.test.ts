import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Result } from "./errors";
import { inTime } from "./patience";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An answer that comes after `ms` milliseconds. */
function after(ms: number): Promise<Result<string>> {
  return new Promise((resolve) => setTimeout(() => resolve({ ok: true, value: "here" }), ms));
}

it("passes an answer on that comes in time, and leaves no timer behind", async () => {
  const answer = inTime(after(999), 1000);
  await vi.advanceTimersByTimeAsync(999);
  expect(await answer).toEqual({ ok: true, value: "here" });
  expect(vi.getTimerCount()).toBe(0);
});

it("gives up on an answer that comes too late", async () => {
  const answer = inTime(after(1001), 1000);
  await vi.advanceTimersByTimeAsync(1001);
  expect(await answer).toEqual({ ok: false, problem: { code: "network" } });
});
