// One card per face: its current prediction, and its seven probabilities over time, stacked, above a time axis. A card opens to the seven numbers. On a
// recording, clicking a strip seeks, and the pointer reads the moment under it.

import { $, contextOf, create } from './dom.js';
import { clockOf, momentOf } from './screen.js';
import { reasonWords } from './worker/findings.js';

const LIVE_SPAN_MS = 30_000;
const MAX_CARDS = 8;
const MAX_GAP_MS = 600;
const SHORT_MS = 20_000; // whole seconds would repeat on the axis
const HEIGHT = 52;
const BAND = 5; // the height of the band along the lower edge, in the color of the prediction

const CARD = `
  <button type="button" class="answer" aria-expanded="false"><i></i><b></b><span class="share"></span><span class="acts"></span><span class="name"></span></button>
  <table hidden><caption class="unseen">Probabilities</caption><tbody></tbody></table>
  <div class="strip"><canvas aria-hidden="true"></canvas><p class="readout" hidden></p></div>`;

const percent = value => `${Math.round(100 * value)} %`;

const axisLabel = (ms, span) => span < SHORT_MS ? `${(ms / 1000).toFixed(1)} s` : clockOf(ms);

export class Timeline {
  #colors;
  #stage;
  #seek;
  #choose;
  #cards = new Map();
  #lit = null;

  /**
   * @param stage has colorOf(face)
   * @param seek receives the chosen moment, in milliseconds
   * @param choose receives the trackId of the card under the pointer or with the focus; null for none
   */
  constructor(emotions, stage, seek, choose) {
    [this.#stage, this.#seek, this.#choose] = [stage, seek, choose];
    this.#colors = emotions.map(({ name, color }) => [name, color]);
  }

  clear() {
    this.#cards.clear();
    $('faces').replaceChildren();
    $('rest').textContent = '';
    $('axis').hidden = true;
  }

  /** @param timeMs the moment shown */
  draw(recording, timeMs, faces) {
    const span = recording.isLive ? [timeMs - LIVE_SPAN_MS, timeMs] : [0, recording.durationMs];
    const isOpened = !!recording.opened; // the viewer has its rows over time
    const frames = isOpened ? [] : recording.frames.slice(recording.indexAt(span[0]));
    const ids = isOpened ? recording.trackIds : [...new Set(frames.flatMap(frame => frame.faces.map(face => face.trackId)))].sort((a, b) => a - b);
    const shown = recording.isLive ? ids.slice(-MAX_CARDS) : ids.slice(0, MAX_CARDS);
    $('rest').textContent = ids.length > shown.length ? `and ${ids.length - shown.length} more` : '';
    for (const id of this.#cards.keys()) {
      if (!shown.includes(id)) {
        this.#cards.get(id).item.remove();
        this.#cards.delete(id);
      }
    }

    for (const id of shown) {
      const card = this.#cards.get(id) ?? this.#addCard(id, recording);
      this.#describe(card, faces.find(face => face.trackId === id));
      card.name.textContent = recording.nameOf?.(id) ?? `Face ${id}`;
      if (!card.box.hidden) {
        this.#drawStrip(card.strip, frames, id, span, timeMs);
      }
    }

    this.#drawAxis(recording, span, shown.length > 0 && !isOpened);
  }

  /** Emphasizes the card of a face; null for none. */
  light(trackId) {
    this.#lit = trackId;
    this.#cards.forEach(({ item }, id) => item.classList.toggle('lit', id === trackId));
  }

  /** Opens or closes the numbers of a face, and moves the focus there; returns whether it has a card. */
  open(trackId) {
    const card = this.#cards.get(trackId);
    card?.answer.focus();
    card?.answer.click();
    return !!card;
  }

  #addCard(id, recording) {
    const item = create('li', { className: 'face', innerHTML: CARD });
    const find = selector => item.querySelector(selector);
    const card = {
      item, answer: find('.answer'), swatch: find('i'), emotion: find('b'), share: find('.share'), acts: find('.acts'), table: find('table'), body: find('tbody'),
      box: find('.strip'), strip: find('canvas'), readout: find('.readout'), name: find('.name'), face: null,
    };
    card.table.id = `numbers-${id}`;
    card.answer.setAttribute('aria-controls', card.table.id);
    card.body.replaceChildren(...this.#colors.map(([emotion, color]) => this.#row(emotion, color)));
    card.answer.onclick = () => {
      card.table.hidden = !card.table.hidden;
      card.answer.setAttribute('aria-expanded', !card.table.hidden);
      this.#fillTable(card);
    };
    item.onpointerenter = card.answer.onfocus = () => this.#choose(id);
    item.onpointerleave = card.answer.onblur = () => this.#choose(null);
    item.classList.toggle('lit', id === this.#lit);
    card.box.hidden = recording.durationMs === 0 || !!recording.opened;
    this.#connectStrip(card, id, recording);
    const next = [...this.#cards].filter(([other]) => other > id).sort(([a], [b]) => a - b)[0];
    $('faces').insertBefore(item, next?.[1].item ?? null);
    this.#cards.set(id, card);
    return card;
  }

  #row(emotion, color) {
    const row = create('tr', { innerHTML: '<th scope="row"><i></i></th><td class="bar"><span></span></td><td class="number"></td>' });
    row.querySelector('i').style.background = row.querySelector('span').style.background = color;
    row.firstChild.append(emotion);
    return row;
  }

  #connectStrip({ strip, readout }, id, recording) {
    const momentAt = offsetX => {
      const share = Math.max(0, Math.min(1, offsetX / strip.clientWidth));
      return recording.isLive ? recording.frames.at(-1).timeMs - LIVE_SPAN_MS * (1 - share) : recording.durationMs * share;
    };
    strip.classList.toggle('scrubs', !recording.isLive);
    strip.onpointerdown = event => {
      if (!recording.isLive) {
        strip.setPointerCapture(event.pointerId);
        this.#seek(momentAt(event.offsetX));
      }
    };
    strip.onpointermove = ({ offsetX, buttons }) => {
      const timeMs = momentAt(offsetX);
      this.#read(readout, recording, id, timeMs, offsetX / strip.clientWidth);
      if (buttons && !recording.isLive) {
        this.#seek(timeMs);
      }
    };
    strip.onpointerleave = () => { readout.hidden = true; };
  }

  #read(readout, recording, id, timeMs, share) {
    const frame = recording.frames[recording.indexAt(timeMs)] ?? recording.frames.at(-1);
    const face = frame && Math.abs(frame.timeMs - timeMs) <= MAX_GAP_MS && frame.faces.find(({ trackId }) => trackId === id);
    readout.hidden = !face;
    if (face) {
      readout.textContent = `${momentOf(frame.timeMs)}  ${face.isUncertain ? 'Uncertain, ' : ''}${face.emotion} ${percent(face.probabilities[face.emotion])}`;
      readout.style.setProperty('--at', share);
    }
  }

  #describe(card, face) {
    const { item, swatch, emotion, share, acts } = card;
    card.face = face;
    item.classList.toggle('gone', !face);
    swatch.style.background = face ? this.#stage.colorOf(face) : '';
    emotion.textContent = !face ? 'Not in the image' : face.isUncertain ? 'Uncertain' : face.emotion;
    share.textContent = !face ? '' : reasonWords[face.reason] ?? `${face.isUncertain ? `${face.emotion} ` : ''}${percent(face.probabilities[face.emotion])}`;
    acts.textContent = face?.acts ? `acts ${face.acts}` : '';
    this.#fillTable(card);
  }

  #fillTable({ table, body, face }) {
    if (table.hidden) {
      return;
    }

    [...body.rows].forEach((row, i) => {
      const value = face?.probabilities[this.#colors[i][0]];
      row.querySelector('span').style.width = `${100 * (value ?? 0)}%`;
      row.lastChild.textContent = face ? `${(100 * value).toFixed(1)} %` : '–';
    });
  }

  #drawAxis({ isLive, durationMs }, [from, to], hasCards) {
    const axis = $('axis');
    axis.hidden = !hasCards || durationMs === 0;
    const labels = isLive ? ['30 s ago', '15 s', 'now'] : [0, 0.25, 0.5, 0.75, 1].map(share => axisLabel(from + share * (to - from), to - from));
    const text = labels.join();
    if (axis.dataset.labels !== text) {
      axis.dataset.labels = text;
      axis.replaceChildren(...labels.map(label => create('span', { textContent: label })));
    }
  }

  #drawStrip(strip, frames, id, [from, to], timeMs) {
    const width = strip.clientWidth;
    const c = contextOf(strip, HEIGHT);
    const x = time => Math.floor((time - from) / (to - from) * width);
    let drawn = -1; // on a long recording, each pixel column shows its first frame
    frames.forEach(({ timeMs: start, faces }, i) => {
      const face = faces.find(({ trackId }) => trackId === id);
      if (face && x(start) > drawn) {
        const end = x(Math.min(frames[i + 1]?.timeMs ?? start, start + MAX_GAP_MS));
        this.#drawMoment(c, face, x(start), Math.max(end - x(start), 1));
        drawn = x(start);
      }
    });
    const now = Math.min(x(timeMs), width - 2);
    c.fillStyle = 'rgb(0 0 0 / 60%)';
    c.fillRect(now - 1, 0, 4, HEIGHT);
    c.fillStyle = '#fff';
    c.fillRect(now, 0, 2, HEIGHT);
  }

  #drawMoment(c, face, x, width) {
    let y = 0;
    for (const [emotion, color] of this.#colors) {
      const height = face.probabilities[emotion] * (HEIGHT - BAND - 2);
      c.fillStyle = color;
      c.fillRect(x, y, width, height);
      y += height;
    }

    c.clearRect(x, HEIGHT - BAND - 2, width, 2);
    c.fillStyle = this.#stage.colorOf(face);
    c.fillRect(x, HEIGHT - BAND, width, BAND);
  }
}
