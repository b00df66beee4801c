// Records a camera: its events and, if asked, its picture, of exactly the frames that were scored. Times count from the first frame, in the events and in the picture.

import { frameLines } from '../events.js';
import { recordStream } from '../stream-recorder.js';

const LINES_PER_PART = 1000;
const PART_MS = 1000; // of the picture; longer parts would be lost if the page broke

export class Recorder {
  /** Whether frames are still taken. */
  isRunning = true;
  durationMs = 0;
  frames = 0;
  #name;
  #start = new Date();
  #startMs = null;
  #lines = [];
  #events = [];
  #picture = null; // { canvas, track, recorder, parts, ended }

  /** @param name of the source. @param keepsPicture whether the picture is recorded too */
  constructor(name, keepsPicture) {
    this.#name = name;
    this.keepsPicture = keepsPicture;
  }

  /**
   * Takes a frame that was scored.
   * @param size of the image, which may change, as when a phone is turned. @param paint draws the image into a context of that size
   */
  add(faces, { width, height }, paint) {
    if (!this.isRunning) {
      return;
    }

    const now = performance.now();
    if (this.#startMs === null) {
      [this.#startMs, this.#start] = [now, new Date()];
    }

    this.durationMs = now - this.#startMs;
    if (this.keepsPicture) {
      const { canvas, track } = this.#picture ??= openPicture();
      if (canvas.width !== width || canvas.height !== height) {
        Object.assign(canvas, { width, height });
      }

      paint(canvas.getContext('2d'));
      track.requestFrame();
    }

    this.#lines.push(frameLines(this.#name, this.frames++, this.durationMs, faces));
    if (this.#lines.length === LINES_PER_PART) {
      this.#flush();
    }
  }

  /** Ends the recording; returns { events, video, start, durationMs }. May be called again. */
  async finish() {
    this.isRunning = false;
    this.#flush();
    const picture = this.#picture;
    if (picture && picture.recorder.state !== 'inactive') {
      picture.recorder.stop();
    }

    await picture?.ended;
    const video = picture && new File(picture.parts, `video.${picture.ending}`, { type: `video/${picture.ending}` });
    return { events: new Blob(this.#events), video, start: this.#start, durationMs: this.durationMs };
  }

  #flush() {
    this.#events.push(new Blob(this.#lines));
    this.#lines = [];
  }
}

function openPicture() {
  const canvas = document.createElement('canvas');
  canvas.getContext('2d'); // a stream needs one
  const stream = canvas.captureStream(0);
  const { recorder, parts, ending } = recordStream(stream);
  const ended = new Promise(resolve => { recorder.onstop = resolve; });
  recorder.start(PART_MS);
  return { canvas, track: stream.getVideoTracks()[0], recorder, parts, ended, ending };
}
