// Finds the faces in a picture by YuNet, as Shared/Faces/YuNet does it: a look at the whole, where faces may be larger than the
// network knows a second one at a smaller copy, and then whether a face lies on its side.

import { decode, round, STRIDES, SURE_SCORE } from './guesses.js';
import { shrink } from './shrink.js';
import { Turns } from './turns.js';

const CLOSE_UP_SIDE = 320;
const MIN_RATIO = 2;
const CLOSE_UP_FROM = 256;
const LARGEST_FACE = 320;
const MAX_STRIDE = STRIDES.at(-1);

export class YuNet {
  #network;
  #turns;

  constructor(network) {
    this.#network = new Input(network);
    this.#turns = new Turns(this.#network);
  }

  /** The faces in a picture, from left to right: box, score and landmarks, in its pixels; they may stick out of it. */
  async find(image, { detectWidth, minFacePixels }) {
    const { width, height } = image;
    const scale = Math.max(1, width / detectWidth, Math.sqrt(width * height / 2) / detectWidth, this.#network.leastScale(image));
    const closeUpScale = Math.min(width, height) / CLOSE_UP_SIDE;
    const faces = [];
    let maxSide = Infinity;
    if (closeUpScale >= MIN_RATIO * scale) {
      const minSide = Math.max(minFacePixels, CLOSE_UP_FROM * scale);
      await this.#look(image, closeUpScale, { minSide, minScore: SURE_SCORE }, faces);
      maxSide = LARGEST_FACE * scale;
    }

    await this.#look(image, scale, { minSide: minFacePixels, maxSide }, faces);
    for (const [i, face] of faces.entries()) {
      faces[i] = await this.#turns.upright(image, face);
    }

    return faces.sort((a, b) => a.box.x - b.box.x || a.box.y - b.box.y);
  }

  async #look(image, scale, range, faces) {
    const width = Math.max(1, round(image.width / scale));
    const height = Math.max(1, round(image.height / scale));
    const input = this.#network.prepare(width, height);
    shrink(image, { x: 0, y: 0, width: image.width, height: image.height }, width, height, input.planes, input.width, input.height);
    const pixel = { x: Math.fround(image.width / width), y: Math.fround(image.height / height) };
    decode(await this.#network.run(input), input.width, pixel, range, faces);
  }
}

/** The network's input: float32 [1, 3, height, width], of any multiple of 32 a side unless the network has a size of its own. */
class Input {
  #network;
  #fixed;

  constructor(network) {
    this.#network = network;
    const [, , height, width] = network.inputShape;
    this.#fixed = { width: Number(width) || 0, height: Number(height) || 0 };
  }

  /** The scale at which a picture just fits in. */
  leastScale(image) {
    return Math.max(this.#fixed.width ? image.width / this.#fixed.width : 1, this.#fixed.height ? image.height / this.#fixed.height : 1);
  }

  prepare(width, height) {
    const roundUp = side => Math.ceil(side / MAX_STRIDE) * MAX_STRIDE;
    const [w, h] = [this.#fixed.width || roundUp(width), this.#fixed.height || roundUp(height)];
    return { planes: new Float32Array(3 * w * h), width: w, height: h };
  }

  run({ planes, width, height }) {
    return this.#network.run(planes, [1, 3, height, width]);
  }
}
