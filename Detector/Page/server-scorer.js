// Scores on the server: a video's frames through a WebSocket, a picture there, the faces back, one at a time; a still picture as the file
// that it is.

const JPEG_QUALITY = 0.92;
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 10_000;
const ANSWER_WITHIN_MS = 20_000;

export class ServerScorer {
  where = 'on the server: pictures are sent there, and not kept';
  #canvas = new OffscreenCanvas(1, 1);
  #socket = null;
  #isClosed = false;
  #tell;

  /** @param tell is called with a problem's text when the server is gone, and with null when it is back */
  constructor(tell) {
    this.#tell = tell;
  }

  /** Takes the frame's bitmap, and gives it back: { faces, bitmap }. Waits for a server that is gone to come back. */
  async score({ bitmap, file }) {
    const picture = file ?? await this.#encode(bitmap);
    const ask = () => file ? post(file) : this.#ask(picture);
    for (let wait = RETRY_MS; !this.#isClosed; wait = Math.min(2 * wait, LONGEST_RETRY_MS)) {
      try {
        const answer = await ask();
        this.#tell(null);
        return read(answer, bitmap);
      } catch (error) {
        if (error.isFinal) {
          throw error;
        }

        this.#tell(error.isBusy ? 'The server is busy. Trying again…' : 'The server does not answer. Is it still running? Trying again…');
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

  async #ask(picture) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      this.#socket = await open(new URL('api/stream', document.baseURI.replace(/^http/, 'ws')));
    }

    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => socket.close(), ANSWER_WITHIN_MS);
      socket.onmessage = ({ data }) => { clearTimeout(giveUp); resolve(JSON.parse(data)); };
      socket.onclose = () => { clearTimeout(giveUp); reject(new Error('closed')); };
      socket.send(picture);
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

// An answer, or a problem by RFC 9457.
function read(answer, bitmap) {
  if (!answer.faces) {
    throw Object.assign(new Error(answer.detail ?? answer.title ?? 'the server could not score this picture'), { isFinal: true });
  }

  return { bitmap, milliseconds: answer.milliseconds, faces: answer.faces.map(({ box, landmarks, probabilities }) => ({ box, landmarks, probabilities })) };
}
