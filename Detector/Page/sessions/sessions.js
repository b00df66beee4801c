// Sessions on the page: recorded, opened, shown and saved, with a question before something unsaved is discarded.

import { $, say } from '../dom.js';
import { download, toJsonLines } from '../events.js';
import { fileName } from '../exports.js';
import { openSessionFiles, saveSession, sessionAmong } from './opening.js';
import { RecordControls, asPicture, mayDiscard, withZone } from './record-controls.js';
import { makeSession } from './session-file.js';
import { Viewer } from './viewer.js';

export class Sessions {
  #info;
  #player;
  #stage;
  #viewer;
  #record;
  #openedAt = new Date();

  /** @param on has seek(timeMs), light(trackId) and redraw() */
  constructor(info, player, stage, on) {
    [this.#info, this.#player, this.#stage] = [info, player, stage];
    this.#viewer = new Viewer(info.emotions, { ...on, renamed: on.redraw, announce: words => { $('announcer').textContent = words; } });
    this.#record = new RecordControls(() => this.#about);
    $('session').onclick = () => this.#try(() => this.#saveShown());
    $('save-session').onclick = () => this.#try(() => this.#saveOpened());
    $('corrections').onclick = () => download('corrections.jsonl', 'application/x-ndjson', this.#viewer.corrections.toJsonLines());
    addEventListener('beforeunload', event => this.#holders.some(({ isUnsaved }) => isUnsaved) && event.preventDefault());
  }

  /** Whether there is nothing unsaved, or the user has saved or discarded it. */
  mayDiscard() {
    return mayDiscard($('unsaved'), this.#holders);
  }

  /** The function that opens a session's files for session.js; null if there is no session or events file among them. */
  opener(files) {
    const names = this.#info.emotions.map(({ name }) => name);
    const file = sessionAmong(files);
    return file ? { name: file.name, open: signal => openSessionFiles(files, names, signal) } : null;
  }

  onSource(source, recording) {
    this.#openedAt = new Date();
    if (recording?.opened) {
      $('timeline').closest('main').classList.add('viewing');
      const { rows, words } = recording.opened;
      this.#viewer.open(recording, rows, words, Math.max(recording.endMs, source.durationMs ?? 0));
    }
  }

  onFrame(frame, isCamera) {
    if (isCamera && frame.bitmap) {
      this.#record.add(frame, c => this.#stage.drawImage(c, frame.bitmap));
    }

    this.#viewer.show(frame.timeMs);
  }

  /** @param isLive whether a camera is scored */
  update(isLive) {
    const { recording, source } = this.#player;
    this.#record.update(isLive, source?.name);
    $('session').disabled = !(recording?.faceCount > 0) || this.#viewer.isOpen;
  }

  onKey(event) {
    return this.#viewer.onKey(event);
  }

  clear() {
    this.#viewer.close();
    $('timeline').closest('main').classList.remove('viewing');
  }

  get #holders() {
    const viewer = this.#viewer;
    const opened = {
      get isUnsaved() { return viewer.isUnsaved; }, words: 'Corrections or names', discard: () => viewer.markSaved(), save: () => this.#try(() => this.#saveOpened()),
    };
    return [this.#record, opened];
  }

  get #about() {
    const { name, sha256, detectorVersion, uncertainBelow, detectWidth, minFacePixels, faceDetector } = this.#info;
    return {
      model: { name, sha256 }, versions: { detector: detectorVersion },
      settings: { uncertainBelow, detectWidth, minFacePixels, faceDetector: faceDetector.name, scored: $('scoring').value },
    };
  }

  async #saveOpened() {
    const words = await saveSession(this.#player.recording, this.#viewer.corrections, this.#about.versions);
    this.#viewer.markSaved();
    return words;
  }

  // The results so far of a video, an image or a camera.
  async #saveShown() {
    const { recording } = this.#player;
    const isWanted = $('keep-picture').checked && !recording.isLive;
    const file = !isWanted ? null : this.file ?? (recording.name === 'demo' ? await (await fetch('demo.webm')).blob() : null);
    const video = asPicture(file);
    const durationMs = Math.round(recording.durationMs ?? recording.frames.at(-1).timeMs);
    const zip = await makeSession({ events: new Blob([toJsonLines(recording)]), video, meta: { ...this.#about, start: withZone(this.#openedAt), durationMs, names: {} } });
    download(fileName(recording.name, 'zip'), 'application/zip', zip);
    return file && !video ? `${recording.name} is neither WebM nor MP4, so the session was saved without its picture. Open it together with the video.` : '';
  }

  // Runs work that may fail, and shows its words or its error; returns whether it succeeded.
  async #try(work) {
    try {
      say('record-words', await work());
      return true;
    } catch (error) {
      say('record-words', `The session could not be saved: ${error.message}`);
      return false;
    }
  }
}
