// Scores on the server: frames of a video one at a time through a WebSocket, a still image by posting its file.

const JPEG_QUALITY = 0.92;
const RETRY_MS = 1000;
const MAX_RETRY_MS = 10_000;
const RESPONSE_TIMEOUT_MS = 20_000;

export class ServerScorer {
  where = 'on the server: images are sent there, and not kept';
  #canvas = new OffscreenCanvas(1, 1);
  #socket = null;
  #isClosed = false;
  #onProblem;

  /** @param onProblem receives a message when the server does not answer, and null when it does again */
  constructor(onProblem) {
    this.#onProblem = onProblem;
  }

  /** Returns the faces and the same bitmap: { faces, bitmap }. Retries until the server answers. */
  async score({ bitmap, file }) {
    const image = file ?? await this.#encode(bitmap);
    const send = () => file ? post(file) : this.#send(image);
    for (let wait = RETRY_MS; !this.#isClosed; wait = Math.min(2 * wait, MAX_RETRY_MS)) {
      try {
        const response = await send();
        this.#onProblem(null);
        return read(response, bitmap);
      } catch (error) {
        if (error.isFinal) {
          throw error;
        }

        this.#onProblem(error.isBusy ? 'The server is busy. Trying again…' : 'The server does not answer. Is it still running? Trying again…');
        await new Promise(resolve => setTimeout(resolve, wait));
      }
    }

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
      socket.onclose = () => { clearTimeout(timeout); reject(new Error('closed')); };
      socket.send(image);
    });
  }
}

async function post(file) {
  const response = await fetch('api/faces', { method: 'POST', body: file, headers: { 'Content-Type': file.type || 'application/octet-stream' } });
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

// The response holds faces, or problem details (RFC 9457).
function read(response, bitmap) {
  if (!response.faces) {
    throw Object.assign(new Error(response.detail ?? response.title ?? 'the server could not score this image'), { isFinal: true });
  }

  const faces = response.faces.map(({ box, landmarks, probabilities }) => ({ box, landmarks, probabilities }));
  return { bitmap, milliseconds: response.milliseconds, faces };
}
