// Detects shot changes (cuts) by the correlation of two thumbnails. A port of Shared/Tracking/ShotChange.

const f = Math.fround;
const MIN_SIMILARITY = 0.6;
const COLUMNS = 32;
const ROWS = 18;
const RUN = 4;

export class ShotChange {
  #previous = null;

  /** Compares the next image with the previous one; true for a shot change. */
  isCut(image) {
    const current = downscale(image);
    const isCut = this.#previous !== null && similarity(current, this.#previous) < MIN_SIMILARITY;
    this.#previous = current;
    return isCut;
  }

  clear() {
    this.#previous = null;
  }
}

// Normalized to mean 0 and length 1, or length 0 for a uniform image.
function downscale({ data, width, height }) {
  const cells = new Float32Array(COLUMNS * ROWS);
  const run = Math.min(RUN, width);
  for (let y = 0; y < ROWS; y++) {
    const row = Math.trunc((2 * y + 1) * height / (2 * ROWS)) * width;
    for (let x = 0; x < COLUMNS; x++) {
      const first = Math.min(Math.trunc((2 * x + 1) * width / (2 * COLUMNS)), width - run);
      for (let at = 4 * (row + first), end = at + 4 * run; at < end; at += 4) {
        cells[y * COLUMNS + x] += data[at] + data[at + 1] + data[at + 2];
      }
    }
  }

  const mean = cells.reduce((sum, cell) => sum + f(cell / cells.length), 0);
  const variance = cells.reduce((sum, cell) => sum + cell * cell, 0) - cells.length * mean * mean;
  const scale = variance < cells.length ? 0 : f(1 / Math.sqrt(variance));
  return cells.map(cell => f(cell - f(mean)) * scale);
}

// Two uniform images, both with length 0, are equal.
function similarity(a, b) {
  let [sum, lengths] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    sum += f(a[i] * b[i]);
    lengths += f(a[i] * a[i]) + f(b[i] * b[i]);
  }

  return lengths === 0 ? 1 : sum;
}
