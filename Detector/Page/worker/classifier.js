// Scores faces with the emotion model: seven probabilities per face, in the order of its labels.

import { isBlank, SIZE } from './face-preprocessor.js';

const MAX_BATCH = 32;

export class Classifier {
  #network;
  #emotions;

  constructor(network, emotions) {
    this.#network = network;
    this.#emotions = emotions;
  }

  /** @param faces float32 [48, 48] each, gray, 0 to 255 */
  async score(faces) {
    const batch = Number(this.#network.inputShape[0]) || MAX_BATCH; // a model may have a fixed batch size
    const scores = [];
    for (let first = 0; first < faces.length; first += batch) {
      scores.push(...await this.#scoreBatch(faces.slice(first, first + batch)));
    }

    return scores;
  }

  async #scoreBatch(faces) {
    const pixels = new Float32Array(faces.length * SIZE * SIZE);
    faces.forEach((face, i) => pixels.set(face, i * face.length));
    const { probabilities } = await this.#network.run(pixels, [faces.length, 1, SIZE, SIZE]);
    const count = this.#emotions.length;
    return faces.map((face, i) => isBlank(face)
      ? new Array(count).fill(1 / count)
      : [...probabilities.data.subarray(i * count, (i + 1) * count)]);
  }
}
