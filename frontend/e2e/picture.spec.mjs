import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openPage, photo, pick, uploads, useBrowser, usePhoto } from "./support.mjs";

const browser = await useBrowser();

/** Width and height from the frame header of a baseline JPEG (ITU T.81, B.2.2). */
function jpegSize(bytes) {
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1];
    if (marker === 0xc0 || marker === 0xc2) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
  }
  throw new Error("no frame header");
}

/** The same JPEG with an EXIF block that says "turn a quarter clockwise" and names a place. */
function turned(bytes) {
  const tiff = Buffer.from("4d4d002a00000008" + "0001" + "0112" + "0003" + "00000001" + "00060000" + "00000000", "hex");
  const payload = Buffer.concat([Buffer.from("Exif\0\0"), tiff, Buffer.from("Home, 1 Secret Street")]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(payload.length + 2);
  return Buffer.concat([bytes.subarray(0, 2), Buffer.from([0xff, 0xe1]), length, payload, bytes.subarray(2)]);
}

test("a picture without a face says so", async (t) => {
  const page = await openPage(t, browser);
  await pick(page, "coffee.png");
  await page.getByText("No face found.").waitFor();
});

test("a picture with several faces says how many and numbers them", async (t) => {
  const page = await openPage(t, browser);
  await pick(page, "group-four.jpg");
  await page.getByText("4 faces found. Use a picture with you alone.").waitFor();
  assert.equal(await page.locator("canvas.media").getAttribute("data-faces"), "4");
});

test("a file that is no picture says so, and another can be chosen", async (t) => {
  const page = await openPage(t, browser);
  await usePhoto(page);
  const input = page.locator("input[type=file]");
  await input.setInputFiles({ name: "me.jpg", mimeType: "image/jpeg", buffer: Buffer.from("not a picture") });
  await page.getByText("This file cannot be shown as a picture").waitFor();
  await pick(page, "obama.jpg");
});

test("a picture can be dropped", async (t) => {
  const page = await openPage(t, browser);
  await usePhoto(page);
  const base64 = readFileSync(photo("obama.jpg")).toString("base64");
  const transfer = await page.evaluateHandle((base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], "me.jpg", { type: "image/jpeg" }));
    return transfer;
  }, base64);
  await page.locator(".drop").dispatchEvent("drop", { dataTransfer: transfer });
  await page.getByText("One face found, and the picture is good.").waitFor();
});

test("a large picture is sent at 1600 pixels", async (t) => {
  const page = await openPage(t, browser);
  await usePhoto(page);
  const dataUrl = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 4000, height: 3000 });
    return canvas.toDataURL("image/jpeg");
  });
  const buffer = Buffer.from(dataUrl.split(",")[1], "base64");
  await page.locator("input[type=file]").setInputFiles({ name: "big.jpg", mimeType: "image/jpeg", buffer });
  await page.locator(".verdict").waitFor();
  assert.deepEqual(jpegSize((await uploads(page))[0]), { width: 1600, height: 1200 });
});

test("a turned photo is sent upright and without what its file carried", async (t) => {
  const page = await openPage(t, browser);
  await usePhoto(page);
  const original = readFileSync(photo("obama.jpg"));
  const size = jpegSize(original);
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "phone.jpg", mimeType: "image/jpeg", buffer: turned(original) });
  await page.locator(".verdict").waitFor();
  const [sent] = await uploads(page);
  assert.deepEqual(jpegSize(sent), { width: size.height, height: size.width });
  assert.equal(sent.includes("Exif"), false);
  assert.equal(sent.includes("Secret Street"), false);
});
