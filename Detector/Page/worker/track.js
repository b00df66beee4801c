// One tracked face: its motion model, its template and the descriptors that recognize it after it was lost. A port of Shared/Tracking/Track,
// whose comments have the reasons for the thresholds.

import { BoxMotion } from './box-motion.js';
import { cropOf, FaceDescriptor, MAX_SHIFT, minSimilarity } from './face-descriptor.js';
import { SIZE } from './face-preprocessor.js';
import { TemplateTracker } from './template-tracker.js';
import { POINTS, round, within } from './yunet-decoder.js';

const f = Math.fround;
const MIN_TEMPLATE_SIMILARITY = 0.8;
const MAX_TEMPLATE_SHIFT = 0.2;
const MAX_ITERATIONS = 3;
const MAX_MISSED_DETECTIONS = 3;
const FOLLOWED_SHIFT = 1;

export class Track {
  /** The time of the last frame in which the face was detected or followed. */
  lastSeen;

  /** Whether another face was detected in its place since then; only a detection can then continue the track. */
  isReplaced = false;

  /** Used by FaceTracker: for each detection, whether it cannot be this face. */
  refused = [];

  /** The number of consecutive detector runs that did not find the face. */
  missedDetections = 0;

  /** The number of consecutive frames in which the face was neither detected nor followed. */
  lostFrames;

  #template = new TemplateTracker();
  #descriptor = null;
  #seenDescriptor;
  #detectedDescriptor;
  #motion;
  #detection;
  #isAfterCut;
  #now;

  constructor(id, image, detection, timeMs) {
    [this.id, this.#motion, this.#detection] = [id, new BoxMotion(detection.box), detection];
    this.#template.setTemplate(image, detection.box);
    this.#seenDescriptor = this.#detectedDescriptor = new FaceDescriptor(this.#template.pixels);
    this.#markSeen(timeMs);
  }

  get box() {
    return this.#motion.box;
  }

  get face() {
    const { box, landmarks } = this.#detection;
    return { trackId: this.id, box: this.box, landmarks: moved(landmarks, box, this.box) };
  }

  /** Advances to the next frame by template tracking. */
  follow(image, timeMs, isCut) {
    this.#now = timeMs;
    this.#isAfterCut ||= isCut;
    this.#motion.predict();
    const predicted = this.box;
    const { similarity, x, y } = this.#find(image, predicted);
    const descriptor = this.#descriptor = new FaceDescriptor(this.#template.pixels);
    const isFollowed = !this.isReplaced && this.missedDetections < MAX_MISSED_DETECTIONS && similarity >= MIN_TEMPLATE_SIMILARITY
      && isWithin(x, y, predicted) && isAtLeast(descriptor.similarityTo(this.#seenDescriptor, FOLLOWED_SHIFT), this.#minSimilarity(true));
    this.lostFrames++;
    if (isFollowed) {
      this.#seenDescriptor = descriptor;
      this.#markSeen(timeMs);
      this.#motion.follow(predicted.x + predicted.width / 2 + x, predicted.y + predicted.height / 2 + y);
    }
  }

  detect(image, detection, timeMs) {
    this.#motion.correct(detection.box);
    this.#detection = detection;
    this.#template.setTemplate(image, this.box);
    this.#seenDescriptor = new FaceDescriptor(this.#template.pixels);
    this.#detectedDescriptor = new FaceDescriptor(cropOf(image, detection.box));
    [this.missedDetections, this.isReplaced] = [0, false];
    this.#markSeen(timeMs);
  }

  /** Whether a face detected where this one was lost, in the image of the last follow(), looks similar enough to be the same. */
  mayMatch(image, detected) {
    const own = this.box;
    const isWhole = isMostlyIn(image, own) && isMostlyIn(image, detected);
    const least = this.#minSimilarity(isWhole);
    const found = new FaceDescriptor(cropOf(image, detected));
    let best = this.#descriptor.similarityTo(this.#seenDescriptor, MAX_SHIFT);
    best = larger(best, found.similarityTo(this.#detectedDescriptor, MAX_SHIFT));
    best = larger(best, found.similarityTo(this.#seenDescriptor, MAX_SHIFT));

    // Detectors' boxes jitter, so further offsets are tried, with the track's own box size.
    const [middleX, middleY] = [detected.x + Math.trunc((detected.width - own.width) / 2), detected.y + Math.trunc((detected.height - own.height) / 2)];
    for (let i = 0; i < 9 && !(best !== null && best >= least); i++) {
      const x = middleX + Math.trunc((i % 3 - 1) * own.width * 2 * MAX_SHIFT / SIZE);
      const y = middleY + Math.trunc((Math.trunc(i / 3) - 1) * own.height * 2 * MAX_SHIFT / SIZE);
      best = larger(best, new FaceDescriptor(cropOf(image, { ...own, x, y })).similarityTo(this.#seenDescriptor, MAX_SHIFT));
    }

    return isAtLeast(best, least);
  }

  #find(image, predicted) {
    let box = predicted;
    let [similarity, x, y] = [0, 0, 0];
    for (let i = 0; i < MAX_ITERATIONS; i++) {
      const step = this.#template.find(image, box);
      [similarity, x, y] = [step.similarity, f(box.x - predicted.x + step.x), f(box.y - predicted.y + step.y)];
      const next = { ...predicted, x: predicted.x + round(x), y: predicted.y + round(y) };
      if (!isWithin(x, y, predicted) || isClose(next, box)) {
        break;
      }

      box = next;
    }

    return { similarity, x, y };
  }

  // A face changes more the longer it was lost. After a cut, the full similarity is required.
  #minSimilarity(isWhole) {
    return minSimilarity(isWhole, this.#isAfterCut, this.#now - this.lastSeen);
  }

  #markSeen(timeMs) {
    [this.lostFrames, this.lastSeen, this.#isAfterCut] = [0, timeMs, false];
  }
}

// Uniform crops have no similarity, and rule nothing out.
const isAtLeast = (similarity, least) => similarity === null || similarity >= least;
const larger = (a, b) => b === null || (a !== null && a > b) ? a : b;

const isWithin = (x, y, { width, height }) => Math.abs(x) <= MAX_TEMPLATE_SHIFT * width && Math.abs(y) <= MAX_TEMPLATE_SHIFT * height;
const isClose = (a, b) => Math.abs(a.x - b.x) <= Math.trunc(a.width / SIZE) && Math.abs(a.y - b.y) <= Math.trunc(a.height / SIZE);

function isMostlyIn(image, box) {
  const inside = within(box, image);
  return 8 * inside.width * inside.height >= 7 * box.width * box.height;
}

function moved(landmarks, from, to) {
  const [scaleX, scaleY] = [f(to.width / from.width), f(to.height / from.height)];
  const [shiftX, shiftY] = [f(to.x - f(from.x * scaleX)), f(to.y - f(from.y * scaleY))];
  return Object.fromEntries(POINTS.map(name =>
    [name, { x: f(f(landmarks[name].x * scaleX) + shiftX), y: f(f(landmarks[name].y * scaleY) + shiftY) }]));
}
