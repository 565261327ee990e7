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

test("a HEIC picture says what to do", async (t) => {
  const buffer = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1");
  for (const [locale, title] of [
    ["en-GB", "This browser cannot open HEIC pictures"],
    ["de", "Dieser Browser kann HEIC-Bilder nicht öffnen"],
  ]) {
    const page = await openPage(t, browser, { locale });
    if (locale === "de") await page.getByRole("button", { name: "Stattdessen ein Foto verwenden" }).click();
    else await usePhoto(page);
    // Phones and computers give such files any name and type.
    for (const [name, mimeType] of [["IMG_0001.HEIC", "image/heic"], ["me.jpg", "image/jpeg"]]) {
      await page.locator("input[type=file]").setInputFiles({ name, mimeType, buffer });
      await page.getByText(title).waitFor();
    }
  }
});

test("what only an image element opens is sent as JPEG", async (t) => {
  const page = await openPage(t, browser);
  await page.addInitScript(() => {
    // As where the system knows a format (HEIC) and the bitmap decoder does not.
    window.createImageBitmap = () => Promise.reject(new DOMException("no", "InvalidStateError"));
  });
  await page.reload();
  await pick(page, "astronaut.png");
  const [upload] = await uploads(page);
  assert.deepEqual(jpegSize(upload), { width: 512, height: 512 });
});

/** A WebP with the orientation 1 to 8 in an EXIF chunk. */
function turnedWebp(webp, size, orientation) {
  const chunk = (name, payload) => {
    const head = Buffer.alloc(8);
    head.write(name, "latin1");
    head.writeUInt32LE(payload.length, 4);
    return Buffer.concat([head, payload, Buffer.alloc(payload.length % 2)]);
  };
  let body = webp.subarray(12);
  if (body.toString("latin1", 0, 4) === "VP8X") body = body.subarray(18);
  const extended = Buffer.alloc(10);
  extended[0] = 0x08;
  extended.writeUIntLE(size.width - 1, 4, 3);
  extended.writeUIntLE(size.height - 1, 7, 3);
  // A colour profile would have to be announced; the picture does without.
  if (body.toString("latin1", 0, 4) === "ICCP") body = body.subarray(8 + body.readUInt32LE(4) + (body.readUInt32LE(4) % 2));
  const tiff = Buffer.from(`4d4d002a00000008000101120003000000010${orientation.toString(16).padStart(3, "0")}000000000000`, "hex");
  const all = Buffer.concat([Buffer.from("WEBP"), chunk("VP8X", extended), body, chunk("EXIF", tiff)]);
  return chunk("RIFF", all);
}

test("a WebP is read upright, however the camera was held", async (t) => {
  const page = await openPage(t, browser);
  await usePhoto(page);
  /** A scene whose corners differ, stored as a camera that was held so stores it. */
  const stored = await page.evaluate(async () => {
    const draw = (width, height, transform) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d");
      context.setTransform(...transform);
      for (const [colour, x, y] of [["#d22", 0, 0], ["#2d2", 40, 0], ["#22d", 0, 30], ["#dd2", 40, 30]]) {
        context.fillStyle = colour;
        context.fillRect(x, y, 40, 30);
      }
      return canvas;
    };
    const held = { 1: [80, 60, [1, 0, 0, 1, 0, 0]], 3: [80, 60, [-1, 0, 0, -1, 80, 60]],
      6: [60, 80, [0, -1, 1, 0, 0, 80]], 8: [60, 80, [0, 1, -1, 0, 60, 0]] };
    const pictures = {};
    for (const [orientation, [width, height, transform]] of Object.entries(held)) {
      const blob = await new Promise((done) => draw(width, height, transform).toBlob(done, "image/webp", 1));
      pictures[orientation] = { size: { width, height }, bytes: Array.from(new Uint8Array(await blob.arrayBuffer())) };
    }
    return pictures;
  });
  for (const [orientation, { size, bytes }] of Object.entries(stored)) {
    const buffer = turnedWebp(Buffer.from(bytes), size, Number(orientation));
    const before = (await uploads(page)).length;
    await page.locator("input[type=file]").setInputFiles({ name: "me.webp", mimeType: "image/webp", buffer });
    await page.locator(".verdict").waitFor();
    const upload = (await uploads(page))[before];
    assert.deepEqual(jpegSize(upload), { width: 80, height: 60 }, `orientation ${orientation}`);
    const corner = await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const canvas = Object.assign(document.createElement("canvas"), { width: 80, height: 60 });
      const context = canvas.getContext("2d");
      context.drawImage(bitmap, 0, 0);
      return [[5, 5], [75, 5], [5, 55], [75, 55]].map(([x, y]) =>
        Array.from(context.getImageData(x, y, 1, 1).data.slice(0, 3), (value) => (value > 128 ? 1 : 0)).join(""));
    }, upload.toString("base64"));
    assert.deepEqual(corner, ["100", "010", "001", "110"], `orientation ${orientation}`);
    await page.getByRole("button", { name: "Use another picture" }).click();
  }
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
