// The viewer of an opened session: rows of segments over time, spans that a person corrects, and the keys for both.

import { $, create, say } from '../dom.js';
import { count } from '../exports.js';
import { momentOf } from '../screen.js';
import { Agreement } from './agreement.js';
import { Corrections } from './corrections.js';
import { Rows } from './rows.js';
import { Ruler } from './ruler.js';
import { neighbourOf, nextChange, spanAt } from './segments.js';

const ZOOM = 2;
const MIN_VIEW_MS = 1000;
const NEW_SPAN_MS = 1000;

export class Viewer {
  #emotions;
  #seek;
  #announce;
  #rows;
  #ruler;
  #agreement;
  #recording = null;
  #corrections = null;
  #momentMs = 0;
  #totalMs = 0;
  #view = { fromMs: 0, toMs: 1 };
  #chosen = null; // the trackId of a row
  #span = null; // the selected span: { face, startMs, endMs }
  #areNamesUnsaved = false;

  /** @param on has seek(timeMs), light(trackId), renamed() and announce(words) */
  constructor(emotions, on) {
    [this.#emotions, this.#seek, this.#announce] = [emotions, on.seek, on.announce];
    this.#rows = new Rows($('rows'), $('playhead'), emotions, {
      choose: id => { this.#choose(id); on.light(id); },
      span: (...span) => this.#point(...span),
      pan: event => this.#onWheel(event),
      rename: (id, name) => {
        this.#recording.faceNames[id] = name;
        this.#areNamesUnsaved = true;
        on.renamed();
        this.#showSpan();
        return this.#recording.nameOf(id);
      },
    });
    this.#ruler = new Ruler($('ruler'), timeMs => this.#scrub(timeMs));
    this.#agreement = new Agreement(emotions, () => this.#draw());
    this.#connect();
  }

  get isOpen() {
    return this.#recording !== null;
  }

  get isUnsaved() {
    return this.isOpen && (this.#areNamesUnsaved || this.#corrections.isUnsaved);
  }

  get corrections() {
    return this.#corrections;
  }

  /** @param rows of corrections.jsonl. @param words that the user must know; may be empty */
  open(recording, rows, words, totalMs) {
    [this.#recording, this.#corrections, this.#totalMs] = [recording, new Corrections(this.#emotions.map(({ name }) => name), rows), totalMs];
    [this.#chosen, this.#span, this.#momentMs, this.#areNamesUnsaved] = [recording.trackIds[0] ?? null, null, 0, false];
    $('coder').value = this.#corrections.coders[0] ?? ($('coder').value || 'Coder 1');
    $('viewer').hidden = false;
    say('viewer-words', words.join(' '));
    this.#rows.open(recording.trackIds.map(id => [id, recording.nameOf(id)]));
    this.#agreement.open(recording, this.#corrections);
    this.#zoomTo(0, totalMs);
    this.#showSpan();
  }

  close() {
    [this.#recording, this.#corrections, this.#span] = [null, null, null];
    $('viewer').hidden = true;
    this.#rows.clear();
  }

  markSaved() {
    this.#areNamesUnsaved = false;
    this.#corrections.markSaved();
    this.#showSpan();
  }

  /** Shows the moment of the image. */
  show(timeMs) {
    if (this.isOpen) {
      this.#momentMs = timeMs;
      const { fromMs, toMs } = this.#view;
      if (timeMs < fromMs || timeMs > toMs) {
        this.#zoomTo(timeMs - 0.1 * (toMs - fromMs), timeMs + 0.9 * (toMs - fromMs));
      }

      this.#rows.move(timeMs);
    }
  }

  /** Handles a key of the viewer, the image or the slider; returns whether it was one of the viewer's. */
  onKey(event) {
    if (!this.isOpen) {
      return false;
    }

    const { key } = event;
    const isUndo = (event.ctrlKey || event.metaKey) && key.toLowerCase() === 'z' && !event.shiftKey;
    if (isUndo || (!event.ctrlKey && !event.metaKey && !event.altKey)) {
      return this.#onPlainKey(isUndo ? 'u' : key);
    }

    return false;
  }

  // While a span is selected, 1 to 7 and x correct it; otherwise they keep their usual meaning.
  #onPlainKey(key) {
    if (this.#span && key >= '1' && key <= '9') {
      this.#correct(this.#emotions[Number(key) - 1]);
      return true;
    }

    const actions = {
      n: () => this.#jump(1, false), p: () => this.#jump(-1, false), N: () => this.#jump(1, true), P: () => this.#jump(-1, true),
      '+': () => this.#zoom(1 / ZOOM), '-': () => this.#zoom(ZOOM), 0: () => this.#zoomTo(0, this.#totalMs),
      '[': () => this.#setEdge('startMs'), ']': () => this.#setEdge('endMs'), Enter: () => this.#selectAt(this.#chosen, this.#momentMs),
      Home: () => this.#scrub(0), End: () => this.#scrub(this.#totalMs), u: () => this.#undo(),
      ...(this.#span ? { x: () => this.#correct(null), Escape: () => this.#select(null) } : {}),
    };
    actions[key]?.();
    return key in actions;
  }

  #connect() {
    $('timeline').addEventListener('keydown', event => {
      if (event.target === $('timeline') && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        this.#chooseNext(event.key === 'ArrowDown' ? 1 : -1);
        event.preventDefault();
        event.stopPropagation();
      }
    });
    const keys = { 'next-change': 'n', 'previous-change': 'p', 'zoom-in': '+', 'zoom-out': '-', 'zoom-all': '0', exclude: 'x', undo: 'u', deselect: 'Escape' };
    Object.entries(keys).forEach(([id, key]) => { $(id).onclick = () => this.#onPlainKey(key); });
    $('coder').onchange = () => {
      $('coder').value = $('coder').value.trim() || 'Coder 1';
      this.#changed();
    };
    $('emotions').replaceChildren(...this.#emotions.map((emotion, i) => {
      const button = create('button', { type: 'button', innerHTML: '<i></i><kbd></kbd> ', onclick: () => this.#correct(emotion) });
      button.firstChild.style.background = emotion.color;
      button.children[1].textContent = i + 1;
      button.append(emotion.name);
      return button;
    }));
  }

  #choose(id) {
    this.#chosen = id;
    this.#draw();
  }

  #chooseNext(direction) {
    const ids = this.#recording.trackIds;
    const at = Math.max(0, Math.min(ids.length - 1, ids.indexOf(this.#chosen) + direction));
    this.#choose(ids[at] ?? null);
    this.#rows.reveal(this.#chosen);
    this.#announce(this.#recording.nameOf(this.#chosen));
  }

  #jump(direction, inAll) {
    const { segments } = this.#recording;
    const next = this.#span && neighbourOf(segments.get(this.#span.face), this.#span.startMs, direction); // a selection moves from segment to segment
    const timeMs = this.#span ? next?.startMs ?? null : nextChange(inAll ? [...segments.values()] : [segments.get(this.#chosen) ?? []], this.#momentMs, direction);
    if (timeMs === null) {
      this.#announce(direction > 0 ? 'No later change.' : 'No earlier change.');
      return;
    }

    this.#scrub(timeMs);
    if (this.#span) {
      this.#selectAt(this.#span.face, timeMs);
    }
  }

  // The line moves at once, the image when it is there.
  #scrub(timeMs) {
    this.#seek(timeMs);
    this.show(timeMs);
  }

  // A drag selects its range, a click the span under it.
  #point(face, fromMs, toMs, isDragged) {
    this.#chosen = face;
    if (isDragged) {
      this.#select({ face, startMs: fromMs, endMs: toMs });
    } else {
      this.#scrub(fromMs);
      this.#selectAt(face, fromMs);
    }
  }

  // A correction of this coder counts before the model's segment.
  #selectAt(face, timeMs) {
    const span = face === null ? null : spanAt(this.#corrections.spansOf($('coder').value, face), timeMs) ?? spanAt(this.#recording.segments.get(face), timeMs);
    this.#select(span && { face, startMs: span.startMs, endMs: span.endMs });
  }

  #select(span) {
    this.#span = span && { ...span, startMs: Math.max(0, span.startMs) };
    this.#showSpan();
    this.#draw();
  }

  #setEdge(edge) {
    const at = this.#momentMs;
    const span = this.#span ? { ...this.#span, [edge]: at }
      : { face: this.#chosen, startMs: edge === 'startMs' ? at : Math.max(0, at - NEW_SPAN_MS), endMs: edge === 'endMs' ? at : Math.min(this.#totalMs, at + NEW_SPAN_MS) };
    if (span.face !== null && span.startMs < span.endMs) {
      this.#select(span);
    } else {
      this.#announce('A span ends after its start.');
    }
  }

  // Null excludes the span; undefined, of the keys 8 and 9, does nothing.
  #correct(emotion) {
    if (this.#span && emotion !== undefined) {
      const { face, startMs, endMs } = this.#span;
      this.#corrections.add($('coder').value, face, startMs, endMs, emotion && emotion.name);
      this.#changed();
    }
  }

  #undo() {
    const row = this.#corrections.undo();
    this.#announce(row ? `Undone: ${row.emotion ?? 'excluded'}, ${this.#recording.nameOf(row.face)}.` : 'Nothing to undo.');
    this.#changed();
  }

  #changed() {
    this.#agreement.update();
    this.#showSpan();
    this.#draw();
  }

  #showSpan() {
    const { rows, canUndo } = this.#corrections;
    $('undo').disabled = !canUndo;
    $('corrections-count').textContent = `${rows.length === 0 ? (this.#areNamesUnsaved ? 'New names' : 'No corrections') : count(rows.length, 'correction')}${this.isUnsaved ? ', not saved yet' : ''}`;
    $('corrections').disabled = rows.length === 0;
    [...$('emotions').children, $('exclude'), $('deselect')].forEach(button => { button.disabled = !this.#span; });
    $('span-words').textContent = this.#span ? this.#describeSpan() : 'No span selected. Click one, drag over one, or press Enter.';
  }

  #describeSpan() {
    const { face, startMs, endMs } = this.#span;
    const middle = (startMs + endMs) / 2;
    const nameOf = span => !span ? null : span.exclude ? 'excluded' : this.#emotions[span.emotion].name;
    const model = nameOf(spanAt(this.#recording.segments.get(face), middle)) ?? 'no segment';
    const corrected = nameOf(spanAt(this.#corrections.spansOf($('coder').value, face), middle));
    return `${this.#recording.nameOf(face)}, ${momentOf(startMs)} to ${momentOf(endMs)}. Model: ${model}.${corrected ? ` ${$('coder').value}: ${corrected}.` : ''}`;
  }

  #zoom(factor) {
    const { fromMs, toMs } = this.#view;
    const span = Math.max(MIN_VIEW_MS, (toMs - fromMs) * factor);
    const share = Math.max(0, Math.min(1, (this.#momentMs - fromMs) / (toMs - fromMs)));
    this.#zoomTo(this.#momentMs - share * span, this.#momentMs + (1 - share) * span);
  }

  #zoomTo(fromMs, toMs) {
    const span = Math.min(this.#totalMs, toMs - fromMs);
    const from = Math.max(0, Math.min(this.#totalMs - span, fromMs));
    this.#view = { fromMs: from, toMs: from + span };
    $('range').textContent = `${momentOf(from)} to ${momentOf(from + span)}`;
    this.#draw();
  }

  #onWheel(event) {
    const { deltaX, deltaY, ctrlKey, shiftKey } = event;
    const { fromMs, toMs } = this.#view;
    const shift = (deltaX || (shiftKey ? deltaY : 0)) / this.#rows.width * (toMs - fromMs);
    if (ctrlKey || shift) {
      event.preventDefault();
      ctrlKey ? this.#zoom(deltaY > 0 ? ZOOM : 1 / ZOOM) : this.#zoomTo(fromMs + shift, toMs + shift);
    }
  }

  #draw() {
    if (this.isOpen) {
      const lanesOf = id => [this.#recording.segments.get(id), this.#corrections.spansOf($('coder').value, id), this.#agreement.spansOf(id)];
      this.#ruler.draw(this.#view);
      this.#rows.draw({ ...this.#view, momentMs: this.#momentMs, chosen: this.#chosen, span: this.#span, lanesOf });
    }
  }
}
