// Decides by appearance whether a face can be the one that was in its place a moment before, so that a cut starts a new track. A port of
// ShotChange and the thresholds of Track in Shared/Tracking, for frames in any order of time.

import { bandOf, minSimilarity, similarityOf } from './worker/face-descriptor.js';
import { SIZE } from './worker/face-preprocessor.js';

const [COLUMNS, ROWS] = [32, 18];
const MIN_SHOT_SIMILARITY = 0.6;
const MAX_CUT_SECONDS = 0.15;

// The descriptor's size for a box 1.5 times as large, in which the face is searched when the detector's boxes jump.
const WIDE_SIZE = 72;

let canvas = null;

/** Computes descriptors of a frame, until its bitmap is closed. */
export class Image {
  #bitmap;
  #thumbnail = null;

  constructor(bitmap) {
    this.#bitmap = bitmap;
  }

  /** The normalized gray image of 32×18 pixels, by which cuts are detected. */
  get thumbnail() {
    this.#thumbnail ??= Int8Array.from(normalized(this.#gray({ x: 0, y: 0, width: this.#bitmap.width, height: this.#bitmap.height }, COLUMNS, ROWS)));
    return this.#thumbnail;
  }

  /** The appearance of a box, as size × size bytes. */
  descriptor(box, size = SIZE) {
    return Int8Array.from(bandOf(this.#gray(box, size, size), size), value => Math.max(-128, Math.min(127, Math.round(value))));
  }

  /** Whether a box can show the face of which { box, descriptor, thumbnail } were kept, this many seconds before or after. */
  mayBeSameFace(box, seen, seconds) {
    const isCut = seconds <= MAX_CUT_SECONDS && correlation(this.thumbnail, seen.thumbnail) < MIN_SHOT_SIMILARITY;
    const isWhole = [box, seen.box].every(({ x, y, width, height }) =>
      x > 0 && y > 0 && x + width < this.#bitmap.width && y + height < this.#bitmap.height);
    const least = minSimilarity(isWhole, isCut, 1000 * seconds);
    const similarity = similarityOf(seen.descriptor, this.descriptor(box));
    if (similarity === null || similarity >= least) {
      return true;
    }

    const { width, height } = seen.box;
    const [x, y] = [box.x + box.width / 2 - 0.75 * width, box.y + box.height / 2 - 0.75 * height];
    return similarityOf(seen.descriptor, this.descriptor({ x, y, width: 1.5 * width, height: 1.5 * height }, WIDE_SIZE), WIDE_SIZE) >= least;
  }

  #gray({ x, y, width, height }, columns, rows) {
    canvas ??= new OffscreenCanvas(WIDE_SIZE, WIDE_SIZE).getContext('2d', { willReadFrequently: true });
    canvas.imageSmoothingQuality = 'high';
    canvas.clearRect(0, 0, columns, rows);
    canvas.drawImage(this.#bitmap, x, y, width, height, 0, 0, columns, rows);
    const { data } = canvas.getImageData(0, 0, columns, rows);
    return Float32Array.from({ length: columns * rows }, (_, i) => 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
  }
}

// Normalizes to mean 0 and standard deviation 32, to fit into bytes; a constant image becomes 0.
function normalized(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map(value => deviation < 0.5 ? 0 : Math.max(-127, Math.min(127, Math.round(32 * (value - mean) / deviation))));
}

// Two constant images have correlation 1.
function correlation(a, b) {
  let [products, squaresA, squaresB] = [0, 0, 0];
  a.forEach((value, i) => {
    products += value * b[i];
    squaresA += value * value;
    squaresB += b[i] * b[i];
  });
  return squaresA + squaresB === 0 ? 1 : products / Math.sqrt(squaresA * squaresB || 1);
}
