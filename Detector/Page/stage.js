// Draws exactly the frame that was scored, with the boxes, labels and bars of its faces. Labels are drawn last; bars only where they cover neither faces
// nor labels, and otherwise for the chosen face.

import { placeLabels, placePanel } from './placement.js';

const INK = '#16181c';
const PAPER = '#e8eaed';
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
  #uncertain;
  #frame = null; // { bitmap, faces, timeMs }
  #lit = null; // the trackId of the face to emphasize
  #shown = []; // { trackId, box }, as drawn
  #hidden = new Map(); // trackId → { box, timeMs }: the faces to blur, including recently lost ones
  #panels = new Map(); // trackId → the index of its bars' place
  #cells = new OffscreenCanvas(BLUR_CELLS, BLUR_CELLS);

  constructor(canvas, emotions, uncertainColor) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#colors = new Map(emotions.map(({ name, color }) => [name, color]));
    this.#uncertain = uncertainColor;
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
  }

  /** Shows another frame and takes ownership of its bitmap, which may be null. */
  show(frame) {
    this.#frame?.bitmap.close();
    this.#frame = frame.bitmap ? frame : null;
    this.#remember(frame);
    this.draw();
  }

  clear() {
    this.#frame?.bitmap.close();
    [this.#frame, this.#shown] = [null, []];
    this.#hidden.clear();
    this.#panels.clear();
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  get hasImage() {
    return this.#frame !== null;
  }

  colorOf(face) {
    return face.isUncertain ? this.#uncertain : this.#colors.get(face.emotion);
  }

  /** Emphasizes a face; null for none. */
  light(trackId) {
    if (trackId !== this.#lit) {
      this.#lit = trackId;
      this.draw();
    }
  }

  /** The trackId of the face at a point of the canvas, in CSS pixels; null if there is none. */
  faceAt(x, y) {
    const hit = this.#shown.find(({ box }) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height);
    return hit?.trackId ?? null;
  }

  draw() {
    if (!this.#frame) {
      return;
    }

    const { clientWidth, clientHeight } = this.#canvas;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      [this.#canvas.width, this.#canvas.height] = [width, height];
    }

    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#shown = this.#paint(this.#context, { width: clientWidth, height: clientHeight });
  }

  /** Draws the image alone, in the frame's size and not mirrored, with blurred faces if they are blurred. */
  drawImage(c, bitmap) {
    this.#drawImage(c, bitmap, { scale: 1, left: 0, top: 0 }, false);
  }

  /** The image with its boxes, labels and bars, in the frame's size, as a PNG; null if there is none. */
  async snapshot() {
    if (!this.#frame) {
      return null;
    }

    const { width, height } = this.#frame.bitmap;
    const canvas = new OffscreenCanvas(width, height);
    this.#paint(canvas.getContext('2d'), { width, height });
    return canvas.convertToBlob({ type: 'image/png' });
  }

  // Returns the faces with their boxes as drawn.
  #paint(c, bounds) {
    const { bitmap, faces } = this.#frame;
    const scale = Math.min(bounds.width / bitmap.width, bounds.height / bitmap.height);
    const view = { scale, left: (bounds.width - bitmap.width * scale) / 2, top: (bounds.height - bitmap.height * scale) / 2, width: bitmap.width };
    c.clearRect(0, 0, bounds.width, bounds.height);
    this.#drawImage(c, bitmap, view);
    const boxes = faces.map(({ box }) => this.#place(box, view));
    const isRoomy = bounds.width >= ROOMY;
    const size = isRoomy ? 14 : 11;
    c.font = `600 ${size}px system-ui, sans-serif`;
    const texts = faces.map(labelOf);
    const labels = placeLabels(boxes, texts.map(text => ({ width: c.measureText(text).width + size, height: size + 9 })), bounds);
    faces.forEach((face, i) => this.#drawBox(c, face, boxes[i]));
    if (this.bars) {
      this.#drawPanels(c, faces, boxes, [...boxes, ...labels], bounds, isRoomy);
    }

    c.font = `600 ${size}px system-ui, sans-serif`;
    faces.forEach((face, i) => drawLabel(c, texts[i], labels[i], this.colorOf(face), size));
    return faces.map(({ trackId }, i) => ({ trackId, box: boxes[i] }));
  }

  // Converts a box from frame pixels to CSS pixels of the stage.
  #place({ x, y, width, height }, { scale, left, top, width: frameWidth }) {
    const from = this.mirror ? frameWidth - x - width : x;
    return { x: left + from * scale, y: top + y * scale, width: width * scale, height: height * scale };
  }

  #drawImage(c, bitmap, { scale, left, top }, isMirrored = this.mirror) {
    c.save();
    c.translate(left + (isMirrored ? bitmap.width * scale : 0), top);
    c.scale(isMirrored ? -scale : scale, scale);
    c.drawImage(bitmap, 0, 0);
    if (this.blur) {
      for (const { box } of this.#hidden.values()) {
        this.#hide(c, bitmap, headOf(box));
      }
    }

    c.restore();
  }

  // Replaces a face by a few blended colors.
  #hide(c, bitmap, { x, y, width, height }) {
    const cells = this.#cells.getContext('2d');
    cells.imageSmoothingQuality = 'high';
    cells.clearRect(0, 0, BLUR_CELLS, BLUR_CELLS);
    cells.drawImage(bitmap, x, y, width, height, 0, 0, BLUR_CELLS, BLUR_CELLS);
    c.drawImage(this.#cells, x, y, width, height);
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

  #drawBox(c, face, box) {
    const isLit = face.trackId === this.#lit;
    outline(c, box, isLit ? 'rgb(0 0 0 / 60%)' : 'rgb(0 0 0 / 30%)', isLit ? 8 : 4.5);
    outline(c, box, this.colorOf(face), isLit ? 5 : 2.5);
  }

  #drawPanels(c, faces, boxes, taken, bounds, isRoomy) {
    const order = faces.map((_, i) => i).sort((a, b) => (faces[b].trackId === this.#lit) - (faces[a].trackId === this.#lit));
    for (const i of order) {
      const face = faces[i];
      const panel = placePanel(boxes[i], panelSize(boxes[i], isRoomy), taken, bounds, this.#panels.get(face.trackId));
      this.#panels.set(face.trackId, panel.index);
      if (panel.covers === 0 || face.trackId === this.#lit) {
        taken.push(panel);
        this.#drawBars(c, face, panel, isRoomy);
      }
    }
  }

  #drawBars(c, face, panel, isRoomy) {
    const [row, names, margin] = isRoomy ? [16, 60, 9] : [5, 0, 5];
    pill(c, panel, 'rgb(22 24 28 / 78%)', 8);
    c.font = '500 11px system-ui, sans-serif';
    c.textBaseline = 'middle';
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
  }
}

// Detectors' boxes reach from brow to chin; ears, hair and beard also identify a person.
const headOf = ({ x, y, width, height }) =>
  ({ x: x - width / 5, y: y - height * 0.4, width: width * 1.4, height: height * 1.6 });

const labelOf = ({ trackId, isUncertain, emotion, probabilities }) =>
  isUncertain ? `${trackId} uncertain` : `${trackId} ${emotion} ${Math.round(100 * probabilities[emotion])} %`;

const panelSize = (box, isRoomy) => isRoomy
  ? { width: 136, height: 7 * 16 + 14 }
  : { width: Math.max(48, Math.min(box.width, 84)), height: 7 * 5 + 8 };

function drawLabel(c, text, label, color, size) {
  pill(c, label, color, 6);
  c.fillStyle = INK;
  c.textBaseline = 'middle';
  c.fillText(text, label.x + size / 2, label.y + label.height / 2 + 0.5);
}

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
