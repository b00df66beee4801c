// Shows what the camera is used for and asks for confirmation before it starts, the first time in a browser.

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
  dialog.returnValue = '';
  dialog.showModal();
  await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }));
  const isConfirmed = dialog.returnValue === 'start';
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
