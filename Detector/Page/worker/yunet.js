// Finds the faces in a picture by YuNet, as Shared/Faces/YuNet does it: in a still image a quick look at a smaller copy, and where that
// leaves a doubt a close look at the whole; where faces may be larger than the network knows, one more at a smaller copy. Then whether a
// face lies on its side.

import { decode, round, STRIDES, SURE_SCORE } from './guesses.js';
import { shrink } from './shrink.js';
import { Turns } from './turns.js';

const CLOSE_UP_SIDE = 320;
const MIN_RATIO = 2;
const CLOSE_UP_FROM = 256;
const LARGEST_FACE = 320;
const QUICK_LEAST_SIDE = 24;
const TRACE_SCORE = Math.fround(0.1);
const CLEAR_SCORE = Math.fround(0.8);
const QUICK_FROM = 48;
const MAX_QUICK_RATIO = 2;
const MIN_QUICK_RATIO = 1.5;
const VIDEO_DETECT_WIDTH = 400;
const MAX_STRIDE = STRIDES.at(-1);

export class YuNet {
  #network;
  #turns;

  constructor(network) {
    this.#network = new Input(network);
    this.#turns = new Turns(this.#network);
  }

  /** The faces in a picture, from left to right: box, score and landmarks, in its pixels; they may stick out of it. */
  async find(image, search) {
    const { width, height } = image;
    const scale = Math.max(1, width / search.detectWidth, Math.sqrt(width * height / 2) / search.detectWidth, this.#network.leastScale(image));
    const faces = await this.#lookQuickly(image, scale, search) ?? await this.#lookClosely(image, scale, search);
    for (const [i, face] of faces.entries()) {
      faces[i] = await this.#turns.upright(image, face);
    }

    return faces.sort((a, b) => a.box.x - b.box.x || a.box.y - b.box.y);
  }

  /** The faces, or null where that leaves a doubt. */
  async #lookQuickly(image, scale, { detectWidth, minFacePixels }) {
    const quickScale = Math.min(minFacePixels / QUICK_LEAST_SIDE, MAX_QUICK_RATIO * scale);
    if (detectWidth <= VIDEO_DETECT_WIDTH || quickScale < MIN_QUICK_RATIO * scale || this.#network.isOfFixedSize) {
      return null;
    }

    const faces = [];
    await this.#look(image, quickScale, { minSide: 0, minScore: TRACE_SCORE }, faces);
    const minSide = Math.max(QUICK_FROM * quickScale, minFacePixels);
    const maxSide = CLOSE_UP_FROM * quickScale;
    const isClear = ({ score, box }) => score >= CLEAR_SCORE && box.width >= minSide && box.width <= maxSide;
    return faces.length > 0 && faces.every(isClear) ? faces : null;
  }

  async #lookClosely(image, scale, { minFacePixels }) {
    const closeUpScale = Math.min(image.width, image.height) / CLOSE_UP_SIDE;
    const faces = [];
    let maxSide = Infinity;
    if (closeUpScale >= MIN_RATIO * scale) {
      const minSide = Math.max(minFacePixels, CLOSE_UP_FROM * scale);
      await this.#look(image, closeUpScale, { minSide, minScore: SURE_SCORE }, faces);
      maxSide = LARGEST_FACE * scale;
    }

    await this.#look(image, scale, { minSide: minFacePixels, maxSide }, faces);
    return faces;
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

  get isOfFixedSize() {
    return this.#fixed.width > 0 || this.#fixed.height > 0;
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
