// The results as files: events, the annotated image and clip; and the frame shown as JSON.

import { $ } from './dom.js';
import { download, eventsOf, toCsv, toJsonLines } from './events.js';
import { recordStream } from './stream-recorder.js';

export const count = (number, noun) => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

export class Exports {
  #stage;
  #player;
  #recorder = null;
  #shown = null;

  constructor(emotions, player, stage) {
    [this.#stage, this.#player] = [stage, player];
    $('jsonl').onclick = async () => this.#save('jsonl', 'application/x-ndjson', await player.recording.opened?.readEvents() ?? toJsonLines(player.recording));
    $('csv').onclick = () => this.#save('csv', 'text/csv', toCsv(player.recording, emotions));
    $('snapshot').onclick = async () => this.#save('png', 'image/png', await stage.snapshot());
    $('clip').hidden = typeof MediaRecorder === 'undefined';
    $('clip').onclick = () => this.#recorder ? this.#recorder.stop() : this.#record();
    $('json').ontoggle = () => this.#writeJson();
  }

  /** @param kind of the state */
  update(recording, kind) {
    const faceCount = recording?.faceCount ?? 0;
    const isShown = ['running', 'paused', 'ended'].includes(kind);
    $('jsonl').disabled = $('csv').disabled = faceCount === 0;
    $('snapshot').disabled = !isShown || !this.#stage.hasImage;
    $('clip').disabled = !this.#recorder && kind !== 'running';
    const isVideo = recording?.durationMs > 0 && isShown;
    const frames = recording?.frames.length ?? 0;
    const total = Math.max(frames, Math.round(recording?.durationMs / recording?.frameMs));
    $('whole').hidden = !isVideo || recording.isWhole;
    $('coverage').hidden = !(isVideo || recording?.coverage);
    $('coverage').textContent = recording?.coverage
      ?? `${count(frames, 'frame')} of about ${total.toLocaleString('en')} scored: frames are scored as they play, and the others are left out.`;
    $('count').textContent = faceCount === 0 ? 'No events yet' : count(faceCount, 'event');
    if (!isShown) {
      this.#recorder?.stop();
    }
  }

  clear() {
    this.#shown = null;
    this.#writeJson();
    this.update(null, 'idle');
  }

  /** The frame of which the JSON view shows the events. */
  showFrame(name, { timeMs, faces }) {
    this.#shown = { name, timeMs, faces };
    this.#writeJson();
  }

  #writeJson() {
    if ($('json').open) {
      const { name, timeMs, faces } = this.#shown ?? { faces: [] };
      $('json-text').textContent = faces.length ? JSON.stringify(eventsOf(name, timeMs, faces), null, 2) : 'No face in the image.';
    }
  }

  // Records the stage as it is seen, until the button is pressed again or the source ends.
  #record() {
    const { name } = this.#player.recording;
    const { recorder, parts, ending } = recordStream($('image').captureStream());
    recorder.onstop = () => {
      this.#recorder = null;
      $('clip').textContent = 'Record a clip';
      $('clip').setAttribute('aria-pressed', 'false');
      download(fileName(name, ending), `video/${ending}`, ...parts);
    };
    recorder.start();
    this.#recorder = recorder;
    $('clip').textContent = 'Stop and save';
    $('clip').setAttribute('aria-pressed', 'true');
  }

  #save(ending, type, content) {
    if (content) {
      download(fileName(this.#player.recording.name, ending), type, content);
    }
  }
}

/** A file's name with another ending, of letters that every system allows. */
export const fileName = (name, ending) => `${name.replace(/\.[^.]*$/, '').replace(/[^\p{L}\p{N}._-]+/gu, '-') || 'events'}.${ending}`;
