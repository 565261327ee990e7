/** A capture that is sent while it is made: what is chosen of the frames goes to the service. */
import type { CaptureStream, OnSent } from "../api/client";
import type { Result } from "../api/errors";
import type { RecordedFrame } from "../camera/recorder";
import { choose, type Chosen, isCapture, NONE, type View } from "./online";
import type { FrameLimits } from "./select";

export class Outgoing<T> {
  #chosen: Chosen = NONE;
  /** When the frames that were sent were taken. */
  #times: number[] = [];
  #over = false;
  readonly #stream: CaptureStream<T>;
  readonly #limits: FrameLimits;

  constructor(stream: CaptureStream<T>, limits: FrameLimits) {
    this.#stream = stream;
    this.#limits = limits;
  }

  /** Goes on with the frames that have been recorded so far. */
  feed(frames: readonly RecordedFrame[], view: View): void {
    if (this.#over) return;
    this.#over = view.over;
    const before = this.#chosen.sent.length;
    this.#chosen = choose(this.#chosen, frames.map(({ at }) => at), view, this.#limits);
    for (const index of this.#chosen.sent.slice(before)) {
      const frame = frames[index];
      if (!frame) continue;
      this.#times.push(frame.at);
      this.#stream.send({ jpeg: frame.jpeg, t: Math.round(frame.at - (this.#times[0] ?? frame.at)) });
    }
  }

  /** What the service says of it; `undefined` when it has to be sent as a whole. */
  end(onSent: OnSent): Promise<Result<T> | undefined> {
    // A device that was too busy to take frames, or somebody too slow for what was chosen.
    if (this.#over && isCapture(this.#times, this.#limits)) return this.#stream.end(onSent);
    this.abort();
    return Promise.resolve(undefined);
  }

  abort(): void {
    this.#over = true;
    this.#stream.abort();
  }
}
