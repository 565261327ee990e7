/**
 * A form that is sent while it is made: the frames of a capture leave as they are taken.
 */
import { type FormWriter, formWriter, newBoundary } from "./multipart";
import type { StreamInit } from "./transport";

/** Told the share of an upload that has been sent, 0 to 1. */
type OnSent = (share: number) => void;

/** Longest wait for the answer after the end, in milliseconds: longer than the service takes for anything. */
const PATIENCE_MS = 60_000;

export class Outlet {
  readonly #form: FormWriter = formWriter(newBoundary());
  readonly #pipe = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  readonly #writer = this.#pipe.writable.getWriter();
  readonly #abort = new AbortController();
  /** What was added so far, in order: reading a picture takes a moment. */
  #adding: Promise<unknown> = Promise.resolve();
  #bytes = { added: 0, gone: 0 };
  #onSent: OnSent | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** What goes to the transport. */
  get init(): StreamInit {
    return { body: this.#pipe.readable, headers: { "Content-Type": this.#form.type }, signal: this.#abort.signal };
  }

  text(name: string, value: string): void {
    this.#add(() => this.#form.text(name, value));
  }

  jpeg(name: string, jpeg: Blob): void {
    this.#add(async () => this.#form.jpeg(name, await jpeg.arrayBuffer()));
  }

  /** Ends the form. `onSent` is told what has left of it. */
  end(onSent?: OnSent): void {
    this.#onSent = onSent;
    this.#add(() => this.#form.end());
    this.#adding = this.#adding.then(() => this.#writer.close()).catch(() => {});
    this.#timer = setTimeout(() => this.abort(), PATIENCE_MS);
  }

  /** The answer has come, or never will. */
  answered(): void {
    clearTimeout(this.#timer);
  }

  /** Takes it back. A form without its end is none. */
  abort(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    void this.#writer.abort().catch(() => {});
  }

  #add(part: () => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>): void {
    // After the request has ended, writing fails: what came of that is the answer's to say.
    this.#adding = this.#adding.then(async () => this.#write(await part())).catch(() => {});
  }

  /** Does not wait until it has left, so that a slow line keeps nobody from adding more. */
  #write(part: Uint8Array<ArrayBuffer>): void {
    this.#bytes.added += part.length;
    void this.#writer
      .write(part)
      .then(() => {
        this.#bytes.gone += part.length;
        this.#onSent?.(this.#bytes.gone / this.#bytes.added);
      })
      .catch(() => {});
  }
}
