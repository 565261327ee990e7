/** Which cameras there are. Browsers tell their names only once one of them is open. */

export interface CameraDevice {
  readonly id: string;
  /** Empty when the browser does not say. */
  readonly label: string;
}

export async function listCameras(
  devices: Pick<MediaDevices, "enumerateDevices"> | undefined = navigator.mediaDevices,
): Promise<CameraDevice[]> {
  if (!devices) return [];
  try {
    const all = await devices.enumerateDevices();
    return all
      .filter(({ kind, deviceId }) => kind === "videoinput" && deviceId !== "")
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  } catch {
    // A list is a convenience: without one the browser's choice stands.
    return [];
  }
}
