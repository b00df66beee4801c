// Scores the frames of a source one at a time, always the newest, and passes on the results.

import { Image } from './face-descriptor.js';
import { Recording } from './recording.js';

const RATE_OVER_MS = 2000;

export class Player {
  source = null;
  recording = null;
  #scorer = null;
  #scorerIsThere;
  #waitForScorer;
  #uncertainBelow;
  #onFrame;
  #onProblem;
  #shownAt = [];

  /** @param onFrame receives { bitmap, timeMs, faces, latencyMs, rate } */
  constructor(uncertainBelow, onFrame, onProblem) {
    [this.#uncertainBelow, this.#onFrame, this.#onProblem] = [uncertainBelow, onFrame, onProblem];
    this.#expectScorer();
  }

  /** Replaces the scorer; while it is null, frames wait. */
  set scorer(scorer) {
    this.#scorer?.close();
    this.#scorer = scorer;
    if (scorer) {
      this.#scorerIsThere();
      this.#scoreAgain();
    } else {
      this.#expectScorer();
    }
  }

  /** Plays a source until it is closed or replaced. */
  async play(source) {
    this.close();
    [this.source, this.#shownAt] = [source, []];
    this.recording = new Recording(source, this.#uncertainBelow);
    await this.#waitForScorer;
    await source.play?.().catch(() => source.onToggle?.()); // a browser may forbid autoplay
    while (this.source === source && await this.#step(source)) {
    }
  }

  close() {
    this.source?.close();
    this.source = null;
  }

  // Returns false at the end of the source.
  async #step(source) {
    try {
      const frame = await source.next();
      if (frame) {
        await this.#waitForScorer;
        this.#take(source, frame, await this.#scorer.score(frame));
      }

      return frame !== null;
    } catch (error) {
      if (this.source === source && error.message !== 'stopped') {
        this.#onProblem(error.message);
      }

      return true;
    }
  }

  #take(source, { timeMs, grabbedAt }, { bitmap, faces }) {
    if (this.source !== source) {
      bitmap.close();
      return;
    }

    const now = performance.now();
    this.#shownAt = [...this.#shownAt.filter(at => now - at < RATE_OVER_MS), now];
    const span = now - this.#shownAt[0];
    const frame = this.recording.add(timeMs, faces, new Image(bitmap));
    this.#onFrame({ ...frame, bitmap, latencyMs: now - grabbedAt, rate: span > 0 ? 1000 * (this.#shownAt.length - 1) / span : 0 });
  }

  // A new scorer gets the next frame of a video; a still image has no next frame, so it is scored again.
  async #scoreAgain() {
    if (this.source?.isGiven) {
      this.play(await this.source.again());
    }
  }

  #expectScorer() {
    this.#waitForScorer = new Promise(resolve => { this.#scorerIsThere = resolve; });
  }
}
