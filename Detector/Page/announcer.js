// Announces the emotions of the faces to screen readers: only a change that has been stable for a while, and at a minimum interval.

const STABLE_FOR_MS = 1500;
const MIN_INTERVAL_MS = 5000;

export class Announcer {
  #region;
  #announced = '';
  #announcedAt = -Infinity;
  #candidate = '';
  #since = 0;

  constructor(region) {
    this.#region = region;
  }

  /** Forgets the previous source. */
  clear() {
    [this.#announced, this.#candidate, this.#announcedAt] = ['', '', -Infinity];
    this.#region.textContent = '';
  }

  /** @param isStill whether the image stands still; then it is announced at once */
  update(faces, isStill) {
    const text = describe(faces);
    const now = performance.now();
    if (text !== this.#candidate) {
      [this.#candidate, this.#since] = [text, now];
    }

    if (isStill || (text !== this.#announced && now - this.#since >= STABLE_FOR_MS && now - this.#announcedAt >= MIN_INTERVAL_MS)) {
      [this.#announced, this.#announcedAt] = [text, now];
      this.#region.textContent = text;
    }
  }
}

/** A sentence about all faces, from left to right. */
export function describe(faces) {
  const labels = faces.map(face => face.isUncertain ? 'uncertain' : face.emotion);
  return faces.length === 0 ? 'No face.' : `${faces.length === 1 ? 'One face' : `${faces.length} faces`}: ${labels.join(', ')}.`;
}
