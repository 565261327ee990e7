import { expect, it } from "vitest";
import { canStream, streamsOver } from "./streaming";

const HERE = "https://auth.example.org";
const fetched = (name: string, nextHopProtocol: string) => ({ name, nextHopProtocol });

it("goes by the last answer of the service whose protocol is known", () => {
  const page = fetched(`${HERE}/`, "h2");
  expect(streamsOver([page], HERE)).toBe(true);
  expect(streamsOver([fetched(`${HERE}/capture`, "h3")], HERE)).toBe(true);
  expect(streamsOver([fetched(`${HERE}/`, "http/1.1")], HERE)).toBe(false);
  // A cache answers over none.
  expect(streamsOver([page, fetched(`${HERE}/app.js`, "")], HERE)).toBe(true);
  expect(streamsOver([page, fetched(`${HERE}/capture`, "http/1.1")], HERE)).toBe(false);
});

it("knows nothing of a service that was not asked, or that does not say", () => {
  expect(streamsOver([], HERE)).toBe(false);
  expect(streamsOver([fetched("https://shop.example.org/", "h2"), fetched(`${HERE}/capture`, "")], HERE)).toBe(false);
  expect(streamsOver([fetched(`${HERE}.evil.test/`, "h2")], HERE)).toBe(false);
});

it("needs a page", () => {
  expect(canStream("/verify")).toBe(false);
});
