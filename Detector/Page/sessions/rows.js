// The rows of the viewer: one per face, with lanes for the model's segments and for coders' spans. Only the visible part is drawn, and only when it changes.

import { contextOf, create } from '../dom.js';
import { NONE, firstAfter, pixelsOf } from './segments.js';

const LANES = [{ y: 0, height: 20 }, { y: 23, height: 12 }, { y: 37, height: 12 }]; // the model, this coder, the other one
const HEIGHT = 49;
const EXCLUDED = 8;
const INK = '#16181c';
const DRAG_PX = 4;
const MAX_LABELS = 60; // more would not fit

const ROW = `<input class="row-name" maxlength="40" autocomplete="off" spellcheck="false"><canvas aria-hidden="true"></canvas>`;

export class Rows {
  #list;
  #playhead;
  #emotions;
  #on;
  #rows = new Map(); // trackId → { item, input, canvas }
  #isDue = false;
  #state = null;

  /** @param on has choose(trackId), span(trackId, fromMs, toMs, isDragged), rename(trackId, name) and pan(event) */
  constructor(list, playhead, emotions, on) {
    [this.#list, this.#playhead, this.#emotions, this.#on] = [list, playhead, emotions, on];
    new ResizeObserver(() => this.draw()).observe(list);
    list.addEventListener('scroll', () => this.draw());
    list.addEventListener('wheel', event => on.pan(event), { passive: false });
  }

  /** @param names of the faces by trackId */
  open(names) {
    this.#rows.clear();
    this.#list.replaceChildren(...[...names].map(([id, name]) => this.#add(id, name)));
  }

  /** The width of the rows' time axis, in CSS pixels. */
  get width() {
    return this.#rows.values().next().value?.canvas.clientWidth ?? 0;
  }

  /** Draws soon. @param state { fromMs, toMs, momentMs, chosen, span, lanesOf(trackId) } */
  draw(state = this.#state) {
    this.#state = state;
    if (state && !this.#isDue) {
      this.#isDue = true;
      requestAnimationFrame(() => {
        this.#isDue = false;
        this.#state && this.#rows.forEach((row, id) => this.#drawRow(row, id, this.#state));
        this.move();
      });
    }
  }

  /** Moves the line at the moment shown; nothing else is drawn again. */
  move(momentMs = this.#state?.momentMs) {
    if (this.#state) {
      this.#state.momentMs = momentMs;
      const { fromMs, toMs } = this.#state;
      const canvas = this.#rows.values().next().value?.canvas;
      this.#playhead.hidden = !canvas || momentMs < fromMs || momentMs > toMs;
      this.#playhead.style.translate = `${canvas ? canvas.offsetLeft + canvas.clientWidth * (momentMs - fromMs) / (toMs - fromMs) : 0}px 0`;
    }
  }

  /** Scrolls to a face's row. */
  reveal(id) {
    this.#rows.get(id)?.item.scrollIntoView({ block: 'nearest' });
  }

  clear() {
    this.#state = null;
    this.#rows.clear();
    this.#list.replaceChildren();
  }

  #add(id, name) {
    const item = create('li', { innerHTML: ROW });
    const [input, canvas] = item.children;
    input.value = name;
    input.setAttribute('aria-label', `Name of face ${id}`);
    input.onfocus = () => this.#on.choose(id);
    input.onchange = () => { input.value = this.#on.rename(id, input.value.trim()); };
    input.onkeydown = event => event.key === 'Enter' && this.#list.parentElement.focus();
    this.#connect(canvas, id);
    this.#rows.set(id, { item, canvas });
    return item;
  }

  #connect(canvas, id) {
    const timeAt = x => this.#state.fromMs + (this.#state.toMs - this.#state.fromMs) * Math.max(0, Math.min(1, x / canvas.clientWidth));
    let from = null;
    let isDragged = false;
    canvas.onpointerdown = event => {
      canvas.setPointerCapture(event.pointerId);
      [from, isDragged] = [event.offsetX, false];
      event.preventDefault(); // the rows keep the focus
      this.#list.parentElement.focus({ preventScroll: true });
    };
    canvas.onpointermove = ({ offsetX }) => {
      if (from !== null && (isDragged ||= Math.abs(offsetX - from) > DRAG_PX)) {
        this.#on.span(id, timeAt(Math.min(from, offsetX)), timeAt(Math.max(from, offsetX)), true);
      }
    };
    canvas.onpointerup = ({ offsetX }) => {
      if (from !== null && !isDragged) {
        this.#on.span(id, timeAt(offsetX), timeAt(offsetX), false);
      }

      from = null;
    };
    canvas.onpointercancel = () => { from = null; };
  }

  #drawRow({ item, canvas }, id, { fromMs, toMs, chosen, span, lanesOf }) {
    item.classList.toggle('lit', id === chosen);
    const width = canvas.clientWidth;
    const top = item.offsetTop - this.#list.offsetTop - this.#list.scrollTop;
    if (width === 0 || top + item.offsetHeight < 0 || top > this.#list.clientHeight) {
      return;
    }

    const c = contextOf(canvas, HEIGHT);
    lanesOf(id).forEach((spans, i) => this.#drawLane(c, spans, LANES[i], { fromMs, toMs, width, pixels: canvas.width }));
    if (span?.face === id) {
      const x = ms => (ms - fromMs) / (toMs - fromMs) * width;
      c.lineWidth = 2;
      for (const [color, inset] of [['#fff', 1], [INK, 3]]) {
        c.strokeStyle = color;
        c.strokeRect(x(span.startMs) + inset, inset, Math.max(2, x(span.endMs) - x(span.startMs) - 2 * inset), HEIGHT - 2 * inset);
      }
    }
  }

  #drawLane(c, spans, { y, height }, { fromMs, toMs, width, pixels }) {
    const values = pixelsOf(spans, fromMs, toMs, pixels, span => span.exclude ? EXCLUDED : span.emotion);
    const scale = width / pixels;
    for (let start = 0; start < pixels;) {
      let end = start + 1;
      while (end < pixels && values[end] === values[start]) {
        end++;
      }

      if (values[start] !== NONE) {
        this.#fill(c, values[start], start * scale, y, (end - start) * scale, height);
      }

      start = end;
    }

    this.#drawEdgesAndLabels(c, spans, y, height, ms => (ms - fromMs) / (toMs - fromMs) * width, fromMs, toMs);
  }

  #fill(c, value, x, y, width, height) {
    c.fillStyle = value === EXCLUDED ? '#4a505c' : this.#emotions[value].color;
    c.fillRect(x, y, width, height);
    if (value === EXCLUDED) { // by shape, not by color alone
      c.save();
      c.beginPath();
      c.rect(x, y, width, height);
      c.clip();
      c.strokeStyle = '#e8eaed';
      c.lineWidth = 1;
      for (let at = x - height; at < x + width; at += 6) {
        c.beginPath();
        c.moveTo(at, y + height);
        c.lineTo(at + height, y);
        c.stroke();
      }

      c.restore();
    }
  }

  // Two neighbours of the same emotion are separated by an edge, and wide spans say their emotion.
  #drawEdgesAndLabels(c, spans, y, height, x, fromMs, toMs) {
    const first = firstAfter(spans, fromMs);
    if (spans[first + MAX_LABELS]?.startMs < toMs) {
      return;
    }

    c.font = `600 ${height - 2 > 12 ? 12 : 10}px system-ui, sans-serif`;
    c.textBaseline = 'middle';
    for (let i = first; i < spans.length && spans[i].startMs < toMs; i++) {
      const [left, right] = [Math.max(0, x(spans[i].startMs)), x(spans[i].endMs)];
      const text = spans[i].exclude ? 'Excluded' : this.#emotions[spans[i].emotion].name;
      c.fillStyle = INK;
      c.fillRect(right - 0.5, y, 1, height);
      const textWidth = c.measureText(text).width;
      if (textWidth + 10 < right - left) {
        if (spans[i].exclude) {
          c.fillRect(left + 2, y, textWidth + 6, height);
          c.fillStyle = '#e8eaed';
        }

        c.fillText(text, left + 5, y + height / 2 + 0.5);
      }
    }
  }
}
