/** What the page and the finder's worker say to each other. */
import type { Size } from "../geometry/box";
import type { SeenFace } from "./port";

/** Where the worker finds what it runs: it may have been started from another origin's page. */
export interface Begin {
  readonly topology: string;
  readonly weights: string;
  readonly wasm: { readonly plain: string; readonly simd: string };
}

/** A frame, shrunk to the network's square; the worker closes it. */
export interface Look {
  readonly bitmap: ImageBitmap;
  /** The video's own size. */
  readonly size: Size;
}

export type Reply =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "seen"; readonly faces: SeenFace[]; readonly brightness: number };
