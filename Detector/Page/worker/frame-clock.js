// The times of a video's frames, and time limits that grow with the usual interval. A port of Shared/Tracking/FrameClock, in milliseconds.

const MAX_GAP_MS = 2000;
const INTERVALS = 5;
const MAX_USUAL_INTERVALS = 3;

export class FrameClock {
  /** The time of the frame before the newest. */
  previous = 0;

  /** The time of the newest frame. */
  now = null;
  #last = [];

  /** Advances to the next frame's time; returns whether it continues the previous one: false after a gap or if time goes backwards. */
  advance(timeMs) {
    const isFirst = this.now === null;
    this.previous = this.now ?? timeMs;
    this.now = timeMs;
    const interval = timeMs - this.previous;
    const continues = interval >= 0 && interval <= this.longer(MAX_GAP_MS);
    if (!isFirst && interval >= 0) {
      this.#last = [...this.#last, interval].slice(-INTERVALS);
    }

    return continues;
  }

  /** The usual (median) interval; 0 before the second frame. */
  get usual() {
    return [...this.#last].sort((a, b) => a - b)[this.#last.length >> 1] ?? 0;
  }

  /** The longer of a limit and three usual intervals. */
  longer(limit) {
    return Math.max(limit, MAX_USUAL_INTERVALS * this.usual);
  }

  clear() {
    [this.now, this.#last] = [null, []];
  }
}
