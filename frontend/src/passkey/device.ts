/** What a person's device is probably called: the name that a new passkey starts with. */

/** Words of the browser's own description, the more special ones first. */
const DEVICES: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/CrOS/, "Chromebook"],
  [/Windows/, "Windows"],
  [/Macintosh|Mac OS/, "Mac"],
  [/Linux/, "Linux"],
];

/** `undefined` when the browser does not say. */
export function deviceName(userAgent: string): string | undefined {
  return DEVICES.find(([words]) => words.test(userAgent))?.[1];
}
