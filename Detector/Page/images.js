// Still images as sources of one frame (sources.js).

import { Problem } from './state.js';

class ImageSource {
  durationMs = 0;
  isCamera = false;
  isPaused = true;
  isStill = true;
  status = 'ended';
  #frame;
  #file;

  constructor(file, bitmap) {
    [this.name, this.#file] = [file.name, file];
    this.#frame = { bitmap, file, timeMs: 0, grabbedAt: performance.now() };
  }

  get isGiven() {
    return this.#frame === null;
  }

  async next() {
    const frame = this.#frame;
    this.#frame = null;
    return frame;
  }

  /** A new source of the same image, to score it again. */
  again() {
    return openImage(this.#file);
  }

  close() {
  }
}

export async function openImage(file) {
  try {
    const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' });
    return new ImageSource(file, file.type === 'image/jpeg' ? bitmap : onWhite(bitmap));
  } catch {
    throw new Problem(`${file.name}: an image that this browser cannot read; save it as JPEG or PNG first.`, ['file', 'demo']);
  }
}

// Puts transparent pixels on white, as training and the server do; opaque images are unchanged.
function onWhite(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.fillStyle = 'white';
  context.fillRect(0, 0, bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.transferToImageBitmap();
}
