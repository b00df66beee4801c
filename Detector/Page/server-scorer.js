// Scores on the server: frames of a video one at a time through a WebSocket, a still image by posting its file.

import { Problem } from './state.js';

const JPEG_QUALITY = 0.92;
const RETRY_MS = 1000;
const MAX_RETRY_MS = 10_000;
const RESPONSE_TIMEOUT_MS = 20_000;
const TOO_LARGE = 1009; // of RFC 6455

export class ServerScorer {
  where = 'on the server: images are sent there, and not kept';
  #canvas = new OffscreenCanvas(1, 1);
  #socket = null;
  #failures = 0;
  #isClosed = false;

  /**
   * Returns the faces and the same bitmap: { faces, bitmap }. Retries until the server answers or the signal stops it.
   * @param onProblem receives a message when the server does not answer
   */
  async score({ bitmap, file }, { signal, onProblem }) {
    const image = file ?? await this.#encode(bitmap);
    const send = () => file ? post(file, signal) : this.#send(image);
    for (let wait = RETRY_MS; !this.#isClosed && !signal.aborted; wait = Math.min(2 * wait, MAX_RETRY_MS)) {
      try {
        const response = await send();
        this.#failures = 0;
        return read(response, bitmap);
      } catch (error) {
        if (error instanceof Problem) {
          throw error;
        }

        if (!signal.aborted) {
          onProblem(error.isBusy ? 'The server is busy. Trying again…' : 'The server does not answer. Is it still running? Trying again…');
          await Promise.all([delay(wait, signal), ++this.#failures > 1 && checkRefusal()]);
        }
      }
    }

    bitmap.close();
    throw new Error('stopped');
  }

  close() {
    this.#isClosed = true;
    this.#socket?.close();
  }

  async #encode(bitmap) {
    Object.assign(this.#canvas, { width: bitmap.width, height: bitmap.height });
    this.#canvas.getContext('2d').drawImage(bitmap, 0, 0);
    return this.#canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY });
  }

  async #send(image) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      this.#socket = await open(new URL('api/stream', document.baseURI.replace(/^http/, 'ws')));
    }

    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => socket.close(), RESPONSE_TIMEOUT_MS);
      socket.onmessage = ({ data }) => { clearTimeout(timeout); resolve(JSON.parse(data)); };
      socket.onclose = ({ code }) => {
        clearTimeout(timeout);
        reject(code === TOO_LARGE ? new Problem('The frames are larger than the server takes in a stream.', ['scoreLocal', 'upload', 'file']) : new Error('closed'));
      };
      socket.send(image);
    });
  }
}

async function post(file, signal) {
  const response = await fetch('api/faces', { method: 'POST', body: file, signal, headers: { 'Content-Type': file.type || 'application/octet-stream' } });
  if (response.status === 429 || response.status === 503) {
    throw Object.assign(new Error('busy'), { isBusy: true });
  }

  return response.json();
}

function open(url) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.onopen = () => resolve(socket);
    socket.onclose = reject;
  });
}

// A browser hides why a WebSocket was refused; a request to the same address says it: another origin, or no token.
async function checkRefusal() {
  const response = await fetch('api/stream', { method: 'POST' }).catch(() => null);
  if (response?.status === 401 || response?.status === 403) {
    const { detail } = await response.json().catch(() => ({}));
    throw new Problem(`The server refuses: ${detail ?? response.status}.`, ['again', 'scoreLocal']);
  }
}

function delay(ms, signal) {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

// The response holds faces, or problem details (RFC 9457).
function read(response, bitmap) {
  if (!response.faces) {
    throw new Problem(`The server could not score this image: ${response.detail ?? response.title ?? 'no reason given'}.`, ['scoreLocal', 'file']);
  }

  const faces = response.faces.map(({ box, landmarks, probabilities, pose, quality }) => ({ box, landmarks, probabilities, pose, quality }));
  return { bitmap, milliseconds: response.milliseconds, faces };
}
