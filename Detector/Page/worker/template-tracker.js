// Tracks the crop of a face's last detection by the inverse compositional Lucas-Kanade method. A line-by-line port of
// Shared/Tracking/TemplateTracker: fround where that has single precision.

import { cropOf } from './face-descriptor.js';
import { SIZE } from './face-preprocessor.js';

const f = Math.fround;
const COUNT = SIZE * SIZE;
const MIN_DETERMINANT = 2 ** -149; // the smallest positive float32

export class TemplateTracker {
  /** The last crop, [48, 48], gray; black outside the image. */
  pixels;
  #template;
  #gradientX = new Float32Array(COUNT);
  #gradientY = new Float32Array(COUNT);
  #hessian;

  setTemplate(image, box) {
    const template = this.#template = this.#normalize(image, box);
    let [xx, xy, yy] = [0, 0, 0];
    for (let y = 1; y < SIZE - 1; y++) {
      for (let i = y * SIZE + 1; i < y * SIZE + SIZE - 1; i++) {
        const dx = f(f(template[i + 1] - template[i - 1]) / 2);
        const dy = f(f(template[i + SIZE] - template[i - SIZE]) / 2);
        this.#gradientX[i] = dx;
        this.#gradientY[i] = dy;
        xx = f(xx + f(dx * dx));
        xy = f(xy + f(dx * dy));
        yy = f(yy + f(dy * dy));
      }
    }

    this.#hessian = { xx, xy, yy };
  }

  /** The correlation of a box's crop with the template, in [-1, 1], and the face's shift from the box in the image's pixels: { similarity, x, y }. */
  find(image, { x, y, width, height }) {
    const current = this.#normalize(image, { x, y, width, height });
    const [template, gradientX, gradientY] = [this.#template, this.#gradientX, this.#gradientY];
    let [similarity, stepX, stepY] = [0, 0, 0];
    for (let i = 0; i < COUNT; i++) {
      const difference = f(current[i] - template[i]);
      similarity = f(similarity + f(current[i] * template[i]));
      stepX = f(stepX + f(gradientX[i] * difference));
      stepY = f(stepY + f(gradientY[i] * difference));
    }

    const { xx, xy, yy } = this.#hessian;
    const determinant = f(f(xx * yy) - f(xy * xy));
    const shift = (a, b, side) => determinant <= MIN_DETERMINANT ? 0 : f(f(f(f(a - b) / determinant) * side) / SIZE);
    return {
      similarity: f(similarity / COUNT),
      x: shift(f(xy * stepY), f(yy * stepX), width),
      y: shift(f(xy * stepX), f(xx * stepY), height),
    };
  }

  // To mean 0 and variance 1, so that a change of light is not taken for motion.
  #normalize(image, box) {
    this.pixels = cropOf(image, box);
    let [sum, squares] = [0, 0];
    for (const pixel of this.pixels) {
      sum += pixel;
      squares += pixel * pixel;
    }

    const mean = sum / COUNT;
    const variance = squares / COUNT - mean * mean;
    const scale = variance < 1 ? 0 : f(1 / Math.sqrt(variance)); // a uniform area correlates with nothing
    return this.pixels.map(pixel => f(pixel - f(mean)) * scale);
  }
}
