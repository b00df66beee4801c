// All that was seen of one source: its frames by time, which face is which, and their steady answers.

import { iou } from './worker/guesses.js';
import { Smoother } from './smoother.js';

const MIN_IOU = 0.3;

// As long as a smoother remembers a face.
const LOST_AFTER_MS = 2000;

// An hour of a camera at ten frames a second: what is older is forgotten.
const MAX_FRAMES = 36_000;

export class Recording {
  /** By time: { timeMs, faces }, each face with trackId, box, probabilities, emotion and isUncertain. */
  frames = [];
  #uncertainBelow;
  #smoothers = new Map();
  #withoutLooks = 0;
  #lastId = 0;

  /** @param durationMs null for a camera, which has no end; 0 for a still picture */
  constructor({ name, durationMs }, uncertainBelow) {
    [this.name, this.durationMs, this.#uncertainBelow] = [name, durationMs, uncertainBelow];
  }

  get isLive() {
    return this.durationMs === null;
  }

  get faceCount() {
    return this.frames.reduce((sum, { faces }) => sum + faces.length, 0);
  }

  /**
   * Takes what was found in a frame; a frame that was seen before is replaced.
   * @param picture by which faces are known again (looks.js); null to know them by their places alone
   */
  add(timeMs, found, picture = null) {
    const ids = this.#follow(timeMs, found, picture);
    const faces = found.map((face, i) => ({ ...face, trackId: ids[i], ...this.#smooth(ids[i], face.probabilities, timeMs) }));
    const looks = picture && { thumbnail: picture.thumbnail, byId: new Map(faces.map(({ trackId, box }) => [trackId, picture.look(box)])) };
    const frame = { timeMs, faces, looks };
    const at = this.indexAt(timeMs);
    this.frames.splice(at, this.frames[at]?.timeMs === timeMs ? 1 : 0, frame);
    if (this.frames.length > MAX_FRAMES) {
      this.frames.shift();
      this.#withoutLooks = Math.max(0, this.#withoutLooks - 1);
    }

    this.#dropLooks(timeMs);

    return frame;
  }

  /** The index of the first frame that is not before a time. */
  indexAt(timeMs) {
    let [low, high] = [0, this.frames.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      [low, high] = this.frames[middle].timeMs < timeMs ? [middle + 1, high] : [low, middle];
    }

    return low;
  }

  #smooth(id, probabilities, timeMs) {
    if (!this.#smoothers.has(id)) {
      this.#smoothers.set(id, new Smoother(this.#uncertainBelow));
    }

    return this.#smoothers.get(id).update(probabilities, timeMs);
  }

  // Of a camera, what lies further back than faces are remembered is never compared again.
  #dropLooks(timeMs) {
    const end = this.isLive ? this.indexAt(timeMs - LOST_AFTER_MS) : 0;
    for (; this.#withoutLooks < end; this.#withoutLooks++) {
      this.frames[this.#withoutLooks].looks = null;
    }
  }

  // A face is the one that was, or on a recording will be, in its place a moment away, and looks like it. Greedily, the largest overlap first.
  #follow(timeMs, found, picture) {
    const known = this.#boxesAround(timeMs);
    const pairs = [...known].flatMap(([id, seen]) => found.map((face, i) => ({ id, i, seen, overlap: iou(seen.box, face.box) })))
      .filter(({ i, seen, overlap }) => overlap >= MIN_IOU && (!picture || !seen.look || picture.mayShow(found[i].box, seen, seen.distance / 1000)))
      .sort((a, b) => b.overlap - a.overlap);
    const ids = new Array(found.length);
    for (const { id, i } of pairs) {
      if (ids[i] === undefined && !ids.includes(id)) {
        ids[i] = id;
      }
    }

    return Array.from(ids, id => id ?? ++this.#lastId);
  }

  // Where each face was at the moment that is closest.
  #boxesAround(timeMs) {
    const boxes = new Map();
    for (let i = this.indexAt(timeMs - LOST_AFTER_MS); i < this.frames.length && this.frames[i].timeMs <= timeMs + LOST_AFTER_MS; i++) {
      const distance = Math.abs(this.frames[i].timeMs - timeMs);
      const looks = this.frames[i].looks;
      for (const { trackId, box } of this.frames[i].faces) {
        if (!(boxes.get(trackId)?.distance < distance)) {
          boxes.set(trackId, { box, distance, look: looks?.byId.get(trackId), thumbnail: looks?.thumbnail });
        }
      }
    }

    return boxes;
  }
}
