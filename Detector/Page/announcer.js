// Says for screen readers what the faces show: only when that has changed and stayed so, and never more than now and then.

const SETTLED_AFTER_MS = 1500;
const SILENT_FOR_MS = 5000;

export class Announcer {
  #region;
  #said = '';
  #saidAt = -Infinity;
  #candidate = '';
  #since = 0;

  constructor(region) {
    this.#region = region;
  }

  update(faces) {
    const text = describe(faces);
    const now = performance.now();
    if (text !== this.#candidate) {
      [this.#candidate, this.#since] = [text, now];
    }

    if (text !== this.#said && now - this.#since >= SETTLED_AFTER_MS && now - this.#saidAt >= SILENT_FOR_MS) {
      [this.#said, this.#saidAt] = [text, now];
      this.#region.textContent = text;
    }
  }
}

/** One line on all faces, from left to right. */
export function describe(faces) {
  const answers = faces.map(face => face.isUncertain ? 'uncertain' : face.emotion);
  return faces.length === 0 ? 'No face.' : `${faces.length === 1 ? 'One face' : `${faces.length} faces`}: ${answers.join(', ')}.`;
}
