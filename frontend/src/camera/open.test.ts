import { describe, expect, it } from "vitest";
import { type CameraHost, openCamera, stopCamera } from "./open";

function hostThatFails(name: string): CameraHost {
  return {
    secure: true,
    devices: { getUserMedia: () => Promise.reject(Object.assign(new Error("no"), { name })) },
  };
}

describe("openCamera", () => {
  it("tells every failure apart", async () => {
    const cases = [
      ["NotAllowedError", "denied"],
      ["SecurityError", "denied"],
      ["NotFoundError", "missing"],
      ["OverconstrainedError", "missing"],
      ["NotReadableError", "busy"],
      ["AbortError", "busy"],
      ["TypeError", "failed"],
    ] as const;
    for (const [name, trouble] of cases) {
      expect(await openCamera(undefined, hostThatFails(name)), name).toEqual({ ok: false, trouble });
    }
  });

  it("does not even ask on an insecure origin", async () => {
    expect(await openCamera(undefined, { secure: false, devices: undefined })).toEqual({ ok: false, trouble: "insecure" });
    expect(await openCamera(undefined, { secure: true, devices: undefined })).toEqual({ ok: false, trouble: "missing" });
  });

  it("prefers the front camera and leaves the microphone alone", async () => {
    let asked: MediaStreamConstraints | undefined;
    const stream = {} as MediaStream;
    const devices = {
      getUserMedia: async (constraints?: MediaStreamConstraints) => {
        asked = constraints;
        return stream;
      },
    };
    expect(await openCamera(undefined, { secure: true, devices })).toEqual({ ok: true, stream });
    expect(asked).toMatchObject({ audio: false, video: { facingMode: "user" } });
    await openCamera("back", { secure: true, devices });
    expect(asked).toMatchObject({ video: { deviceId: { exact: "back" } } });
    expect(asked?.video).not.toHaveProperty("facingMode");
  });
});

it("stopCamera stops every track", () => {
  const stopped: string[] = [];
  const track = (id: string) => ({ stop: () => stopped.push(id) });
  stopCamera({ getTracks: () => [track("a"), track("b")] } as unknown as MediaStream);
  expect(stopped).toEqual(["a", "b"]);
});
