// Files dropped on the page, the keys, and what happens when the page is hidden.

import { $ } from './dom.js';

const SECOND_MS = 1000;

/** @param openFiles receives the files that were dropped */
export function addDrop(openFiles) {
  const { body } = document;
  const hasFiles = event => event.dataTransfer?.types.includes('Files');
  body.ondragover = event => hasFiles(event) && (event.preventDefault(), $('drop').hidden = false);
  body.ondragleave = event => { $('drop').hidden = !!event.relatedTarget; };
  body.ondrop = event => {
    event.preventDefault();
    $('drop').hidden = true;
    const files = [...event.dataTransfer.files];
    files.length && openFiles(files);
  };
}

/**
 * The keys of the image, the slider and the viewer's rows: arrows by a frame, with Shift by a second; space; 1 to 9 for a face; m, b and x.
 * @param onViewerKey is asked first; returns whether the key was one of the viewer's
 */
export function addKeys(player, { togglePause, choose, onViewerKey }) {
  const toggles = { m: 'mirror', b: 'bars', x: 'blur' };
  const move = ({ key, shiftKey }) => {
    const { source } = player;
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[key];
    if (!direction || !source?.durationMs) {
      return false;
    }

    shiftKey ? source.seek(source.positionMs + direction * SECOND_MS) : source.step(direction);
    return true;
  };
  const onKey = event => {
    if (onViewerKey(event)) {
      event.preventDefault();
      return;
    }

    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }

    const { key } = event;
    let isDone = move(event);
    if (key === ' ') {
      togglePause();
      isDone = true;
    } else if (toggles[key]) {
      $(toggles[key]).click();
    } else if (key >= '1' && key <= '9') {
      isDone = choose(Number(key));
    }

    if (isDone) {
      event.preventDefault();
    }
  };
  // A button within the stage keeps its own keys. Listeners, because a handler that returns false would cancel the key.
  $('stage').addEventListener('keydown', event => event.target === $('stage') && onKey(event));
  $('moment').addEventListener('keydown', onKey);
  $('timeline').addEventListener('keydown', event => event.target === $('timeline') && onKey(event));
  $('faces').addEventListener('keydown', event => event.key >= '1' && event.key <= '9' && onKey(event));
}

/** A hidden page scores nothing: a camera is stopped, a video is paused until the page is seen again. */
export function addVisibility(player, stopCamera) {
  let wasPlaying = false;
  document.addEventListener('visibilitychange', () => {
    const { source } = player;
    if (document.hidden && source?.isCamera) {
      stopCamera();
    } else if (document.hidden) {
      wasPlaying = source?.status === 'running';
      source?.pause?.();
    } else if (wasPlaying) {
      source?.play?.();
    }
  });
}
