// The sources of frames. Each has a name, durationMs (null for a camera, 0 for a still image) and next(), which returns the
// newest frame { bitmap, timeMs } not returned before, waiting for one if needed, or null once the source is closed.

const END_SLACK_MS = 50;

/** A camera, a video file or the demo, through a video element. */
class VideoSource {
  /** Called when the video starts to play or pauses. */
  onToggle = null;
  #video;
  #newest = null;
  #wanted = null;
  #isClosed = false;

  constructor(video, name) {
    [this.#video, this.name] = [video, name];
    video.onplay = video.onpause = () => this.onToggle?.();
    this.#watch();
  }

  get isPaused() {
    return this.#video.paused;
  }

  play() {
    return this.#video.play();
  }

  pause() {
    this.#video.pause();
  }

  /** Jumps to a moment of a recording. */
  seek(timeMs) {
    this.#video.currentTime = Math.min(timeMs, this.durationMs - END_SLACK_MS) / 1000;
  }

  async next() {
    if (!this.#newest && !this.#isClosed) {
      await new Promise(resolve => { this.#wanted = resolve; });
    }

    if (this.#isClosed) {
      return null;
    }

    const timeMs = this.timeOf(this.#newest);
    this.#newest = null;
    const grabbedAt = performance.now();
    return { bitmap: await createImageBitmap(this.#video), timeMs, grabbedAt };
  }

  close() {
    this.#isClosed = true;
    this.#video.pause();
    this.#video.srcObject?.getTracks().forEach(track => track.stop());
    this.#video.srcObject = null;
    this.#video.removeAttribute('src');
    this.#video.load();
    this.#wanted?.();
  }

  #watch() {
    this.#video.requestVideoFrameCallback((now, { mediaTime }) => {
      this.#newest = { now, mediaTime };
      this.#wanted?.();
      if (!this.#isClosed) {
        this.#watch();
      }
    });
  }
}

class CameraSource extends VideoSource {
  durationMs = null;
  isCamera = true;
  #startedAt = performance.now();

  timeOf({ now }) {
    return Math.max(0, now - this.#startedAt);
  }
}

class FileSource extends VideoSource {
  isCamera = false;
  #url;

  constructor(video, name, url) {
    super(video, name);
    this.durationMs = Number.isFinite(video.duration) ? 1000 * video.duration : null; // some recordings do not contain their length
    this.#url = url;
  }

  timeOf({ mediaTime }) {
    return 1000 * mediaTime;
  }

  close() {
    super.close();
    URL.revokeObjectURL(this.#url);
  }
}

class ImageSource {
  durationMs = 0;
  isCamera = false;
  isPaused = true;
  #frame;
  #file;

  constructor(file, bitmap) {
    [this.name, this.#file] = [file.name, file];
    this.#frame = { bitmap, file, timeMs: 0, grabbedAt: performance.now() };
  }

  get isGiven() {
    return this.#frame === null;
  }

  async next() {
    const frame = this.#frame;
    this.#frame = null;
    return frame;
  }

  /** A new source of the same image, to score it again. */
  again() {
    return openImage(this.#file);
  }

  close() {
  }
}

/** @param deviceId null for the browser's default camera */
export async function openCamera(deviceId) {
  if (!navigator.mediaDevices) {
    throw new Error('Browsers lend the camera only to pages of this machine or over HTTPS: open the page as http://127.0.0.1, or give the server a certificate.');
  }

  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: deviceId ? { ...size, deviceId: { exact: deviceId } } : { ...size, facingMode: 'user' } });
  } catch (error) {
    throw new Error(cameraProblems[error.name] ?? `The camera cannot be opened: ${error.message}`);
  }

  const video = element();
  video.srcObject = stream;
  const [track] = stream.getVideoTracks();
  return Object.assign(new CameraSource(video, track.label || 'camera'), { track, deviceId: track.getSettings().deviceId });
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

async function openImage(file) {
  try {
    const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' });
    return new ImageSource(file, file.type === 'image/jpeg' ? bitmap : onWhite(bitmap));
  } catch {
    throw new Error(`${file.name}: an image that this browser cannot read; save it as JPEG or PNG first.`);
  }
}

// Puts transparent pixels on white, as training and the server do; opaque images are unchanged.
function onWhite(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.fillStyle = 'white';
  context.fillRect(0, 0, bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.transferToImageBitmap();
}

export async function openVideo(url, name, loop) {
  const video = element();
  Object.assign(video, { src: url, loop });
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => reject(new Error(`${name}: no video or image that this browser can read; try MP4, WebM, JPEG or PNG.`));
  });
  return new FileSource(video, name, url);
}

const element = () => Object.assign(document.createElement('video'), { muted: true, playsInline: true });
