// Elements of the page by their ids, and what several modules do with them.

export const $ = id => document.getElementById(id);

/** Creates an element with properties. */
export const create = (tag, properties) => Object.assign(document.createElement(tag), properties);

/** Shows words in an element, which is hidden while there are none. */
export const say = (id, words) => Object.assign($(id), { textContent: words, hidden: !words });

/** Asks by a dialog; returns the value of the button that closed it, '' if none did. */
export async function ask(dialog) {
  dialog.returnValue = '';
  dialog.showModal();
  await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }));
  return dialog.returnValue;
}

/** Gives a canvas a pixel per pixel of the screen; returns its context, cleared, in CSS pixels. */
export function contextOf(canvas, height) {
  const width = canvas.clientWidth;
  const ratio = window.devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext('2d');
  context.scale(canvas.width / width, ratio);
  return context;
}
