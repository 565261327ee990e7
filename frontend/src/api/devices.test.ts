import { describe, expect, it } from "vitest";
import { createApi } from "./client";
import { createDevices } from "./devices";

function shelf() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

const photo = new Blob(["jpeg"], { type: "image/jpeg" });

describe("device tokens", () => {
  it("come with a sign-in and go with the next of the same name", async () => {
    const here = shelf();
    const sent: FormData[] = [];
    const api = createApi({
      fetch: async (_path, init) => {
        sent.push(init?.body as FormData);
        return Response.json({ user: { username: "Ada" }, device_token: `token-${sent.length}` });
      },
      now: () => 0,
      shelf: () => here,
    });
    await api.verify("Ada", photo);
    await api.verify("ada", photo);
    await api.verify("grace", photo);
    await api.register({ username: "ada", photo, policyVersion: "1", key: "k" });
    expect(sent.map((body) => body.get("device_token"))).toEqual([null, "token-1", null, null]);
    expect(createDevices(() => here).tokenOf("ADA")).toBe("token-4");
  });

  it("are done without where nothing can be kept", async () => {
    const closed = () => {
      throw new Error("SecurityError");
    };
    const devices = createDevices(closed);
    devices.keep("ada", "token");
    expect(devices.tokenOf("ada")).toBeUndefined();
  });
});
