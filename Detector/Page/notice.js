// Tells what the camera is used for, and lets it start only once the user has confirmed that: the first time, in this browser.

const KEY = 'camera-notice-confirmed';

/** @param where how pictures are scored, as a sentence; returns whether the camera may start */
export async function confirmNotice(dialog, where) {
  if (storage()?.getItem(KEY)) {
    return true;
  }

  dialog.querySelector('#notice-where').textContent = where;
  dialog.returnValue = '';
  dialog.showModal();
  await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }));
  const isConfirmed = dialog.returnValue === 'start';
  if (isConfirmed) {
    storage()?.setItem(KEY, new Date().toISOString());
  }

  return isConfirmed;
}

// A browser may be set to keep nothing: then it is asked each time.
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
