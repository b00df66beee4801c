// Still images as sources of one frame (sources.js).

import { Problem } from './state.js';

export async function openImage(file) {
  try {
    const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' });
    return sourceOf(file, file.type === 'image/jpeg' ? bitmap : onWhite(bitmap));
  } catch {
    throw new Problem(`${file.name}: an image that this browser cannot read; save it as JPEG or PNG first.`, ['file', 'demo']);
  }
}

function sourceOf(file, bitmap) {
  let frame = { bitmap, file, timeMs: 0, grabbedAt: performance.now() };
  return {
    name: file.name, durationMs: 0, isCamera: false, isPaused: true, isStill: true, status: 'ended',
    get isGiven() { return frame === null; },
    async next() {
      const given = frame;
      frame = null;
      return given;
    },
    again: () => openImage(file), // a new source of the same image, to score it again
    close() {},
  };
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
