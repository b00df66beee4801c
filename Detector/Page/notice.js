// Shows what the camera is used for and asks for confirmation before it starts, the first time in a browser.

import { ask } from './dom.js';

const KEY = 'camera-notice-confirmed';

/**
 * @param where a sentence about where images are scored
 * @returns whether the camera may start
 */
export async function confirmNotice(dialog, where) {
  if (storage()?.getItem(KEY)) {
    return true;
  }

  dialog.querySelector('#notice-where').textContent = where;
  const isConfirmed = await ask(dialog) === 'start';
  if (isConfirmed) {
    storage()?.setItem(KEY, new Date().toISOString());
  }

  return isConfirmed;
}

// Null if the browser is set to store nothing; then the notice is shown each time.
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
