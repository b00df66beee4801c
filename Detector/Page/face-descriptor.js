// Decides by appearance whether a face can be the one that was in its place a moment before, so that a cut starts a new track. A port of
// FaceDescriptor, ShotChange and the thresholds of Track in Shared/Tracking.

const SIZE = 48;
const MAX_SHIFT = 4;
const WINDOW = SIZE - 2 * MAX_SHIFT;
const FINE_RADIUS = 1;
const COARSE_RADIUS = 6;
const MIN_DEVIATION = 0.5;

const MIN_SIMILARITY_NEXT_FRAME = 0.7;
const MIN_SIMILARITY_FLOOR = 0.3;
const MIN_SIMILARITY_OF_PART = 0.5;
const SIMILARITY_DECAY_SECONDS = 0.016;

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
    const least = Math.min(isWhole ? MIN_SIMILARITY_NEXT_FRAME : MIN_SIMILARITY_OF_PART, isCut ? MIN_SIMILARITY_NEXT_FRAME : MIN_SIMILARITY_FLOOR + SIMILARITY_DECAY_SECONDS / seconds);
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

/** The highest correlation, over all shifts, of the middle of a 48×48 band with another band; null if either is constant. */
export function similarityOf(band, other, size = SIZE) {
  let best = null;
  for (let y = 0; y <= size - WINDOW; y++) {
    for (let x = 0; x <= size - WINDOW; x++) {
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
