// One card per face: its current prediction, and its seven probabilities over time, stacked. On a recording, clicking a card seeks.

const LIVE_SPAN_MS = 30_000;
const MAX_CARDS = 8;
const MAX_GAP_MS = 600;
const HEIGHT = 52;
const BAND = 5; // the height of the band along the lower edge, in the color of the prediction

export class Timeline {
  #list;
  #rest;
  #colors;
  #seek;
  #colorOf;
  #cards = new Map();

  /** @param seek receives the chosen moment, in milliseconds */
  constructor(list, rest, emotions, colorOf, seek) {
    [this.#list, this.#rest, this.#colorOf, this.#seek] = [list, rest, colorOf, seek];
    this.#colors = emotions.map(({ name, color }) => [name, color]);
  }

  clear() {
    this.#cards.clear();
    this.#list.replaceChildren();
    this.#rest.textContent = '';
  }

  /** @param timeMs the moment shown */
  draw(recording, timeMs, faces) {
    const span = recording.isLive ? [timeMs - LIVE_SPAN_MS, timeMs] : [0, recording.durationMs];
    const frames = recording.frames.slice(recording.indexAt(span[0]));
    const ids = [...new Set(frames.flatMap(frame => frame.faces.map(face => face.trackId)))].sort((a, b) => a - b);
    const shown = recording.isLive ? ids.slice(-MAX_CARDS) : ids.slice(0, MAX_CARDS);
    this.#rest.textContent = ids.length > shown.length ? `and ${ids.length - shown.length} more` : '';
    for (const id of this.#cards.keys()) {
      if (!shown.includes(id)) {
        this.#cards.get(id).item.remove();
        this.#cards.delete(id);
      }
    }

    for (const id of shown) {
      const card = this.#cards.get(id) ?? this.#addCard(id, recording);
      this.#describe(card, faces.find(face => face.trackId === id));
      if (!card.strip.hidden) {
        this.#drawStrip(card.strip, frames, id, span, timeMs);
      }
    }
  }

  #addCard(id, recording) {
    const item = document.createElement('li');
    item.className = 'face';
    item.innerHTML = '<div class="answer"><i></i><b></b><span class="share"></span><span class="name"></span></div><canvas aria-hidden="true"></canvas>';
    item.querySelector('.name').textContent = `Face ${id}`;
    const strip = item.querySelector('canvas');
    strip.hidden = recording.durationMs === 0;
    strip.classList.toggle('scrubs', !recording.isLive);
    if (!recording.isLive) {
      const choose = ({ offsetX, buttons }) => buttons && this.#seek(recording.durationMs * Math.max(0, Math.min(1, offsetX / strip.clientWidth)));
      strip.onpointerdown = event => { strip.setPointerCapture(event.pointerId); choose(event); };
      strip.onpointermove = choose;
    }

    const next = [...this.#cards].filter(([other]) => other > id).sort(([a], [b]) => a - b)[0];
    this.#list.insertBefore(item, next?.[1].item ?? null);
    const card = { item, strip, swatch: item.querySelector('i'), emotion: item.querySelector('b'), share: item.querySelector('.share') };
    this.#cards.set(id, card);
    return card;
  }

  #describe({ item, swatch, emotion, share }, face) {
    item.classList.toggle('gone', !face);
    swatch.style.background = face ? this.#colorOf(face) : '';
    emotion.textContent = !face ? 'Not in the image' : face.isUncertain ? 'Uncertain' : face.emotion;
    share.textContent = !face ? '' : face.isUncertain
      ? `${face.emotion} ${Math.round(100 * face.probabilities[face.emotion])}%`
      : `${Math.round(100 * face.probabilities[face.emotion])}%`;
  }

  #drawStrip(strip, frames, id, [from, to], timeMs) {
    const ratio = window.devicePixelRatio || 1;
    const width = strip.clientWidth;
    [strip.width, strip.height] = [Math.round(width * ratio), Math.round(HEIGHT * ratio)];
    const c = strip.getContext('2d');
    c.scale(ratio, ratio);
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
    c.fillStyle = this.#colorOf(face);
    c.fillRect(x, HEIGHT - BAND, width, BAND);
  }
}
