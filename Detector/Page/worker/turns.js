// Finds out how a face is turned, as Shared/Faces/RollEstimator does it. YuNet finds faces of any turn, but puts eyes and mouth where
// an upright face has them; of upright faces it is surer. So a face is turned by steps, all of them side by side in one picture,
// and the surest is believed.

import { decode, intersection, POINTS, round, SURE_SCORE, within } from './guesses.js';
import { tilt } from './face.js';
import { shrink } from './shrink.js';

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

export class Turns {
  #network;

  constructor(network) {
    this.#network = network;
  }

  /** The face with its points in their places, if it is turned by more than 60 degrees; else as it is. */
  async upright(image, face) {
    const isOutside = intersection(face.box, { x: 0, y: 0, width: image.width, height: image.height }) === 0;
    if (face.score >= f(UPRIGHT_SCORE) || face.score < f(SURE_SCORE) || isOutside) {
      return face;
    }

    const { patch, scale } = cut(image, face.box);
    const quarter = await this.#surest(QUARTERS, face, patch, scale);
    if (quarter.turn === 0 && quarter.face.score >= f(LEANING_SCORE)) {
      return face;
    }

    const { face: surest } = await this.#surest(TWELFTHS, face, patch, scale);
    return Math.abs(tilt(surest.landmarks)) > MIN_TILT ? surest : face;
  }

  async #surest(turns, face, patch, scale) {
    const input = this.#network.prepare(COLUMNS * TILE, Math.ceil(turns.length / COLUMNS) * TILE);
    const columns = Math.floor(input.width / TILE);
    if (columns * Math.floor(input.height / TILE) < turns.length) {
      return { turn: 0, face }; // a network of a fixed size, too small for all
    }

    turns.forEach((turn, i) => drawTurned(patch, turn, input, Math.floor(i / columns) * TILE * input.width + i % columns * TILE));
    const side = f(TILE * scale);
    const pixel = f(scale);
    const found = decode(await this.#network.run(input), input.width, { x: pixel, y: pixel }, { minSide: side / 4 }, []);
    for (const other of found.sort((a, b) => b.score - a.score)) {
      const at = middleOf(other.box);
      const [column, row] = [Math.trunc(at.x / side), Math.trunc(at.y / side)];
      const middle = { x: (column + 0.5) * side, y: (row + 0.5) * side };
      const tile = row * columns + column;
      if (column < columns && tile < turns.length && Math.hypot(at.x - middle.x, at.y - middle.y) < side / 4) {
        return { turn: turns[tile], face: back(other, turns[tile], middle, middleOf(face.box)) };
      }
    }

    return { turn: 0, face };
  }
}

// A square around the face, as it is in the picture: [3, TILE, TILE]; and how many of the picture's pixels are one of its.
function cut(image, face) {
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
  shrink(image, part, width, height, patch, TILE, TILE, y * TILE + x);
  return { patch, scale };
}

// What the patch shows, seen with one's head turned clockwise by so much.
function drawTurned(patch, radians, { planes, width, height }, start) {
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

// From its square to its place in the picture.
function back(turned, turn, middle, place) {
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
  const at = ({ x, y }) => ({
    x: f(place.x + cos * (x - middle.x) - sin * (y - middle.y)),
    y: f(place.y + sin * (x - middle.x) + cos * (y - middle.y)),
  });
  const side = turned.box.width;
  const center = at(middleOf(turned.box));
  return {
    score: turned.score,
    box: { x: round(center.x - side / 2), y: round(center.y - side / 2), width: side, height: side },
    landmarks: Object.fromEntries(POINTS.map(name => [name, at(turned.landmarks[name])])),
  };
}
