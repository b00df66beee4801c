// The results of an opened session, for the parts of the page that show a recording (../recording.js). Faces become objects only when they are shown.

import { Results } from '../recording.js';
import { UNCERTAIN } from './events-table.js';
import { durationsOf, segmentsOf } from './segments.js';

export class SessionRecording extends Results {
  isWhole = true;
  isLive = false;

  /** Whether the source waits for the user to start it. */
  startsPaused = true;
  #table;
  #emotions;
  #byTrack = new Map();

  /**
   * @param table of the events (events-table.js). @param emotions their names
   * @param faceNames the names that people gave to faces, by trackId
   */
  constructor(name, table, emotions, faceNames = {}) {
    super();
    [this.name, this.#table, this.#emotions, this.faceNames] = [name, table, emotions, { ...faceNames }];
    this.segments = segmentsOf(table);
    this.coverage = `${table.times.length.toLocaleString('en')} frames with faces, as they were recorded.`;
    const durations = durationsOf(table);
    this.frameMs = durations.toSorted()[durations.length >> 1] ?? 40;
    this.endMs = (table.times.at(-1) ?? 0) + (durations.at(-1) ?? 0);
    this.durationMs = Math.max(1, this.endMs);
    const rows = new Map([...this.segments.keys()].map(id => [id, []]));
    table.times.forEach((time, frame) => {
      for (let row = table.firstRows[frame]; row < table.endRows[frame]; row++) {
        rows.get(table.track[row]).push(time);
      }
    });
    rows.forEach((times, id) => this.#byTrack.set(id, Float64Array.from(times)));
    this.frames = {
      length: table.times.length,
      at: index => this.#frame(index < 0 ? table.times.length + index : index),
      flatMap: make => Array.from(table.times, (_, i) => make(this.#frame(i), i)).flat(),
    };
  }

  get faceCount() {
    return this.#table.rows;
  }

  get trackIds() {
    return [...this.segments.keys()];
  }

  /** The times of the frames with a face. */
  timesOf(trackId) {
    return this.#byTrack.get(trackId);
  }

  nameOf(trackId) {
    return this.faceNames[trackId] || `Face ${trackId}`;
  }

  timeOf(index) {
    return this.#table.times[index];
  }

  /** The first face whose middle lies outside of an image of this size; null if there is none. */
  faceOutside(width, height) {
    const { boxes, rows } = this.#table;
    for (let i = 0; i < 4 * rows; i += 4) {
      const [x, y] = [boxes[i] + boxes[i + 2] / 2, boxes[i + 1] + boxes[i + 3] / 2];
      if (x < 0 || y < 0 || x > width || y > height) {
        return this.#table.track[i / 4];
      }
    }

    return null;
  }

  #frame(index) {
    const { times, indexes, firstRows, endRows, track, emotion, shown, boxes, probabilities } = this.#table;
    const faces = [];
    for (let row = firstRows[index]; row < endRows[index]; row++) {
      const [x, y, width, height] = boxes.subarray(4 * row, 4 * row + 4);
      faces.push({
        trackId: track[row], box: { x, y, width, height }, emotion: this.#emotions[emotion[row]], isUncertain: shown[row] === UNCERTAIN,
        probabilities: Object.fromEntries(this.#emotions.map((name, i) => [name, probabilities[7 * row + i]])),
      });
    }

    return { timeMs: times[index], index: indexes[index], faces };
  }
}
