/**
 * Whether what can be pressed stays where it is while answers come. A test holds answers of the
 * service back, notes what stands where, lets the answers through, and compares.
 */
import assert from "node:assert/strict";

/**
 * Has the answers to `paths` wait; `instead` has another answer for some. `release(path)` lets one
 * through, and waits until the page has it.
 */
export async function holdBack(page, paths, instead = {}) {
  const gates = new Map();
  for (const path of paths) {
    let open;
    const opened = new Promise((resolve) => (open = resolve));
    gates.set(path, open);
    await page.route(`**${path}`, async (route) => {
      const answer = path in instead ? { json: instead[path] } : { response: await route.fetch() };
      await opened;
      await route.fulfill(answer);
    });
  }
  return {
    async release(path) {
      const answered = page.waitForResponse((response) => new URL(response.url()).pathname === path);
      gates.get(path)();
      await (await answered).finished();
    },
  };
}

/** Notes where everything stands that can be pressed. */
export async function notePlaces(page) {
  return page.evaluateHandle(() => {
    const places = new Map();
    for (const element of document.querySelectorAll("a[href], button, input, select, summary")) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const { left, top, width, height } = element.getBoundingClientRect();
      places.set(element, [left, top + scrollY, width, height]);
    }
    return places;
  });
}

/** Fails when something of `places` stands elsewhere now, or has gone. */
export async function nothingMoved(places, when) {
  const moved = await places.evaluate((places) =>
    [...places].flatMap(([element, before]) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const now = [left, top + scrollY, width, height];
      const name = element.getAttribute("aria-label") ?? element.textContent.trim();
      return before.every((value, index) => Math.abs(value - now[index]) < 1) ? [] : [`${name}: ${before} to ${now}`];
    }),
  );
  assert.deepEqual(moved, [], when);
}
