// People's corrections: a row per correction, beside the model's answers. A later row wins where spans overlap.

import { Problem } from '../state.js';

export class Corrections {
  #rows;
  #names;
  #kept; // the first rows, which the file had
  #saved;
  #spans = new Map(); // as asked for since the last change

  /** @param names of the emotions, in the model's order. @param rows as in corrections.jsonl */
  constructor(names, rows = []) {
    [this.#names, this.#rows, this.#kept, this.#saved] = [names, [...rows], rows.length, rows];
  }

  get rows() {
    return this.#rows;
  }

  get canUndo() {
    return this.#rows.length > this.#kept;
  }

  get isUnsaved() {
    return this.#rows.length !== this.#saved.length || this.#rows.some((row, i) => row !== this.#saved[i]);
  }

  get coders() {
    return [...new Set(this.#rows.map(({ coder }) => coder))];
  }

  /** @param emotion a name, or null to exclude the span */
  add(coder, face, startMs, endMs, emotion) {
    const rounded = ms => Number(ms.toFixed(3)); // as in events
    this.#spans.clear();
    this.#rows.push({ coder, face, startMs: rounded(startMs), endMs: rounded(endMs), emotion, exclude: emotion === null, at: new Date().toISOString() });
  }

  /** Takes back the last correction made here; returns it, or null if there is none. */
  undo() {
    this.#spans.clear();
    return this.#rows.length > this.#kept ? this.#rows.pop() : null;
  }

  /** A coder's effective spans for a face, by time and without overlaps: [startMs, endMs), with emotion (an index, null if excluded) and exclude. */
  spansOf(coder, face) {
    const key = `${face} ${coder}`;
    const spans = this.#spans.get(key) ?? this.#join(coder, face);
    this.#spans.set(key, spans);
    return spans;
  }

  markSaved() {
    this.#saved = [...this.#rows];
  }

  toJsonLines() {
    return this.#rows.map(row => `${JSON.stringify(row)}\n`).join('');
  }

  #join(coder, face) {
    return this.#rows.filter(row => row.coder === coder && row.face === face).reduce((spans, { startMs, endMs, emotion, exclude }) => {
      const kept = spans.flatMap(span => [{ ...span, endMs: Math.min(span.endMs, startMs) }, { ...span, startMs: Math.max(span.startMs, endMs) }]
        .filter(part => part.startMs < part.endMs));
      const added = emotion === null && !exclude ? [] : [{ startMs, endMs, emotion: exclude ? null : this.#names.indexOf(emotion), exclude }];
      return [...kept, ...added];
    }, []).sort((a, b) => a.startMs - b.startMs);
  }
}

/** Reads corrections.jsonl; a row that is none is an error with its line. */
export function parseCorrections(text, names, fileName) {
  return text.split('\n').flatMap((line, i) => {
    if (!line.trim()) {
      return [];
    }

    let row = null;
    try {
      row = JSON.parse(line);
    } catch {
      // reported below
    }

    if (!isCorrection(row, names)) {
      throw new Problem(`${fileName}: line ${i + 1} of the corrections is none: expected coder, face, startMs before endMs, and an emotion (${names.join(', ')}) or exclude.`, ['file']);
    }

    return [row];
  });
}

const isCorrection = (row, names) => typeof row?.coder === 'string' && Number.isInteger(row.face) && Number.isFinite(row.startMs) && row.startMs < row.endMs
  && typeof row.exclude === 'boolean' && (row.emotion === null || names.includes(row.emotion));
