// The time axis above the viewer's rows; the pointer scrubs on it.

import { contextOf } from '../dom.js';
import { clockOf, momentOf } from '../screen.js';

const HEIGHT = 22;
const MIN_GAP_PX = 64;
const STEPS_MS = [100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];

/** The moments of the ticks in [fromMs, toMs], with as many labels as have room; exact for steps below a second. */
export function ticksOf(fromMs, toMs, width) {
  const stepMs = STEPS_MS.find(step => step / (toMs - fromMs) * width >= MIN_GAP_PX) ?? STEPS_MS.at(-1);
  const first = Math.ceil(fromMs / stepMs);
  return Array.from({ length: Math.max(0, Math.floor(toMs / stepMs) - first + 1) }, (_, i) => {
    const timeMs = (first + i) * stepMs;
    return { timeMs, label: (stepMs < 1000 ? momentOf : clockOf)(timeMs) };
  });
}

export class Ruler {
  #canvas;
  #view = null;

  /** @param seek receives the moment under the pointer */
  constructor(canvas, seek) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#view && this.draw(this.#view)).observe(canvas);
    const scrub = ({ offsetX }) => {
      const { fromMs, toMs } = this.#view;
      seek(fromMs + (toMs - fromMs) * Math.max(0, Math.min(1, offsetX / canvas.clientWidth)));
    };
    canvas.onpointerdown = event => {
      canvas.setPointerCapture(event.pointerId);
      scrub(event);
    };
    canvas.onpointermove = event => event.buttons && scrub(event);
  }

  draw({ fromMs, toMs }) {
    this.#view = { fromMs, toMs };
    const width = this.#canvas.clientWidth;
    const c = contextOf(this.#canvas, HEIGHT);
    c.font = '11px system-ui, sans-serif';
    c.fillStyle = getComputedStyle(this.#canvas).color;
    for (const { timeMs, label } of ticksOf(fromMs, toMs, width)) {
      const x = (timeMs - fromMs) / (toMs - fromMs) * width;
      c.fillRect(Math.min(width - 1, x), 14, 1, 8);
      c.fillText(label, Math.max(0, Math.min(width - c.measureText(label).width, x - 10)), 10);
    }
  }
}
