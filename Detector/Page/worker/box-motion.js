// The motion model of a box: Kalman filters of its center, width and height. A port of Shared/Tracking/BoxMotion.

import { round } from './yunet-decoder.js';

const POSITION_NOISE = 1 / 20;
const VELOCITY_NOISE = 1 / 160;
const FOLLOWED_NOISE = 1 / 60;

export class BoxMotion {
  #x;
  #y;
  #width;
  #height;

  constructor({ x, y, width, height }) {
    const atRest = position => new ConstantVelocity(position, 2 * POSITION_NOISE * height, 10 * VELOCITY_NOISE * height);
    [this.#x, this.#y, this.#width, this.#height] = [x + width / 2, y + height / 2, width, height].map(atRest);
  }

  /** The estimated box; each side at least one pixel. */
  get box() {
    const [width, height] = [Math.max(1, round(this.#width.position)), Math.max(1, round(this.#height.position))];
    return { x: round(this.#x.position - width / 2), y: round(this.#y.position - height / 2), width, height };
  }

  /** Predicts the box in the next frame. */
  predict() {
    const height = this.#height.position;
    for (const filter of [this.#x, this.#y, this.#width, this.#height]) {
      filter.predict(POSITION_NOISE * height, VELOCITY_NOISE * height);
    }
  }

  /** Corrects the estimate by a detector's box. */
  correct({ x, y, width, height }) {
    const deviation = POSITION_NOISE * this.#height.position;
    this.#x.correct(x + width / 2, deviation);
    this.#y.correct(y + height / 2, deviation);
    this.#width.correct(width, deviation);
    this.#height.correct(height, deviation);
  }

  /** Corrects the estimate by a center from template tracking. */
  follow(x, y) {
    const deviation = FOLLOWED_NOISE * this.#height.position;
    this.#x.correct(x, deviation);
    this.#y.correct(y, deviation);
  }
}

/** A Kalman filter of one coordinate with nearly constant velocity, initially zero, one step per frame. */
class ConstantVelocity {
  position;
  #velocity = 0;
  #positionVariance;
  #covariance = 0;
  #velocityVariance;

  constructor(position, positionDeviation, velocityDeviation) {
    [this.position, this.#positionVariance, this.#velocityVariance] = [position, positionDeviation * positionDeviation, velocityDeviation * velocityDeviation];
  }

  predict(positionNoise, velocityNoise) {
    this.position += this.#velocity;
    this.#positionVariance += 2 * this.#covariance + this.#velocityVariance + positionNoise * positionNoise;
    this.#covariance += this.#velocityVariance;
    this.#velocityVariance += velocityNoise * velocityNoise;
  }

  correct(measured, deviation) {
    const innovation = measured - this.position;
    const innovationVariance = this.#positionVariance + deviation * deviation;
    const positionGain = this.#positionVariance / innovationVariance;
    const velocityGain = this.#covariance / innovationVariance;
    this.position += positionGain * innovation;
    this.#velocity += velocityGain * innovation;
    this.#velocityVariance -= velocityGain * this.#covariance;
    this.#covariance -= positionGain * this.#covariance;
    this.#positionVariance -= positionGain * this.#positionVariance;
  }
}
