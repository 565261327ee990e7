/** A deployment's own look: its colours as a style sheet. */
import type { PageLook } from "../api/types";

/** What the service sends as a colour. Nothing else gets into a style sheet. */
const COLOUR = /^#[0-9a-f]{6}$/;

/** How much of the way to black or white a colour goes while a pointer is over it. */
const STRONGER = 0.2;

const DARK = "(prefers-color-scheme: dark)";

/** The rules that colour the page; "" when it keeps its own colours. */
export function rulesOf({ accent_light, accent_dark }: PageLook): string {
  const light = accentRule(accent_light, 0);
  const dark = accentRule(accent_dark, 255);
  return [light && `@media not all and ${DARK} { ${light} }`, dark && `@media ${DARK} { ${dark} }`]
    .filter((rule) => rule !== undefined)
    .join("\n");
}

function accentRule(accent: string | null | undefined, towards: number): string | undefined {
  if (!accent || !COLOUR.test(accent)) return undefined;
  return `:root { --accent: ${accent}; --accent-strong: ${mixed(accent, towards)}; }`;
}

/** `colour`, a part of the way to the grey `towards` (0 to 255). */
function mixed(colour: string, towards: number): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const mix = (channel: number) => Math.round(channel + (towards - channel) * STRONGER);
  return `#${channels.map((channel) => mix(channel).toString(16).padStart(2, "0")).join("")}`;
}
