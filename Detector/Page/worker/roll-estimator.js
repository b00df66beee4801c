// Estimates a face's in-plane rotation (roll), a port of Shared/Faces/RollEstimator. YuNet detects faces at any roll, but places eyes and
// mouth as in an upright face, and it scores upright faces higher. So copies of the face, rotated in steps, are searched side by side in
// one input, and the highest score wins.

import { decode, intersection, POINTS, round, HIGH_SCORE_THRESHOLD, within } from './yunet-decoder.js';
import { tilt } from './face-preprocessor.js';
import { downscale } from './planar-scaler.js';

const f = Math.fround;
const TILE = 64;
const COLUMNS = 4;
const UPRIGHT_SCORE = 0.92;
const LEANING_SCORE = 0.8;
const MIN_TILT = Math.PI / 3;
const QUARTERS = [0, 1, 2, 3].map(i => i * Math.PI / 2);
const TWELFTHS = Array.from({ length: 12 }, (_, i) => i * Math.PI / 6);

const middleOf = box => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export class RollEstimator {
  #network;

  constructor(network) {
    this.#network = network;
  }

  /** Corrects the landmarks of a face that is rotated by more than 60 degrees; returns any other face unchanged. */
  async upright(image, face) {
    const isOutside = intersection(face.box, { x: 0, y: 0, width: image.width, height: image.height }) === 0;
    if (face.score >= f(UPRIGHT_SCORE) || face.score < f(HIGH_SCORE_THRESHOLD) || isOutside) {
      return face;
    }

    const { patch, scale } = crop(image, face.box);
    const quarter = await this.#bestRoll(QUARTERS, face, patch, scale);
    if (quarter.roll === 0 && quarter.face.score >= f(LEANING_SCORE)) {
      return face;
    }

    const { face: best } = await this.#bestRoll(TWELFTHS, face, patch, scale);
    return Math.abs(tilt(best.landmarks)) > MIN_TILT ? best : face;
  }

  async #bestRoll(angles, face, patch, scale) {
    const input = this.#network.prepare(COLUMNS * TILE, Math.ceil(angles.length / COLUMNS) * TILE);
    const columns = Math.floor(input.width / TILE);
    if (columns * Math.floor(input.height / TILE) < angles.length) {
      return { roll: 0, face }; // a network of fixed size, too small for all copies
    }

    angles.forEach((angle, i) => drawRotated(patch, angle, input, Math.floor(i / columns) * TILE * input.width + i % columns * TILE));
    const side = f(TILE * scale);
    const pixel = f(scale);
    const found = decode(await this.#network.run(input), input.width, { x: pixel, y: pixel }, { minSide: side / 4 }, []);
    for (const other of found.sort((a, b) => b.score - a.score)) {
      const at = middleOf(other.box);
      const [column, row] = [Math.trunc(at.x / side), Math.trunc(at.y / side)];
      const middle = { x: (column + 0.5) * side, y: (row + 0.5) * side };
      const tile = row * columns + column;
      if (column < columns && tile < angles.length && Math.hypot(at.x - middle.x, at.y - middle.y) < side / 4) {
        return { roll: angles[tile], face: toImage(other, angles[tile], middle, middleOf(face.box)) };
      }
    }

    return { roll: 0, face };
  }
}

// The square around the face, not rotated, [3, TILE, TILE], and the number of image pixels per pixel of it.
function crop(image, face) {
  const scale = Math.max(1, 2 * Math.max(face.width, face.height) / TILE);
  const left = face.x + face.width / 2 - TILE / 2 * scale;
  const top = face.y + face.height / 2 - TILE / 2 * scale;
  const side = Math.trunc(TILE * scale);
  const part = within({ x: Math.trunc(left), y: Math.trunc(top), width: side, height: side }, image);
  const width = clamp(Math.trunc(part.width / scale), 1, TILE);
  const height = clamp(Math.trunc(part.height / scale), 1, TILE);
  const x = clamp(Math.trunc((part.x - left) / scale), 0, TILE - width);
  const y = clamp(Math.trunc((part.y - top) / scale), 0, TILE - height);
  const patch = new Float32Array(3 * TILE * TILE);
  downscale(image, part, width, height, patch, TILE, TILE, y * TILE + x);
  return { patch, scale };
}

// Draws the patch as seen by a viewer whose head is rotated clockwise by this angle.
function drawRotated(patch, radians, { planes, width, height }, start) {
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  const middle = (TILE - 1) / 2;
  for (let row = 0; row < TILE; row++) {
    for (let column = 0; column < TILE; column++) {
      const x = round(middle + cos * (column - middle) - sin * (row - middle));
      const y = round(middle + sin * (column - middle) + cos * (row - middle));
      const isIn = x >= 0 && y >= 0 && x < TILE && y < TILE;
      for (let plane = 0; plane < 3; plane++) {
        planes[plane * width * height + start + row * width + column] = isIn ? patch[plane * TILE * TILE + y * TILE + x] : 0;
      }
    }
  }
}

// Converts a face from its rotated copy to the image.
function toImage(rotated, angle, middle, place) {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const at = ({ x, y }) => ({
    x: f(place.x + cos * (x - middle.x) - sin * (y - middle.y)),
    y: f(place.y + sin * (x - middle.x) + cos * (y - middle.y)),
  });
  const side = rotated.box.width;
  const center = at(middleOf(rotated.box));
  return {
    score: rotated.score,
    box: { x: round(center.x - side / 2), y: round(center.y - side / 2), width: side, height: side },
    landmarks: Object.fromEntries(POINTS.map(name => [name, at(rotated.landmarks[name])])),
  };
}
