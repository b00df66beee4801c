// Detects faces with YuNet, a port of Shared/Faces/YuNet. A still image gets a quick pass on a smaller copy and, if that is not conclusive, a full
// pass; if faces may be larger than the network detects, also a close-up pass on a smaller copy. Then the roll of each face is estimated.

import { decode, round, STRIDES, HIGH_SCORE_THRESHOLD } from './yunet-decoder.js';
import { downscale } from './planar-scaler.js';
import { RollEstimator } from './roll-estimator.js';

const CLOSE_UP_SIDE = 320;
const MIN_RATIO = 2;
const CLOSE_UP_MIN_SIDE = 256;
const MAX_FULL_PASS_SIDE = 320;
const QUICK_MIN_FACE_SIDE = 24;
const TRACE_SCORE = Math.fround(0.1);
const CLEAR_SCORE = Math.fround(0.8);
const QUICK_MIN_BOX_SIDE = 48;
const MAX_QUICK_RATIO = 2;
const MIN_QUICK_RATIO = 1.5;
const VIDEO_DETECT_WIDTH = 400;
const MAX_STRIDE = STRIDES.at(-1);

export class YuNet {
  #network;
  #rollEstimator;

  constructor(network) {
    this.#network = new Input(network);
    this.#rollEstimator = new RollEstimator(this.#network);
  }

  /** The faces in an image, from left to right: box, score and landmarks, in its pixels; boxes may extend beyond the image. */
  async find(image, search) {
    const { width, height } = image;
    const scale = Math.max(1, width / search.detectWidth, Math.sqrt(width * height / 2) / search.detectWidth, this.#network.minScale(image));
    const faces = await this.#tryQuickPass(image, scale, search) ?? await this.#runFullPass(image, scale, search);
    for (const [i, face] of faces.entries()) {
      faces[i] = await this.#rollEstimator.upright(image, face);
    }

    return faces.sort((a, b) => a.box.x - b.box.x || a.box.y - b.box.y);
  }

  /** The faces; null if the quick pass is not conclusive. */
  async #tryQuickPass(image, scale, { detectWidth, minFacePixels }) {
    const quickScale = Math.min(minFacePixels / QUICK_MIN_FACE_SIDE, MAX_QUICK_RATIO * scale);
    if (detectWidth <= VIDEO_DETECT_WIDTH || quickScale < MIN_QUICK_RATIO * scale || this.#network.isOfFixedSize) {
      return null;
    }

    const faces = [];
    await this.#runPass(image, quickScale, { minSide: 0, minScore: TRACE_SCORE }, faces);
    const minSide = Math.max(QUICK_MIN_BOX_SIDE * quickScale, minFacePixels);
    const maxSide = CLOSE_UP_MIN_SIDE * quickScale;
    const isClear = ({ score, box }) => score >= CLEAR_SCORE && box.width >= minSide && box.width <= maxSide;
    return faces.length > 0 && faces.every(isClear) ? faces : null;
  }

  async #runFullPass(image, scale, { minFacePixels }) {
    const closeUpScale = Math.min(image.width, image.height) / CLOSE_UP_SIDE;
    const faces = [];
    let maxSide = Infinity;
    if (closeUpScale >= MIN_RATIO * scale) {
      const minSide = Math.max(minFacePixels, CLOSE_UP_MIN_SIDE * scale);
      await this.#runPass(image, closeUpScale, { minSide, minScore: HIGH_SCORE_THRESHOLD }, faces);
      maxSide = MAX_FULL_PASS_SIDE * scale;
    }

    await this.#runPass(image, scale, { minSide: minFacePixels, maxSide }, faces);
    return faces;
  }

  async #runPass(image, scale, range, faces) {
    const width = Math.max(1, round(image.width / scale));
    const height = Math.max(1, round(image.height / scale));
    const input = this.#network.prepare(width, height);
    downscale(image, { x: 0, y: 0, width: image.width, height: image.height }, width, height, input.planes, input.width, input.height);
    const pixel = { x: Math.fround(image.width / width), y: Math.fround(image.height / height) };
    decode(await this.#network.run(input), input.width, pixel, range, faces);
  }
}

/** The network's input: float32 [1, 3, height, width], with sides of any multiple of 32 unless the network has a fixed size. */
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

  /** The smallest scale at which an image fits into a network of fixed size. */
  minScale(image) {
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
