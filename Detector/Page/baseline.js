// A person's resting face: learned for three seconds after the button is pressed, and then the correction of later answers.

import { hasTop } from './smoother.js';

// The shipped model's typical answer to a neutral face, and the limits: as in Shared/Smoothing/NeutralBaseline, of which the class is a port.
const TYPICAL = { Angry: 0.019, Disgust: 0.012, Fear: 0.012, Happy: 0.026, Sad: 0.076, Surprise: 0.015, Neutral: 0.84 };
const MAX_FACTOR = 4;
const MIN_PROBABILITY = 0.01;

const LEARN_MS = 3000;
const MIN_FRAMES = 3;

export class NeutralBaseline {
  count = 0;
  #logSums = {};

  /** @param probabilities by emotion; if all are equal, there is no answer, and they are left out */
  add(probabilities) {
    if (!hasTop(probabilities)) {
      return;
    }

    this.count++;
    for (const emotion of Object.keys(TYPICAL)) {
      this.#logSums[emotion] = (this.#logSums[emotion] ?? 0) + Math.log(Math.max(probabilities[emotion], MIN_PROBABILITY));
    }
  }

  correct(probabilities) {
    if (this.count === 0 || !hasTop(probabilities)) {
      return probabilities;
    }

    const weighted = Object.keys(probabilities).map(emotion => {
      const factor = Math.exp(this.#logSums[emotion] / this.count) / TYPICAL[emotion];
      return [emotion, probabilities[emotion] / Math.min(Math.max(factor, 1 / MAX_FACTOR), MAX_FACTOR)];
    });
    const sum = weighted.reduce((total, [, weight]) => total + weight, 0);
    return Object.fromEntries(weighted.map(([emotion, weight]) => [emotion, weight / sum]));
  }
}

/** Learns from the only face in the image, and corrects that face and any face that is alone in the image. */
export class BaselineControl {
  #button;
  #state = 'off'; // off, learning, on
  #baseline = null;
  #face = null; // { recording, trackId, firstMs } that is learned

  constructor(button) {
    this.#button = button;
    button.onclick = () => this.#change(this.#state === 'off' ? 'learning' : 'off');
  }

  /** @param canLearn whether frames are being scored */
  update(canLearn, isWhole) {
    this.#button.disabled = isWhole || (!canLearn && this.#state === 'off');
  }

  /** Called with each face that was scored; returns its corrected probabilities. */
  pass(recording, timeMs, trackId, probabilities, faceCount) {
    const isKnown = this.#face?.recording === recording && this.#face.trackId === trackId;
    if (this.#state === 'on') {
      return isKnown || faceCount === 1 ? this.#baseline.correct(probabilities) : probabilities;
    }

    if (this.#state === 'learning') {
      this.#learn(recording, timeMs, trackId, probabilities, faceCount, isKnown);
    }

    return probabilities;
  }

  #learn(recording, timeMs, trackId, probabilities, faceCount, isKnown) {
    if (faceCount > 1) {
      this.#show('Only your face, please', true);
      this.#face = null;
    } else if (!isKnown || timeMs < this.#face.firstMs) {
      this.#face = { recording, trackId, firstMs: timeMs };
      this.#baseline = new NeutralBaseline();
      this.#baseline.add(probabilities);
      this.#show('Keep still for 3 s', true);
    } else {
      this.#baseline.add(probabilities);
      if (timeMs - this.#face.firstMs >= LEARN_MS && this.#baseline.count >= MIN_FRAMES) {
        this.#change('on');
      }
    }
  }

  #change(state) {
    this.#state = state;
    this.#face = state === 'on' ? this.#face : null;
    this.#show({ off: 'This is my neutral face', learning: 'Look at the camera', on: 'Neutral face: on' }[state], state !== 'off');
  }

  #show(text, isPressed) {
    if (this.#button.textContent !== text) {
      this.#button.textContent = text;
    }

    this.#button.setAttribute('aria-pressed', String(isPressed));
  }
}
