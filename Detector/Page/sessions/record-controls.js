// The button that records a session of the camera, the one that saves a session of what is shown, and the question before something unsaved is discarded.

import { $, ask, say } from '../dom.js';
import { download } from '../events.js';
import { fileName } from '../exports.js';
import { clockOf } from '../screen.js';
import { loadZip, makeSession } from './session-file.js';
import { Recorder } from './recorder.js';

const VIDEO_NAMES = { 'video/webm': 'video.webm', 'video/mp4': 'video.mp4' };

/** A moment with the zone of this machine, for example 2026-01-02T15:04:05.678+01:00. */
export function withZone(date) {
  const minutes = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + 60_000 * minutes).toISOString().slice(0, -1);
  const two = number => String(Math.floor(Math.abs(number))).padStart(2, '0');
  return `${local}${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** The picture of a session from a video file; null if its format is no part of sessions. */
export const asPicture = file => VIDEO_NAMES[file?.type] ? new File([file], VIDEO_NAMES[file.type], { type: file.type }) : null;

export class RecordControls {
  #about;
  #recorder = null;
  #name = '';
  #isCamera = false;

  /** @param about returns the model, the versions and the settings for meta.json */
  constructor(about) {
    this.#about = about;
    $('record').onclick = () => this.#recorder ? this.save() : this.#start();
    setInterval(() => this.#show(), 1000);
  }

  get isUnsaved() {
    return this.#recorder?.frames > 0;
  }

  /** The name of the unsaved content, for the question. */
  get words() {
    return `The recording of ${clockOf(this.#recorder.durationMs)}`;
  }

  /** @param isCamera whether a camera is scored now */
  update(isCamera, name) {
    if (this.#isCamera && !isCamera && this.#recorder) {
      this.#recorder.isRunning = false; // it waits to be saved
    }

    [this.#isCamera, this.#name] = [isCamera, isCamera ? name : this.#name];
    this.#show();
  }

  /** Takes a frame. @param paint draws its image into a context */
  add({ faces, bitmap }, paint) {
    this.#recorder?.add(faces, bitmap, paint);
  }

  discard() {
    this.#recorder?.finish();
    this.#recorder = null;
    this.#show();
  }

  /** Ends and saves the recording; returns whether it was saved. */
  async save() {
    try {
      const { events, video, start, durationMs } = await this.#recorder.finish();
      const moment = withZone(start);
      const zip = await makeSession({ events, video, meta: { ...this.#about(), start: moment, durationMs: Math.round(durationMs), names: {} } });
      download(fileName(`${this.#name} ${moment.slice(0, 19).replace(/[-:]/g, '')}.zip`, 'zip'), 'application/zip', zip);
      this.#recorder = null;
      say('record-words', '');
    } catch (error) {
      say('record-words', `The recording could not be saved and is kept: ${error.message}`);
    }

    this.#show();
    return !this.#recorder;
  }

  async #start() {
    try {
      await loadZip(); // a recording that cannot be saved is not started
      this.#recorder = new Recorder(this.#name, $('keep-picture').checked);
    } catch (error) {
      say('record-words', error.message);
    }

    this.#show();
  }

  #show() {
    const recorder = this.#recorder;
    $('record').hidden = !this.#isCamera && !recorder;
    $('record').setAttribute('aria-pressed', !!recorder?.isRunning);
    const label = !recorder ? 'Record' : `${recorder.isRunning ? 'Stop and save' : 'Save the recording'} ${clockOf(recorder.durationMs)}`;
    if ($('record').textContent !== label) {
      $('record').textContent = label;
    }

    $('keep-picture').disabled = !!recorder;
  }
}

/** Asks before something unsaved is discarded; returns whether to proceed. @param holders have isUnsaved, words, save() and discard() */
export async function mayDiscard(dialog, holders) {
  const unsaved = holders.filter(({ isUnsaved }) => isUnsaved);
  if (unsaved.length === 0 || dialog.open) {
    return unsaved.length === 0;
  }

  dialog.querySelector('p').textContent = `${unsaved.map(({ words }) => words).join(' and ')} would be lost.`;
  const answer = await ask(dialog);
  for (const holder of unsaved) {
    if (answer === 'save' && !await holder.save()) {
      return false;
    } else if (answer === 'discard') {
      holder.discard();
    }
  }

  return answer === 'save' || answer === 'discard';
}
