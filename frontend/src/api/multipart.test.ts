import { expect, it } from "vitest";
import { formWriter, newBoundary } from "./multipart";

/** What a browser reads out of `parts`. */
async function read(type: string, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<FormData> {
  return new Response(new Blob([...parts]), { headers: { "Content-Type": type } }).formData();
}

it("writes what a browser reads", async () => {
  const form = formWriter(newBoundary());
  const picture = new Uint8Array([255, 216, 13, 10, 45, 45, 0, 255, 217]);
  const parts = [
    form.text("username", "ada.l\u00f6velace"),
    form.text("liveness.t_ms", "0"),
    form.jpeg("liveness.frames", picture.buffer),
    form.text("liveness.t_ms", "125"),
    form.jpeg("liveness.frames", new ArrayBuffer(0)),
    form.end(),
  ];
  const fields = await read(form.type, parts);
  expect([...fields.keys()]).toEqual([
    "username", "liveness.t_ms", "liveness.frames", "liveness.t_ms", "liveness.frames",
  ]);
  expect(fields.get("username")).toBe("ada.l\u00f6velace");
  const [first, second] = fields.getAll("liveness.frames") as File[];
  expect([first?.type, first?.name, second?.size]).toEqual(["image/jpeg", "photo.jpg", 0]);
  expect(new Uint8Array((await first?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(picture);
});

it("ends each field at once", () => {
  const form = formWriter("b");
  for (const part of [form.text("a", "1"), form.jpeg("b", new ArrayBuffer(3))]) {
    expect(new TextDecoder().decode(part).endsWith("\r\n--b")).toBe(true);
  }
});

it("makes boundaries that differ", () => {
  expect(newBoundary()).not.toBe(newBoundary());
  expect(newBoundary()).toMatch(/^faceauth-[0-9a-f]{32}$/);
});
