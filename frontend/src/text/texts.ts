/** What every language must say, and which one is spoken. */
import type { ClientCode } from "../api/errors";
import type { Action, ErrorCode, LivenessReason } from "../api/types";
import type { CameraTrouble } from "../camera/open";
import type { PhotoTrouble } from "../camera/photo";
import type { Hint } from "../liveness/guidance";
import type { WaitsFor } from "../liveness/machine";
import type { PasskeyTrouble } from "../passkey/browser";
import { de } from "./de";
import { en } from "./en";

export interface Message {
  readonly title: string;
  readonly advice: string;
}

/** What is wrong with a picture, when a picture of a liveness capture must not have it either. */
type PictureReason = ErrorCode & LivenessReason;

/** What to change about a picture, and about a liveness capture with such a picture. */
interface PictureMessage extends Message {
  readonly inCapture: string;
}

/** What people are asked to do: the service's steps, the page's own poses, and the way back. */
export type Prompt = Action | "straight" | "look_left" | "look_right" | "back" | "stay" | "opened";

/** The tables whose keys are closed lists of the service or of the page. */
export interface Tables {
  /** BCP 47 tag: `lang` of the page, and how dates are written. */
  readonly tag: string;
  /** What the language calls itself. */
  readonly name: string;
  /** What to do about each error code. */
  readonly problem: Record<Exclude<ErrorCode, PictureReason> | ClientCode, Message> & Record<PictureReason, PictureMessage>;
  /** Why there is no camera picture, and the way out. */
  readonly camera: Record<CameraTrouble, Message>;
  /** What a camera that is late may be waiting for. */
  readonly late: Record<WaitsFor, Message>;
  /** Why a file gives no picture. */
  readonly photo: Record<PhotoTrouble, Message>;
  /** Why the browser gave no passkey. */
  readonly passkey: Record<PasskeyTrouble, Message>;
  /** What the registered claims of an access token mean. */
  readonly claim: Readonly<Record<string, string>>;
  readonly hint: Record<Hint, string>;
  readonly prompt: Record<Prompt, string>;
  /** Why a liveness capture was refused that is more than its pictures. */
  readonly reason: Record<Exclude<LivenessReason, PictureReason>, string>;
  /** Kinds and outcomes of the sign-in history; what is not in there is shown as it is. */
  readonly attempt: Readonly<Record<string, string>>;
  readonly outcome: Readonly<Record<string, string>>;
}

/** A language: the tables, and the free texts that English has. */
export type Texts = Tables & { readonly ui: Translated<typeof en.ui> };

/** The same keys; a function stays a function of the same arguments. */
export type Translated<T> = {
  readonly [Key in keyof T]: T[Key] extends (...args: infer Args) => string ? (...args: Args) => string : string;
};

/** Version of the consent text; recorded with the consent. Change both together, in every language. */
export const CONSENT_VERSION = "2026-11-23";

export const LANGUAGES: readonly Texts[] = [en, de];

const primary = (tag: string) => tag.toLowerCase().split("-")[0];

/** A time as people of this language and place write it. */
export function moment(texts: Texts, at: Date, places: readonly string[] = navigator.languages): string {
  const place = places.find((place) => primary(place) === texts.tag) ?? texts.tag;
  return at.toLocaleString(place, { dateStyle: "medium", timeStyle: "short" });
}

/** The first of `wanted` (BCP 47 tags, best first) that is spoken here; English otherwise. */
export function textsFor(wanted: readonly string[]): Texts {
  for (const tag of wanted) {
    const texts = LANGUAGES.find((texts) => texts.tag === primary(tag));
    if (texts) return texts;
  }
  return en;
}

/** What to change about a picture, in one line. */
export function adviceLine(texts: Texts, code: ErrorCode): string {
  const { title, advice } = texts.problem[code];
  return `${title}. ${advice}`;
}

/** Why a liveness capture was refused, in one line. */
export function reasonLine({ problem, reason }: Texts, code: LivenessReason): string {
  const lines: Partial<Record<LivenessReason, string>> = reason;
  const pictures: Partial<Record<LivenessReason, PictureMessage>> = problem;
  // A newer service may send a reason that has no line here.
  return lines[code] ?? pictures[code]?.inCapture ?? "";
}

/** `95` becomes `1:35`, `40` becomes `40 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
