// The sources of frames. Each has a name, durationMs (null for a camera, 0 for a still image) and next(), which returns the
// newest frame { bitmap, timeMs } not returned before, waiting for one if needed, or null once the source is closed. A frame of a video
// continues the previous one unless there was a seek in between.

import { openImage } from './images.js';
import { clockOf } from './screen.js';
import { Problem } from './state.js';

const END_SLACK_MS = 50;
const CUT_OFF_MS = 500;
const OPEN_WITHIN_MS = 20_000;
const LENGTH_WITHIN_MS = 3000;

// A video that plays without a new image for that many seconds has none.
const STALLED_AFTER_S = 10;

/** A camera, a video file or the demo, through a video element. */
class VideoSource {
  /** Called when the video starts to play, pauses or ends. */
  onToggle = null;

  /** Receives the error if the video breaks off. */
  onFail = null;

  /** The time between two frames, as far as known. */
  frameMs = 40;

  isStill = false;
  #video;
  #newest = null;
  #wanted = null;
  #last = null;
  #at = 0; // the time of the frame shown, or the moment that is being jumped to
  #continues = false;
  #silentSeconds = 0;
  #hasFrameMs = false;
  #presented = 0;
  #isClosed = false;
  #watchdog;

  constructor(video, name) {
    [this.#video, this.name] = [video, name];
    video.onplay = video.onpause = video.onended = () => this.onToggle?.();
    video.onerror = () => this.#isClosed || this.onFail?.(this.breakOff(video.error?.message));
    this.#watchdog = setInterval(() => this.#checkAlive(), 1000);
    this.#watch();
  }

  /** running, paused or ended. */
  get status() {
    return this.#video.ended ? 'ended' : this.#video.paused ? 'paused' : 'running';
  }

  get isPaused() {
    return this.#video.paused;
  }

  /** The time of the last frame. */
  get lastMs() {
    return this.#last ?? 0;
  }

  get positionMs() {
    return 1000 * this.#video.currentTime;
  }

  play() {
    return this.#video.play();
  }

  pause() {
    this.#video.pause();
  }

  /** Jumps to a moment of a recording. */
  seek(timeMs) {
    this.#continues = false;
    this.#at = Math.max(0, Math.min(timeMs, this.durationMs - END_SLACK_MS));
    this.#video.currentTime = this.#at / 1000;
  }

  /** Pauses, and jumps by a number of frames. */
  step(frames) {
    this.pause();
    const at = this.#at + frames * this.frameMs;
    this.seek(at + 0.3 * this.frameMs); // not exactly the border between two frames
    this.#at = Math.max(0, Math.min(at, this.#at));
  }

  /** Gives the frame shown once more. */
  repeat() {
    if (this.#last !== null && this.isPaused) {
      this.#newest ??= { now: performance.now(), mediaTime: this.#last / 1000 };
      this.#wanted?.();
    }
  }

  async next() {
    if (!this.#newest && !this.#isClosed) {
      await new Promise(resolve => { this.#wanted = resolve; });
    }

    if (this.#isClosed) {
      return null;
    }

    const frame = { timeMs: this.timeOf(this.#newest), continues: this.#continues, grabbedAt: performance.now() };
    this.#newest = null;
    this.#continues = !this.#video.seeking;
    return { bitmap: await createImageBitmap(this.#video), ...frame };
  }

  close() {
    this.#isClosed = true;
    clearInterval(this.#watchdog);
    this.#video.pause();
    this.#video.srcObject?.getTracks().forEach(track => track.stop());
    this.#video.srcObject = null;
    this.#video.removeAttribute('src');
    this.#video.load();
    this.#wanted?.();
  }

  #watch() {
    this.#video.requestVideoFrameCallback((now, { mediaTime, presentedFrames }) => {
      const elapsed = (1000 * mediaTime - (this.#last ?? 0)) / (presentedFrames - this.#presented);
      if (this.#last !== null && elapsed > 5 && elapsed < 200) {
        this.frameMs = this.#hasFrameMs ? Math.min(this.frameMs, elapsed) : elapsed;
        this.#hasFrameMs = true;
      }

      [this.#last, this.#presented, this.#silentSeconds] = [1000 * mediaTime, presentedFrames, 0];
      this.#at = this.#video.seeking ? this.#at : this.#last;
      this.#newest = { now, mediaTime };
      this.#wanted?.();
      if (!this.#isClosed) {
        this.#watch();
      }
    });
  }

  // Seconds are counted rather than measured, so that a suspended computer is no failure; a hidden page gets no frames.
  #checkAlive() {
    this.#silentSeconds = this.status === 'running' && !document.hidden ? this.#silentSeconds + 1 : 0;
    if (this.#silentSeconds >= STALLED_AFTER_S) {
      this.onFail?.(this.breakOff());
    }
  }
}

class CameraSource extends VideoSource {
  durationMs = null;
  isCamera = true;
  #startedAt = performance.now();

  timeOf({ now }) {
    return Math.max(0, now - this.#startedAt);
  }

  breakOff() {
    return new Problem('The camera sends no images. Close other programs that use it, or unplug it and plug it in again.', ['camera', 'demo']);
  }
}

class FileSource extends VideoSource {
  isCamera = false;
  #url;

  constructor(video, name, url, durationMs) {
    super(video, name);
    this.durationMs = Number.isFinite(video.duration) ? 1000 * video.duration : durationMs; // some recordings do not contain their length
    [this.width, this.height] = [video.videoWidth, video.videoHeight];
    this.#url = url;
  }

  timeOf({ mediaTime }) {
    return 1000 * mediaTime;
  }

  /** Words about images that end long before the sound, or before the length that the file states; null if nothing is amiss. */
  get endWords() {
    return this.status === 'ended' && this.durationMs !== null && this.lastMs < this.durationMs - CUT_OFF_MS
      ? `The images of ${this.name} end at ${clockOf(this.lastMs)} of ${clockOf(this.durationMs)}: the file is incomplete, or its sound is longer.` : null;
  }

  breakOff() {
    const where = this.durationMs ? `${clockOf(this.positionMs)} of ${clockOf(this.durationMs)}` : clockOf(this.positionMs);
    return new Problem(`${this.name} breaks off at ${where}: the file is damaged or incomplete. The results until there are kept.`, ['upload', 'file', 'again']);
  }

  close() {
    super.close();
    URL.revokeObjectURL(this.#url);
  }
}

/** @param wanted constraints of the camera, for example its deviceId or facingMode */
export async function openCamera(wanted) {
  if (!navigator.mediaDevices) {
    throw new Problem('Browsers lend the camera only to pages of this machine or over HTTPS: open the page as http://127.0.0.1, or give the server a certificate.');
  }

  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 }, ...wanted } });
  } catch (error) {
    throw new Problem(cameraProblems[error.name] ?? `The camera cannot be opened: ${error.message}`, ['camera', 'file', 'demo']);
  }

  const video = element();
  video.srcObject = stream;
  const [track] = stream.getVideoTracks();
  const { deviceId, facingMode } = track.getSettings();
  return Object.assign(new CameraSource(video, track.label || 'camera'), { track, deviceId, facingMode });
}

const cameraProblems = {
  NotAllowedError: 'The browser was told not to use the camera. Allow it beside the page’s address, then start the camera again.',
  NotFoundError: 'No camera was found. Plug one in, or open a video, an image or the demo.',
  NotReadableError: 'The camera is in use by another program. Close that, then start the camera again.',
  OverconstrainedError: 'That camera is no longer there. Choose another one.',
};

export async function cameras() {
  const devices = await navigator.mediaDevices?.enumerateDevices() ?? [];
  return devices.filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId);
}

/** Opens a video or an image that the user chose; nothing is uploaded by this. */
export async function openFile(file) {
  return file.type.startsWith('image/') ? openImage(file) : openVideo(URL.createObjectURL(file), file.name, false);
}

/** @param durationMs the length, if it is known; recordings of browsers do not state it, and to find it takes long */
export async function openVideo(url, name, loop, durationMs = null) {
  const video = element();
  Object.assign(video, { src: url, loop });
  try {
    await isLoaded(video, name, durationMs);
  } catch (error) {
    video.removeAttribute('src');
    URL.revokeObjectURL(url);
    throw error;
  }

  return new FileSource(video, name, url, durationMs);
}

async function isLoaded(video, name, durationMs) {
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => reject(new Problem(`${name}: no video or image that this browser can read; try MP4, WebM, JPEG or PNG.`, ['upload', 'file', 'demo']));
    setTimeout(() => reject(new Problem(`${name}: no image within ${OPEN_WITHIN_MS / 1000} s; the file is damaged or incomplete.`, ['upload', 'file'])), OPEN_WITHIN_MS);
  });
  if (video.videoWidth === 0) { // the sound would play, and the image stay black
    throw new Problem(`${name}: this browser cannot show its images, probably because they are coded as HEVC.`, ['upload', 'file', 'demo']);
  }

  if (video.duration === Infinity && durationMs === null) {
    await findLength(video);
  }
}

// Recordings of browsers do not state their length; a browser finds it on the way to the end.
async function findLength(video) {
  const until = (name, isDone) => new Promise(resolve => {
    video.addEventListener(name, () => isDone() && resolve());
    setTimeout(resolve, LENGTH_WITHIN_MS);
  });
  video.currentTime = 1e7;
  await until('durationchange', () => Number.isFinite(video.duration));
  video.currentTime = 0;
  await until('seeked', () => video.currentTime === 0);
}

const element = () => Object.assign(document.createElement('video'), { muted: true, playsInline: true });
