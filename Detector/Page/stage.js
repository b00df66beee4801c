// Draws exactly the frame that was scored, with the boxes, predictions and bars of its faces.

import { placePanel } from './placement.js';

const INK = '#16181c';
const PAPER = '#e8eaed';
const UNCERTAIN = '#9aa3ad';
const BLUR_CELLS = 6;
const BLUR_AFTERWARDS_MS = 1000;

// Below this width, in CSS pixels, there is no room for bars with names beside the faces.
const ROOMY = 560;

export class Stage {
  mirror = false;
  blur = false;
  bars = true;
  #canvas;
  #context;
  #colors;
  #frame = null; // { bitmap, faces, timeMs }
  #hidden = new Map(); // trackId → { box, timeMs }: the faces to blur, including recently lost ones
  #panels = new Map(); // trackId → the index of its bars' place
  #cells = new OffscreenCanvas(BLUR_CELLS, BLUR_CELLS);

  constructor(canvas, emotions) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#colors = new Map(emotions.map(({ name, color }) => [name, color]));
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
  }

  /** Shows another frame and takes ownership of its bitmap. */
  show(frame) {
    this.#frame?.bitmap.close();
    this.#frame = frame;
    this.#remember(frame);
    const { width, height } = frame.bitmap;
    this.#canvas.parentElement.style.setProperty('--aspect', width / height);
    this.draw();
  }

  clear() {
    this.#frame?.bitmap.close();
    this.#frame = null;
    this.#hidden.clear();
    this.#panels.clear();
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  colorOf(face) {
    return face.isUncertain ? UNCERTAIN : this.#colors.get(face.emotion);
  }

  draw() {
    if (!this.#frame) {
      return;
    }

    const { bitmap, faces } = this.#frame;
    const { clientWidth, clientHeight } = this.#canvas;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      [this.#canvas.width, this.#canvas.height] = [width, height];
    }

    const scale = Math.min(clientWidth / bitmap.width, clientHeight / bitmap.height);
    const view = { scale, left: (clientWidth - bitmap.width * scale) / 2, top: (clientHeight - bitmap.height * scale) / 2, width: bitmap.width };
    const c = this.#context;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, clientWidth, clientHeight);
    this.#drawImage(bitmap, view);
    const boxes = faces.map(({ box }) => this.#place(box, view));
    const taken = [...boxes];
    faces.forEach((face, i) => taken.push(this.#drawFace(face, boxes[i])));
    const bounds = { width: clientWidth, height: clientHeight };
    faces.forEach((face, i) => this.bars && taken.push(this.#drawBars(face, boxes[i], taken, bounds)));
  }

  // Converts a box from frame pixels to CSS pixels of the stage.
  #place({ x, y, width, height }, { scale, left, top, width: frameWidth }) {
    const from = this.mirror ? frameWidth - x - width : x;
    return { x: left + from * scale, y: top + y * scale, width: width * scale, height: height * scale };
  }

  #drawImage(bitmap, { scale, left, top }) {
    const c = this.#context;
    c.save();
    c.translate(left + (this.mirror ? bitmap.width * scale : 0), top);
    c.scale(this.mirror ? -scale : scale, scale);
    c.drawImage(bitmap, 0, 0);
    if (this.blur) {
      for (const { box } of this.#hidden.values()) {
        this.#hide(bitmap, headOf(box));
      }
    }

    c.restore();
  }

  // Replaces a face by a few blended colors.
  #hide(bitmap, { x, y, width, height }) {
    const cells = this.#cells.getContext('2d');
    cells.imageSmoothingQuality = 'high';
    cells.clearRect(0, 0, BLUR_CELLS, BLUR_CELLS);
    cells.drawImage(bitmap, x, y, width, height, 0, 0, BLUR_CELLS, BLUR_CELLS);
    this.#context.drawImage(this.#cells, x, y, width, height);
  }

  // A lost face stays blurred at its last place for a while.
  #remember({ faces, timeMs }) {
    faces.forEach(({ trackId, box }) => this.#hidden.set(trackId, { box, timeMs }));
    for (const [id, seen] of this.#hidden) {
      if (Math.abs(timeMs - seen.timeMs) > BLUR_AFTERWARDS_MS) {
        this.#hidden.delete(id);
      }
    }
  }

  #drawFace(face, box) {
    const c = this.#context;
    const color = this.colorOf(face);
    outline(c, box, 'rgb(0 0 0 / 30%)', 4.5);
    outline(c, box, color, 2.5);
    const size = this.#canvas.clientWidth < ROOMY ? 11 : 14;
    c.font = `600 ${size}px system-ui, sans-serif`;
    const text = face.isUncertain ? 'uncertain' : `${face.emotion} ${Math.round(100 * face.probabilities[face.emotion])}%`;
    const [width, height] = [c.measureText(text).width + size, size + 9];
    const x = Math.max(0, Math.min(box.x - 1, this.#canvas.clientWidth - width));
    const y = box.y - height - 4 >= 0 ? box.y - height - 4 : box.y + 4;
    pill(c, { x, y, width, height }, color, 6);
    c.fillStyle = INK;
    c.textBaseline = 'middle';
    c.fillText(text, x + size / 2, y + height / 2 + 0.5);
    return { x, y, width, height };
  }

  #drawBars(face, box, taken, bounds) {
    const isRoomy = this.#canvas.clientWidth >= ROOMY;
    const [row, names] = isRoomy ? [16, 60] : [5, 0];
    const size = isRoomy
      ? { width: names + 76, height: 7 * row + 14 }
      : { width: Math.max(48, Math.min(box.width, 84)), height: 7 * row + 8 };
    const panel = placePanel(box, size, taken, bounds, this.#panels.get(face.trackId));
    this.#panels.set(face.trackId, panel.index);
    const c = this.#context;
    pill(c, panel, 'rgb(22 24 28 / 78%)', 8);
    c.font = '500 11px system-ui, sans-serif';
    c.textBaseline = 'middle';
    const margin = isRoomy ? 9 : 5;
    const track = { x: panel.x + margin + names, width: panel.width - 2 * margin - names, height: isRoomy ? 7 : 3 };
    [...this.#colors].forEach(([emotion, color], i) => {
      const middle = panel.y + (panel.height - 7 * row) / 2 + (i + 0.5) * row;
      if (isRoomy) {
        c.fillStyle = emotion === face.emotion && !face.isUncertain ? color : PAPER;
        c.fillText(emotion, panel.x + margin, middle);
      }

      pill(c, { ...track, y: middle - track.height / 2 }, 'rgb(232 234 237 / 16%)', track.height / 2);
      pill(c, { ...track, y: middle - track.height / 2, width: track.width * face.probabilities[emotion] }, color, track.height / 2);
    });
    return panel;
  }
}

// Detectors' boxes reach from brow to chin; ears, hair and beard also identify a person.
const headOf = ({ x, y, width, height }) =>
  ({ x: x - width / 5, y: y - height * 0.4, width: width * 1.4, height: height * 1.6 });

function outline(c, { x, y, width, height }, color, thickness) {
  c.strokeStyle = color;
  c.lineWidth = thickness;
  c.beginPath();
  c.roundRect(x, y, width, height, 10);
  c.stroke();
}

function pill(c, { x, y, width, height }, color, radius) {
  c.fillStyle = color;
  c.beginPath();
  c.roundRect(x, y, width, height, Math.min(radius, width / 2));
  c.fill();
}
