/** Waiting for the next frame of a video, in browsers with and without `requestVideoFrameCallback`. */

/** How often a browser without it is asked, in milliseconds: a little more than once a frame. */
const POLL_MS = 25;

/** `HTMLMediaElement.HAVE_CURRENT_DATA`: there is a frame to show. */
const HAVE_CURRENT_DATA = 2;

/** The parts of a video element that are used. */
export interface FrameSource {
  readonly readyState: number;
  readonly currentTime: number;
  requestVideoFrameCallback?(callback: () => void): number;
  cancelVideoFrameCallback?(handle: number): void;
}

/** Calls back once, when `video` shows another frame; never, when it shows none. Answers what ends the wait. */
export function onNextFrame(video: FrameSource, callback: () => void): () => void {
  if (video.requestVideoFrameCallback) {
    const handle = video.requestVideoFrameCallback(() => callback());
    return () => video.cancelVideoFrameCallback?.(handle);
  }
  const before = video.currentTime;
  const timer = setInterval(() => {
    if (video.readyState < HAVE_CURRENT_DATA || video.currentTime === before) return;
    clearInterval(timer);
    callback();
  }, POLL_MS);
  return () => clearInterval(timer);
}
