// Events as typed arrays, read from JSON lines as the Detector's '--events' and this page write them (../events.js). An hour of three faces at 25 frames per
// second is 270,000 lines; as objects they would take seconds and half a gigabyte.

import { Problem } from '../state.js';

export const UNCERTAIN = 7;
const CLASSES = 7;
const FIRST_ROWS = 4096;
const JUMP_MS = 60_000; // from a frame to the next one

const baseName = name => name.split(/[\\/]/).at(-1);

/** The faces of one source, a row per face, grouped into frames by time. Collects rows until build(). */
class TableBuilder {
  #rows = 0;
  #columns = { track: new Int32Array(FIRST_ROWS), shown: new Uint8Array(FIRST_ROWS), emotion: new Uint8Array(FIRST_ROWS), boxes: new Float64Array(4 * FIRST_ROWS), probabilities: new Float32Array(CLASSES * FIRST_ROWS) };
  #frames = []; // flat: index, time, first row
  #tracks = new Set(); // of the last frame
  #clock = null; // the first line whose time jumps

  get rows() {
    return this.#rows;
  }

  add({ frame, timestampMs, trackId, box, probabilities }, emotion, shown, names, place) {
    const at = this.#frames.length - 3;
    if (at < 0 || this.#frames[at] !== frame || this.#frames[at + 1] !== timestampMs) {
      this.#checkClock(at, frame, timestampMs, place);
      this.#frames.push(frame, timestampMs, this.#rows);
      this.#tracks.clear();
    }

    if (this.#tracks.has(trackId)) {
      throw new Problem(`${place}: face ${trackId} is in frame ${frame} twice: the events are of two runs. Open those of one run.`, ['file']);
    }

    this.#tracks.add(trackId);
    this.#grow();
    const row = this.#rows++;
    const columns = this.#columns;
    [columns.track[row], columns.emotion[row], columns.shown[row]] = [trackId, emotion, shown];
    columns.boxes.set([box.x, box.y, box.width, box.height], 4 * row);
    for (let i = 0; i < CLASSES; i++) {
      columns.probabilities[CLASSES * row + i] = probabilities[names[i]];
    }
  }

  build(source) {
    const count = this.#frames.length / 3;
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    if (this.#clock?.isBack) {
      order.sort((a, b) => this.#frames[3 * a + 1] - this.#frames[3 * b + 1] || a - b);
    }

    const pick = (Type, offset) => Type.from(order, i => this.#frames[3 * i + offset]);
    const { track, shown, emotion, boxes, probabilities } = this.#columns;
    return {
      source, rows: this.#rows, clock: this.#clock?.words ?? null,
      times: pick(Float64Array, 1), indexes: pick(Float64Array, 0), firstRows: pick(Uint32Array, 2), endRows: Uint32Array.from(order, i => this.#frames[3 * i + 5] ?? this.#rows),
      track: track.slice(0, this.#rows), shown: shown.slice(0, this.#rows), emotion: emotion.slice(0, this.#rows),
      boxes: boxes.slice(0, 4 * this.#rows), probabilities: probabilities.slice(0, CLASSES * this.#rows),
    };
  }

  #checkClock(at, frame, timestampMs, place) {
    if (at < 0 || this.#clock) {
      return;
    }

    const [lastFrame, lastMs] = [this.#frames[at], this.#frames[at + 1]];
    const seconds = ms => `${(ms / 1000).toFixed(1)} s`;
    if (timestampMs < lastMs) {
      this.#clock = { isBack: true, words: `${place}: the clock goes back from ${seconds(lastMs)} to ${seconds(timestampMs)}. All events are shown in the order of their times.` };
    } else if (timestampMs - lastMs > JUMP_MS * Math.max(1, frame - lastFrame)) {
      this.#clock = { isBack: false, words: `${place}: the clock jumps from ${seconds(lastMs)} to ${seconds(timestampMs)} between two frames. All events are shown at their times.` };
    }
  }

  #grow() {
    if (this.#rows === this.#columns.track.length) {
      for (const [name, column] of Object.entries(this.#columns)) {
        this.#columns[name] = new column.constructor(2 * column.length);
        this.#columns[name].set(column);
      }
    }
  }
}

/** Reads events in chunks of text; each chunk may end within a line. */
export class EventsReader {
  /** Words about a last line that is cut off; null if there is none. */
  words = null;
  #name;
  #names;
  #codes;
  #rest = '';
  #line = 0;
  #sources = new Map();

  /** @param name of the file, for messages. @param names of the emotions, in the model's order */
  constructor(name, names) {
    [this.#name, this.#names] = [name, names];
    this.#codes = new Map([...names, 'Uncertain'].map((emotion, i) => [emotion, i]));
  }

  push(text) {
    const end = text.lastIndexOf('\n');
    if (end < 0) {
      this.#rest += text;
      return;
    }

    const lines = (this.#rest + text.slice(0, end)).split('\n');
    this.#rest = text.slice(end + 1);
    lines.forEach(line => this.#take(line, false));
  }

  /**
   * The table of one source: of the one named as the video, otherwise of the first.
   * @param prefer a video's file name, or null
   * @returns the table, with words for everything that the user must know
   */
  finish(prefer) {
    if (this.#rest) {
      this.#take(this.#rest, true);
    }

    const sources = [...this.#sources.keys()];
    const source = sources.find(name => baseName(name) === prefer) ?? sources[0];
    const table = (this.#sources.get(source) ?? new TableBuilder()).build(source ?? '');
    const others = sources.filter(name => name !== source).map(baseName);
    const several = others.length ? `${this.#name} has ${sources.length} sources; shown is ${baseName(source)}. Open one of the others (${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}) with its video.` : null;
    return { ...table, isOneOfSeveral: others.length > 0, words: [this.words, several, table.clock].filter(Boolean) };
  }

  #take(line, isLast) {
    const place = `${this.#name}: line ${++this.#line}`;
    if (!line.trim()) {
      return;
    }

    let event;
    try {
      event = JSON.parse(line);
    } catch {
      if (isLast) {
        this.words = `${place}, the last one, is cut off and left out.`;
        return;
      }
    }

    const [emotion, shown] = [this.#codes.get(event?.emotion), this.#codes.get(event?.shown)];
    if (!isEvent(event, this.#names)) {
      throw new Problem(`${place} is not an event as '--events' writes it.`, ['file']);
    }

    if (emotion === undefined || emotion === UNCERTAIN || shown === undefined) {
      throw new Problem(`${place}: the emotion is '${emotion === undefined ? event.emotion : event.shown}', expected one of ${this.#names.join(', ')}.`, ['file']);
    }

    let table = this.#sources.get(event.source);
    if (!table) {
      this.#sources.set(event.source, table = new TableBuilder());
    }

    table.add(event, emotion, shown, this.#names, place);
  }
}

const isEvent = (event, names) => typeof event?.source === 'string' && Number.isInteger(event.frame) && event.frame >= 0 && event.timestampMs >= 0 && Number.isFinite(event.timestampMs)
  && (event.trackId | 0) === event.trackId && Number.isFinite(event.box?.x + event.box?.y + event.box?.width + event.box?.height)
  && names.every(name => event.probabilities?.[name] >= 0);
