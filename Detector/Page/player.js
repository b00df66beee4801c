// Scores the frames of a source one at a time, always the newest, and passes on the results.

import { Image } from './appearance.js';
import { Recording } from './recording.js';

const RATE_OVER_MS = 2000;
const MAX_FAILURES = 3;

export class Player {
  source = null;
  recording = null;

  /** The limits of new recordings. */
  limits = {};

  /** The correction of new recordings' probabilities (recording.js); null for none. */
  correct = null;

  /** Whether faces are searched in every frame, as blurring needs. */
  everyFrame = false;
  #scorer = null;
  #scoredBy = null; // the scorer of the previous frame, unless it failed
  #scorerIsThere;
  #waitForScorer;
  #uncertainBelow;
  #listener;
  #shownAt = [];
  #stop = null;
  #failures = 0; // in a row

  /** @param listener has onFrame({ bitmap, timeMs, faces, latencyMs, rate }) with null for figures of frames that were scored before, onToggle(), onFail(error), onOffline(words) and onWait(); all about the current source only */
  constructor(uncertainBelow, listener) {
    [this.#uncertainBelow, this.#listener] = [uncertainBelow, listener];
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
      if (this.source && !this.recording.isWhole) {
        this.#listener.onWait();
      }
    }
  }

  /**
   * Plays a source until it is closed or replaced.
   * @param recording the results of a source of which every frame was scored before; null to score frames
   */
  async play(source, recording = null) {
    this.close();
    const stop = new AbortController();
    [this.source, this.#shownAt, this.#stop, this.#failures] = [source, [], stop, 0];
    this.recording = recording ?? new Recording(source, this.#uncertainBelow, this.limits);
    this.recording.correct = this.correct ?? this.recording.correct;
    source.onToggle = () => this.source === source && this.#listener.onToggle();
    source.onFail = error => this.source === source && this.#listener.onFail(error);
    if (!recording) {
      await this.#waitForScorer;
    }

    if (this.source === source) {
      await (recording?.startsPaused ? source.seek(0) : source.play?.().catch(() => source.onToggle())); // a browser may forbid autoplay
    }

    while (this.source === source && await this.#step(source, stop.signal)) {
    }
  }

  close() {
    this.#stop?.abort();
    this.source?.close();
    this.source = null;
  }

  // Returns false at the end of the source.
  async #step(source, signal) {
    const { recording } = this;
    try {
      const frame = await source.next();
      const { bitmap, faces } = frame && !recording.isWhole ? await this.#score(source, frame, signal) : frame ?? {};
      if (this.source !== source) {
        bitmap?.close();
      } else if (frame) {
        this.#show(frame, bitmap, recording.isWhole ? recording.at(frame.timeMs) : recording.add(frame.timeMs, faces, new Image(bitmap), frame.continues));
      }

      return frame !== null;
    } catch (error) {
      if (this.source !== source || error.message === 'stopped') {
        return true;
      }

      // One frame of many may fail, for example while the camera changes its size.
      if (source.status === 'running' && ++this.#failures < MAX_FAILURES) {
        return true;
      }

      this.#listener.onFail(error);
      return false;
    }
  }

  async #score(source, frame, signal) {
    await this.#waitForScorer;
    const scorer = this.#scorer;
    frame.continues &&= scorer === this.#scoredBy;
    this.#scoredBy = null;
    const onProblem = words => this.source === source && this.#listener.onOffline(words);
    const result = await scorer.score(frame, { signal, onProblem, everyFrame: this.everyFrame });
    [this.#scoredBy, this.#failures] = [scorer, 0];
    return result;
  }

  #show({ timeMs, grabbedAt }, bitmap, { faces }) {
    const now = performance.now();
    this.#shownAt = [...this.#shownAt.filter(at => now - at < RATE_OVER_MS), now];
    const span = now - this.#shownAt[0];
    const figures = this.recording.isWhole ? { latencyMs: null, rate: null } : { latencyMs: now - grabbedAt, rate: span > 0 ? 1000 * (this.#shownAt.length - 1) / span : 0 };
    this.#listener.onFrame({ bitmap, timeMs, faces, ...figures });
  }

  // A new scorer gets the next frame of a video; a paused video and a still image have no next frame, so their frame is scored again.
  async #scoreAgain() {
    const { source } = this;
    if (source?.isGiven) {
      this.play(await source.again());
    } else {
      source?.repeat?.();
    }
  }

  #expectScorer() {
    this.#waitForScorer = new Promise(resolve => { this.#scorerIsThere = resolve; });
  }
}
