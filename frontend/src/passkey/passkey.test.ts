import { describe, expect, it } from "vitest";
import { fromBase64url, toBase64url } from "./base64url";
import { troubleOf } from "./browser";
import { deviceName } from "./device";
import { creationOptions, credentialJson, requestOptions } from "./json";
import { passkeySupport } from "./support";

const bytes = (...values: number[]) => Uint8Array.from(values).buffer;

describe("base64url", () => {
  it("goes there and back, for every byte and every length", () => {
    for (let length = 0; length < 6; length += 1) {
      const some = Uint8Array.from({ length }, (_, index) => 250 + index);
      expect([...fromBase64url(toBase64url(some.buffer))]).toEqual([...some]);
    }
    expect(toBase64url(bytes(255, 239, 190))).toBe("_---");
    expect(toBase64url(bytes(251))).toBe("-w");
  });

  it("refuses what it is not", () => {
    expect(() => fromBase64url("a b?")).toThrow();
  });
});

describe("options", () => {
  it("of a new passkey", () => {
    const read = creationOptions({
      challenge: "AQI",
      rp: { id: "localhost", name: "FaceAuth" },
      user: { id: "Aw", name: "ada", displayName: "ada" },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      excludeCredentials: [{ id: "BA", type: "public-key", transports: ["internal"] }],
      timeout: 120_000,
    });
    expect(read.challenge).toEqual(Uint8Array.of(1, 2));
    expect(read.user).toEqual({ id: Uint8Array.of(3), name: "ada", displayName: "ada" });
    expect(read.excludeCredentials).toEqual([{ id: Uint8Array.of(4), type: "public-key", transports: ["internal"] }]);
    expect(read.timeout).toBe(120_000);
  });

  it("of a passkey that is shown", () => {
    const read = requestOptions({
      challenge: "AQI",
      rpId: "localhost",
      allowCredentials: [{ id: "BA", type: "public-key" }],
      userVerification: "required",
    });
    expect(read).toEqual({
      challenge: Uint8Array.of(1, 2),
      rpId: "localhost",
      allowCredentials: [{ id: Uint8Array.of(4), type: "public-key" }],
      userVerification: "required",
    });
    expect(requestOptions({ challenge: "AQI" })).toEqual({ challenge: Uint8Array.of(1, 2) });
  });
});

describe("credentials", () => {
  const common = { id: "AQ", rawId: bytes(1), type: "public-key", authenticatorAttachment: null };
  const answer = (response: object) =>
    ({ ...common, response, getClientExtensionResults: () => ({}) }) as unknown as PublicKeyCredential;

  it("of a new passkey", () => {
    const made = { clientDataJSON: bytes(2), attestationObject: bytes(3), getTransports: () => ["internal"] };
    expect(credentialJson(answer(made))).toEqual({
      ...common,
      rawId: "AQ",
      clientExtensionResults: {},
      response: { clientDataJSON: "Ag", attestationObject: "Aw", transports: ["internal"] },
    });
  });

  it("of a passkey that was shown", () => {
    const shown = { clientDataJSON: bytes(2), authenticatorData: bytes(3), signature: bytes(4), userHandle: null };
    expect(credentialJson(answer(shown))).toMatchObject({
      response: { clientDataJSON: "Ag", authenticatorData: "Aw", signature: "BA", userHandle: null },
    });
  });
});

it("says what the browser's exceptions mean", () => {
  const named = (name: string) => troubleOf(new DOMException("", name));
  expect(named("NotAllowedError")).toBe("cancelled");
  expect(named("AbortError")).toBe("cancelled");
  expect(named("InvalidStateError")).toBe("registered");
  expect(named("SecurityError")).toBe("address");
  expect(named("UnknownError")).toBe("failed");
  expect(troubleOf("what")).toBe("failed");
});

it("knows where passkeys can be used", () => {
  const at = (url: string, known = true) => passkeySupport(new URL(url), known);
  expect(at("https://auth.example.org/")).toEqual({ usable: true });
  expect(at("http://localhost:8080/#sign-in")).toEqual({ usable: true });
  expect(at("https://auth.example.org/", false)).toEqual({ usable: false, because: "browser" });
  const instead = "http://localhost:8080/?a#sign-in";
  expect(at("http://127.0.0.1:8080/?a#sign-in", false)).toEqual({ usable: false, because: "address", instead });
  expect(at("http://[::1]:8080/?a#sign-in")).toEqual({ usable: false, because: "address", instead });
  expect(at("http://192.168.0.7/")).toEqual({ usable: false, because: "address" });
});

it("names the device", () => {
  expect(deviceName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)")).toBe("iPhone");
  expect(deviceName("Mozilla/5.0 (Linux; Android 15; Pixel 9)")).toBe("Android");
  expect(deviceName("Mozilla/5.0 (X11; Linux x86_64)")).toBe("Linux");
  expect(deviceName("something else")).toBeUndefined();
});
