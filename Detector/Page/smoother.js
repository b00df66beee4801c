// Smooths one face's probabilities over time, a port of Shared/Smoothing/EmotionSmoother: the mean of all frames with weights
// exp(-age / time constant); the predicted emotion changes only when another one leads clearly.

const TIME_CONSTANT_MS = 200;
const FORGET_AFTER_MS = 2000;
const SWITCH_MARGIN = 0.18;
const CERTAINTY_MARGIN = 0.05;

export class Smoother {
  #uncertainBelow;
  #last = null;
  #weight = 0;
  #reading = null;

  constructor(uncertainBelow) {
    this.#uncertainBelow = uncertainBelow;
  }

  /**
   * @param probabilities by emotion
   * @param timeMs if it is earlier than the last one, the history is discarded
   * @returns { probabilities, emotion, isUncertain }
   */
  update(probabilities, timeMs) {
    const elapsed = this.#last === null ? -1 : timeMs - this.#last;
    const isFirst = elapsed < 0 || elapsed > FORGET_AFTER_MS;
    this.#last = timeMs;
    this.#weight = isFirst ? 1 : this.#weight * Math.exp(-elapsed / TIME_CONSTANT_MS) + 1;
    this.#reading = isFirst ? this.#first(probabilities) : this.#next(blend(this.#reading.probabilities, probabilities, 1 / this.#weight));
    return this.#reading;
  }

  #first(probabilities) {
    const emotion = top(probabilities);
    return { probabilities, emotion, isUncertain: !hasTop(probabilities) || probabilities[emotion] < this.#uncertainBelow };
  }

  #next(probabilities) {
    const [before, best] = [this.#reading.emotion, top(probabilities)];
    const emotion = probabilities[best] > probabilities[before] + SWITCH_MARGIN ? best : before;
    const certainFrom = this.#uncertainBelow + (this.#reading.isUncertain ? CERTAINTY_MARGIN : 0);
    return { probabilities, emotion, isUncertain: !hasTop(probabilities) || probabilities[emotion] < certainFrom };
  }
}

/** The most probable emotion; the first of several equally probable ones. */
export const top = probabilities =>
  Object.keys(probabilities).reduce((best, emotion) => probabilities[emotion] > probabilities[best] ? emotion : best);

/** Whether the probabilities differ at all; if they are all equal, there is no prediction. */
export const hasTop = probabilities => new Set(Object.values(probabilities)).size > 1;

const blend = (before, now, weight) => Object.fromEntries(Object.keys(now).map(emotion =>
  [emotion, before[emotion] + weight * (now[emotion] - before[emotion])]));
