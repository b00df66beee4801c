// Converts a face to the emotion model's input: 48×48 gray, upright. A line-by-line port of FacePreprocessor, ResampleWeights,
// UprightCrop and Luma in Shared/Imaging: integers where those have integers, fround where they have single precision.
// An image is an ImageData: RGBA, row by row. A box is { x, y, width, height } in its pixels.

export const SIZE = 48;

const f = Math.fround;
const BITS = 22;
const HALF = 1 << (BITS - 1);
const MIN_TILT = 5 * Math.PI / 180;
const MAX_TURNED_SIDE = 4096;
const MIN_DEVIATION = 2;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** ITU-R BT.601 in 15-bit fixed point; at is the pixel's first byte. */
const luma = (data, at) => (9798 * data[at] + 19235 * data[at + 1] + 3735 * data[at + 2] + 16384) >> 15;

/** The roll of the head in radians; 0 if the eyes are level. */
export const tilt = points => Math.atan2(points.leftEye.y - points.rightEye.y, points.leftEye.x - points.rightEye.x);

/** The gray values of a face, float32 [48, 48], integers in [0, 255]. */
export function cropFace(image, box, landmarks) {
  const angle = landmarks ? tilt(landmarks) : 0;
  const canTurn = box.width <= MAX_TURNED_SIDE && box.height <= MAX_TURNED_SIDE;
  if (!(Math.abs(angle) >= MIN_TILT) || !canTurn) {
    const { data, width } = image;
    return resample((x, y) => luma(data, 4 * (y * width + x)), image, box);
  }

  const upright = rotate(image, box, angle);
  return resample((x, y) => upright[y * box.width + x], box, { x: 0, y: 0, width: box.width, height: box.height });
}

/** Whether a face is uniformly gray, except for noise. */
export function isBlank(face) {
  let sum = 0;
  let squares = 0;
  for (const gray of face) {
    sum += gray;
    squares += gray * gray;
  }

  const mean = sum / face.length;
  return squares / face.length - mean * mean < MIN_DEVIATION * MIN_DEVIATION;
}

function resample(grayAt, frame, box) {
  const columns = computeWeights(box.x, box.width, frame.width);
  const rows = computeWeights(box.y, box.height, frame.height);
  const narrow = new Int32Array(rows.count * SIZE);
  const row = new Int32Array(columns.count);
  for (let y = 0; y < rows.count; y++) {
    for (let x = 0; x < row.length; x++) {
      row[x] = grayAt(columns.first + x, rows.first + y);
    }

    for (let i = 0; i < SIZE; i++) {
      let sum = HALF;
      for (let tap = 0; tap < columns.taps; tap++) {
        sum += row[columns.starts[i] + tap] * columns.weights[i * columns.taps + tap];
      }

      narrow[y * SIZE + i] = Math.min(sum >> BITS, 255);
    }
  }

  const face = new Float32Array(SIZE * SIZE);
  for (let i = 0; i < face.length; i++) {
    const y = Math.floor(i / SIZE);
    let sum = HALF;
    for (let tap = 0; tap < rows.taps; tap++) {
      sum += narrow[(rows.starts[y] + tap) * SIZE + i % SIZE] * rows.weights[y * rows.taps + tap];
    }

    face[i] = Math.min(sum >> BITS, 255);
  }

  return face;
}

// One axis of a triangle filter: the source pixels of each output pixel, and their weights. Pixels outside the frame repeat its edge.
function computeWeights(offset, length, frameLength) {
  const first = clamp(offset, 0, frameLength - 1);
  const count = clamp(offset + length - 1, 0, frameLength - 1) - first + 1;
  const scale = length / SIZE;
  const support = Math.max(scale, 1);
  const taps = Math.min(2 * Math.ceil(support) + 1, count);
  const starts = new Int32Array(SIZE);
  const weights = new Int32Array(SIZE * taps);
  const triangle = x => Math.max(1 - Math.abs(x), 0);
  for (let i = 0; i < SIZE; i++) {
    const center = (i + 0.5) * scale;
    const from = Math.max(Math.trunc(center - support + 0.5), 0);
    const to = Math.min(Math.trunc(center + support + 0.5), length);
    starts[i] = clamp(offset + from - first, 0, count - taps);
    let total = 0;
    for (let x = from; x < to; x++) {
      total += triangle((x + 0.5 - center) / support);
    }

    for (let x = from; x < to; x++) {
      const at = clamp(offset - first - starts[i] + x, 0, taps - 1);
      weights[i * taps + at] += Math.trunc(0.5 + triangle((x + 0.5 - center) / support) / total * (1 << BITS));
    }
  }

  return { first, count, taps, starts, weights };
}

// Rotates the box about its center, at the image's resolution. Returns gray values, [height, width].
function rotate(image, box, angle) {
  const cos = f(Math.cos(angle));
  const sin = f(Math.sin(angle));
  const middleX = f(box.x + (box.width - 1) / 2);
  const middleY = f(box.y + (box.height - 1) / 2);
  const crop = new Uint8Array(box.width * box.height);
  for (let row = 0; row < box.height; row++) {
    const v = row - (box.height - 1) / 2;
    for (let column = 0; column < box.width; column++) {
      const u = column - (box.width - 1) / 2;
      const x = f(f(middleX + f(cos * u)) - f(sin * v));
      const y = f(f(middleY + f(sin * u)) + f(cos * v));
      crop[row * box.width + column] = sample(image, x, y);
    }
  }

  return crop;
}

function sample({ data, width, height }, x, y) {
  x = clamp(x, 0, width - 1);
  y = clamp(y, 0, height - 1);
  const left = Math.trunc(x);
  const top = Math.trunc(y);
  const right = Math.min(left + 1, width - 1);
  const bottom = Math.min(top + 1, height - 1);
  const at = (column, row) => luma(data, 4 * (row * width + column));
  const across = f(x - left);
  const above = lerp(at(left, top), at(right, top), across);
  const below = lerp(at(left, bottom), at(right, bottom), across);
  return Math.trunc(f(lerp(above, below, f(y - top)) + 0.5));
}

const lerp = (from, to, part) => f(from + f(part * f(to - from)));
