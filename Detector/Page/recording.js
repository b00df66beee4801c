// The results of one source: its frames by time, with the track and the smoothed prediction of each face.

import { doubtOf } from './worker/findings.js';
import { iou } from './worker/yunet-decoder.js';
import { Smoother } from './smoother.js';

const MIN_IOU = 0.3;

// The smoother forgets a face after the same time.
const LOST_AFTER_MS = 2000;

// An hour of a camera at ten frames per second; older frames are dropped.
const MAX_FRAMES = 36_000;

/** The index of the first of some items, in order, of which a condition does not hold; their number if it holds for all. */
export function firstIndex(length, isBefore) {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    [low, high] = isBefore(middle) ? [middle + 1, high] : [low, middle];
  }

  return low;
}

/** The results of a source. A class of them has frames, frameMs and timeOf(index). */
export class Results {
  /** The index of the first frame at or after a time. */
  indexAt(timeMs) {
    return firstIndex(this.frames.length, i => this.timeOf(i) < timeMs);
  }

  /** The frame closest to a moment, if it is close enough to be shown there; otherwise one without faces. */
  at(timeMs) {
    const after = this.indexAt(timeMs);
    const distance = i => Math.abs(this.timeOf(i) - timeMs);
    const [best] = [after - 1, after].filter(i => distance(i) <= this.frameMs / 2 + 1).sort((a, b) => distance(a) - distance(b));
    return best === undefined ? { timeMs, faces: [] } : this.frames.at(best);
  }
}

export class Recording extends Results {
  /** By time: { timeMs, faces }, each face with trackId, box, probabilities, emotion, isUncertain, reason, pose and quality. */
  frames = [];

  /** Whether every frame of the source was scored, so that nothing is left to score. */
  isWhole = false;

  /** Words about the frames scored; null while frames are scored as they play. */
  coverage = null;

  /** The time between two frames of the source, as far as known. */
  frameMs = 40;

  /** Returns the probabilities of a face as they are smoothed and shown; receives this recording, the time, the trackId, the probabilities and the number of faces. */
  correct = (recording, timeMs, trackId, probabilities) => probabilities;
  #uncertainBelow;
  #limits;
  #smoothers = new Map();
  #withoutDescriptors = 0;
  #lastId = 0;
  #idOfTrack = new Map(); // of the tracks that the scorer follows from frame to frame

  /**
   * @param durationMs null for a camera, which has no end; 0 for a still image
   * @param limits beyond which a face is small, dark and so on, as the server names them
   */
  constructor({ name, durationMs }, uncertainBelow, limits = {}) {
    super();
    [this.name, this.durationMs, this.#uncertainBelow, this.#limits] = [name, durationMs, uncertainBelow, limits];
  }

  get isLive() {
    return this.durationMs === null;
  }

  get faceCount() {
    return this.frames.reduce((sum, { faces }) => sum + faces.length, 0);
  }

  /**
   * Adds the faces of a frame; a frame with the same time is replaced.
   * @param found the faces; one with a trackId is the face that had it in the frame before
   * @param image matches other faces by appearance (appearance.js); null to match them by position alone
   * @param continues whether the frame continues the one added before; if not, each trackId is new
   */
  add(timeMs, found, image = null, continues = false) {
    if (!continues) {
      this.#idOfTrack.clear();
    }

    const ids = this.#follow(timeMs, found, image);
    found.forEach(({ trackId }, i) => trackId && this.#idOfTrack.set(trackId, ids[i]));
    const faces = found.map((face, i) => this.#explain({ ...face, trackId: ids[i], ...this.#smooth(ids[i], this.correct(this, timeMs, ids[i], face.probabilities, found.length), timeMs) }));
    const descriptors = image && { thumbnail: image.thumbnail, byId: new Map(faces.map(({ trackId, box }) => [trackId, image.descriptor(box)])) };
    const frame = { timeMs, faces, descriptors };
    const at = this.indexAt(timeMs);
    this.frames.splice(at, this.frames[at]?.timeMs === timeMs ? 1 : 0, frame);
    if (this.frames.length > MAX_FRAMES) {
      this.frames.shift();
      this.#withoutDescriptors = Math.max(0, this.#withoutDescriptors - 1);
    }

    this.#dropDescriptors(timeMs);

    return frame;
  }

  timeOf(index) {
    return this.frames[index]?.timeMs;
  }

  #smooth(id, probabilities, timeMs) {
    const smoother = this.#smoothers.get(id) ?? new Smoother(this.#uncertainBelow);
    this.#smoothers.set(id, smoother);
    return smoother.update(probabilities, timeMs);
  }

  #explain(face) {
    const doubt = doubtOf(face, this.#limits);
    const isUncertain = face.isUncertain || !!(this.#limits.rejectPoor && doubt);
    return { ...face, isUncertain, reason: isUncertain ? doubt ?? 'noClearExpression' : null };
  }

  // Frames of a camera older than LOST_AFTER_MS are never compared again.
  #dropDescriptors(timeMs) {
    const end = this.isLive ? this.indexAt(timeMs - LOST_AFTER_MS) : 0;
    for (; this.#withoutDescriptors < end; this.#withoutDescriptors++) {
      this.frames[this.#withoutDescriptors].descriptors = null;
    }
  }

  // Matches faces by overlap and appearance with those shortly before or, on a recording, after this frame. Greedy, largest overlap first.
  #follow(timeMs, found, image) {
    const ids = found.map(({ trackId }) => this.#idOfTrack.get(trackId));
    const known = this.#boxesAround(timeMs);
    const pairs = [...known].flatMap(([id, seen]) => found.map((face, i) => ({ id, i, seen, overlap: iou(seen.box, face.box) })))
      .filter(({ id, i, seen, overlap }) => overlap >= MIN_IOU && ids[i] === undefined && !ids.includes(id)
        && (!image || !seen.descriptor || image.mayBeSameFace(found[i].box, seen, seen.distance / 1000)))
      .sort((a, b) => b.overlap - a.overlap);
    for (const { id, i } of pairs) {
      if (ids[i] === undefined && !ids.includes(id)) {
        ids[i] = id;
      }
    }

    return Array.from(ids, id => id ?? ++this.#lastId);
  }

  // The box of each track in the frame closest in time.
  #boxesAround(timeMs) {
    const boxes = new Map();
    for (let i = this.indexAt(timeMs - LOST_AFTER_MS); i < this.frames.length && this.frames[i].timeMs <= timeMs + LOST_AFTER_MS; i++) {
      const distance = Math.abs(this.frames[i].timeMs - timeMs);
      const descriptors = this.frames[i].descriptors;
      for (const { trackId, box } of this.frames[i].faces) {
        if (!(boxes.get(trackId)?.distance < distance)) {
          boxes.set(trackId, { box, distance, descriptor: descriptors?.byId.get(trackId), thumbnail: descriptors?.thumbnail });
        }
      }
    }

    return boxes;
  }
}
