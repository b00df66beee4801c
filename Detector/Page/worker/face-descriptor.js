// Distinguishes two faces in the same place by their crops. A port of Shared/Tracking/FaceDescriptor.

import { cropFace, SIZE } from './face-preprocessor.js';
import { intersection } from './yunet-decoder.js';

/** The largest offset between two boxes of the same face, in pixels of the crop. */
export const MAX_SHIFT = 4;

const WINDOW = SIZE - 2 * MAX_SHIFT;
const FINE_RADIUS = 1;
const COARSE_RADIUS = 6;
const MIN_DEVIATION = 0.5;

// Shared/Tracking/Track has the reasons.
const MIN_SIMILARITY_NEXT_FRAME = 0.7;
const MIN_SIMILARITY_FLOOR = 0.3;
const MIN_SIMILARITY_OF_PART = 0.5;
const SIMILARITY_DECAY_MS = 16;

/**
 * The similarity from which on two crops can show the same face.
 * @param isWhole whether both boxes lie within the image. @param isAfterCut whether the shot changed in between. @param elapsedMs the time in between
 */
export const minSimilarity = (isWhole, isAfterCut, elapsedMs) => Math.min(
  isWhole ? MIN_SIMILARITY_NEXT_FRAME : MIN_SIMILARITY_OF_PART, isAfterCut ? MIN_SIMILARITY_NEXT_FRAME : MIN_SIMILARITY_FLOOR + SIMILARITY_DECAY_MS / elapsedMs);

/** The gray values of a box, not rotated, [48, 48]; black if the box is outside the image. */
export const cropOf = (image, box) => intersection(box, { x: 0, y: 0, width: image.width, height: image.height }) > 0
  ? cropFace(image, box) : new Float32Array(SIZE * SIZE);

export class FaceDescriptor {
  #pixels;
  #band = null;

  /** @param crop [48, 48], gray; not copied */
  constructor(crop) {
    this.#pixels = crop;
  }

  /** The highest correlation of this crop's middle with the other crop at all offsets up to a distance; null if either is uniform. */
  similarityTo(other, maxShift) {
    return similarityOf(this.#computed, other.#computed, SIZE, MAX_SHIFT - maxShift);
  }

  get #computed() {
    return this.#band ??= bandOf(this.#pixels, SIZE);
  }
}

/** A band-pass filter: the mean of 3×3 pixels minus the mean of 13×13, clipped at the edges. */
export function bandOf(pixels, size) {
  const columns = size + 1;
  const sums = new Float64Array(columns * columns);
  for (let y = 0; y < size; y++) {
    for (let x = 0, row = 0; x < size; x++) {
      row += pixels[y * size + x];
      sums[(y + 1) * columns + x + 1] = sums[y * columns + x + 1] + row;
    }
  }

  const mean = (x, y, radius) => {
    const [left, right] = [Math.max(x - radius, 0), Math.min(x + radius + 1, size)];
    const [top, bottom] = [Math.max(y - radius, 0), Math.min(y + radius + 1, size)];
    const sum = sums[bottom * columns + right] - sums[bottom * columns + left] - sums[top * columns + right] + sums[top * columns + left];
    return sum / ((right - left) * (bottom - top));
  };
  return Float32Array.from({ length: size * size }, (_, i) => mean(i % size, Math.floor(i / size), FINE_RADIUS) - mean(i % size, Math.floor(i / size), COARSE_RADIUS));
}

/**
 * The highest correlation, over all shifts, of the middle of a 48×48 band with another band; null if either is constant.
 * @param margin the shifts left out at each edge of the other band
 */
export function similarityOf(band, other, size = SIZE, margin = 0) {
  let best = null;
  for (let y = margin; y <= size - WINDOW - margin; y++) {
    for (let x = margin; x <= size - WINDOW - margin; x++) {
      const found = windowCorrelation(band, other, y * size + x, size);
      best = found === null ? best : Math.max(found, best ?? -1);
    }
  }

  return best;
}

function windowCorrelation(band, other, at, size) {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let y = 0; y < WINDOW; y++) {
    for (let x = 0; x < WINDOW; x++) {
      const [a, b] = [band[(y + MAX_SHIFT) * SIZE + x + MAX_SHIFT], other[at + y * size + x]];
      sumA += a;
      sumB += b;
      squaresA += a * a;
      squaresB += b * b;
      products += a * b;
    }
  }

  const count = WINDOW * WINDOW;
  const varianceA = squaresA / count - (sumA / count) ** 2;
  const varianceB = squaresB / count - (sumB / count) ** 2;
  return Math.min(varianceA, varianceB) < MIN_DEVIATION ** 2 ? null
    : (products / count - sumA / count * (sumB / count)) / Math.sqrt(varianceA * varianceB);
}
