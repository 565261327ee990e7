/** Opening and closing the camera, with every way it can fail told apart. */

export type CameraTrouble = "denied" | "missing" | "busy" | "insecure" | "failed" | "lost";

export type CameraResult =
  | { readonly ok: true; readonly stream: MediaStream }
  | { readonly ok: false; readonly trouble: CameraTrouble };

/**
 * At 1280x720 a face at arm's length has an eye distance well above the service's limit. More
 * pixels would only be scaled down again. These are wishes: a camera that cannot meet them is used
 * as it is.
 */
const WISHES: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
};

function constraints(device: string | undefined): MediaStreamConstraints {
  const which = device === undefined ? { facingMode: "user" } : { deviceId: { exact: device } };
  return { audio: false, video: { ...WISHES, ...which } };
}

/** The parts of the browser this needs; `devices` is absent on an insecure origin. */
export interface CameraHost {
  readonly secure: boolean;
  readonly devices: Pick<MediaDevices, "getUserMedia"> | undefined;
}

function browserHost(): CameraHost {
  return { secure: window.isSecureContext, devices: navigator.mediaDevices };
}

/** Asks for the front camera, or for `device`. The caller must pass the stream to `stopCamera`. */
export async function openCamera(device?: string, host: CameraHost = browserHost()): Promise<CameraResult> {
  if (!host.secure) return { ok: false, trouble: "insecure" };
  if (!host.devices) return { ok: false, trouble: "missing" };
  try {
    return { ok: true, stream: await host.devices.getUserMedia(constraints(device)) };
  } catch (error) {
    return { ok: false, trouble: troubleOf(error) };
  }
}

/** Turns the camera off, light included. */
export function stopCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Names the failure by the exception of the Media Capture specification (10.2, getUserMedia). */
function troubleOf(error: unknown): CameraTrouble {
  switch (error instanceof Error ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "failed";
  }
}
