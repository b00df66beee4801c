// Finds the faces of a video: detects them in some frames and tracks them in the others. A port of Detector/Pipeline/FaceFinder.

import { FaceTracker } from './face-tracker.js';

const DETECTIONS_PER_SECOND = 2;
const MAX_INTERVAL = 15;

export class FaceFinder {
  #detector;
  #tracker = new FaceTracker();
  #schedule = new DetectionSchedule();
  #size = '';

  /** @param detector has find(image, search), which returns box, score and landmarks of each face */
  constructor(detector) {
    this.#detector = detector;
  }

  /**
   * The faces of the next frame, from left to right: trackId, box and landmarks.
   * @param every detects in each frame of that number; null for the adaptive schedule
   * @param continues whether the frame continues the previous one; if not, or if its size is another, all tracks end and the detector runs
   */
  async find(image, search, { timeMs, every, continues }) {
    const size = `${image.width}x${image.height}`;
    if (!continues || size !== this.#size) {
      this.#tracker.clear();
    }

    this.#size = size;
    this.#tracker.follow(image, timeMs);
    this.#schedule.every = every;
    this.#schedule.framesPerSecond = this.#tracker.framesPerSecond; // of the frames that are scored, not of the source
    if (this.#schedule.isDue(this.#tracker.isStable)) {
      this.#schedule.detected(this.#tracker.update(image, await this.#detector.find(image, search)));
    }

    return this.#tracker.faces;
  }
}

/** Decides in which frames to run the detector: after 1, 2, 4 … frames as long as it only confirms known tracks, at least twice a second; at once if a
 * track is lost; and in every frame while there is no track. */
export class DetectionSchedule {
  every = null;
  framesPerSecond = 30;
  #interval = 1;
  #framesSince = Infinity;

  /** Advances to the next frame; returns whether to detect in it. */
  isDue(isSure) {
    return ++this.#framesSince >= (this.every ?? this.#interval) || (this.every === null && !isSure);
  }

  /** Records a detection: whether it only confirmed known tracks. */
  detected(isAsKnown) {
    const maxInterval = Math.trunc(Math.min(Math.max(this.framesPerSecond / DETECTIONS_PER_SECOND, 1), MAX_INTERVAL));
    this.#framesSince = 0;
    this.#interval = isAsKnown ? Math.min(2 * this.#interval, maxInterval) : 1;
  }
}
