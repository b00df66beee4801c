// Tracks faces through a video; the detector need not run on every frame. A port of Shared/Tracking/FaceTracker.

import { FrameClock } from './frame-clock.js';
import { ShotChange } from './shot-change.js';
import { Track } from './track.js';
import { HIGH_SCORE_THRESHOLD, intersection, iou } from './yunet-decoder.js';

const FORGET_AFTER_MS = 400;
const MIN_IOU = 0.3;
const MAX_CUT_INTERVAL_MS = 150;

export class FaceTracker {
  #tracks = [];
  #clock = new FrameClock();
  #shots = new ShotChange();
  #frame = null;
  #lastId = 0;

  /** Whether there are tracks and all of them are reliable, so that the next detection can wait. */
  get isStable() {
    return this.#tracks.some(({ lostFrames }) => lostFrames === 0)
      && !this.#tracks.some(({ lostFrames, missedDetections }) => lostFrames === 1 || (lostFrames === 0 && missedDetections > 0));
  }

  /** The usual number of frames per second, rounded; infinite before the second frame. */
  get framesPerSecond() {
    return Math.round(1000 / this.#clock.usual);
  }

  /** The faces that were detected or followed in the current frame, from left to right: trackId, box and landmarks. */
  get faces() {
    return this.#tracks.filter(({ lostFrames, box }) => lostFrames === 0 && intersection(box, this.#frame) > 0).map(({ face }) => face)
      .sort((a, b) => a.box.x - b.box.x || a.box.y - b.box.y || a.trackId - b.trackId);
  }

  /** Advances all tracks to the next frame: predicts each face's box and corrects it by template tracking. */
  follow(image, timeMs) {
    this.#frame = { x: 0, y: 0, width: image.width, height: image.height };
    const continues = this.#clock.advance(timeMs);
    const isCut = this.#shots.isCut(image) && timeMs - this.#clock.previous <= MAX_CUT_INTERVAL_MS;
    const forgetAfter = this.#clock.longer(FORGET_AFTER_MS);
    this.#tracks = this.#tracks.filter(({ lastSeen }) => continues && this.#clock.previous - lastSeen <= forgetAfter);
    this.#tracks.forEach(track => track.follow(image, timeMs, isCut));
  }

  /**
   * Updates the tracks by the detections in the image of the last follow().
   * @param detections box, score and landmarks, in any order
   * @returns whether the detections match the existing tracks exactly
   */
  update(image, detections) {
    this.#refuseUnlike(image, detections);
    const taken = detections.map(() => false);
    const known = [...this.#tracks];
    let open = this.#associate(image, detections, taken, known.length, HIGH_SCORE_THRESHOLD);
    open = this.#associate(image, detections, taken, open, 0);
    let isAsKnown = true;
    for (const track of this.#tracks.slice(0, open)) {
      track.missedDetections++;
      isAsKnown &&= track.isReplaced; // a known face is in its place
    }

    detections.forEach((detection, i) => {
      if (!taken[i] && detection.score >= HIGH_SCORE_THRESHOLD) {
        known.forEach(track => { track.isReplaced ||= track.refused[i]; });
        this.#tracks.push(new Track(++this.#lastId, image, detection, this.#clock.now));
      }
    });
    return isAsKnown && this.#tracks.length === known.length;
  }

  /** Ends all tracks, before a frame that does not continue the previous one. */
  clear() {
    this.#tracks = [];
    this.#clock.clear();
    this.#shots.clear();
  }

  // Rules out pairs of a lost track and a detection in the same place that look different. A followed track keeps its place in any case.
  #refuseUnlike(image, detections) {
    for (const track of this.#tracks) {
      track.refused = detections.map(({ box }) => track.lostFrames > 0 && iou(track.box, box) >= MIN_IOU && !track.mayMatch(image, box));
    }
  }

  // Greedy, largest overlap first. The first tracks are open, and those that get a detection move behind them; returns the number of open ones.
  #associate(image, detections, taken, open, minScore) {
    const tracks = this.#tracks;
    for (let pair; (pair = this.#findPair(detections, taken, open, minScore)); ) {
      tracks[pair.t].detect(image, detections[pair.i], this.#clock.now);
      taken[pair.i] = true;
      open--;
      [tracks[pair.t], tracks[open]] = [tracks[open], tracks[pair.t]];
    }

    return open;
  }

  #findPair(detections, taken, open, minScore) {
    let best = null;
    let largest = MIN_IOU;
    detections.forEach(({ box, score }, i) => {
      for (let t = 0; t < open && !taken[i] && score >= minScore; t++) {
        const overlap = iou(this.#tracks[t].box, box);
        if (overlap >= largest && !this.#tracks[t].refused[i]) {
          [largest, best] = [overlap, { t, i }];
        }
      }
    });
    return best;
  }
}
