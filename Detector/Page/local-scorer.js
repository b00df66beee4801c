// Scores in the browser, in a worker. No image leaves the machine.

import { Problem } from './state.js';

/** The reason why this browser cannot score with this server's models; null if it can. */
export function whyNotLocal(info) {
  return !info.browserRuntime ? 'this build has no onnxruntime-web; build the Detector where npm is installed'
    : !info.modelUrl ? 'the model is no ONNX file'
    : !info.faceDetector.url ? "the server finds faces by a cascade; start it without '--face-detector' and '--face-model'"
    : typeof Worker === 'undefined' || typeof OffscreenCanvas === 'undefined' || typeof WebAssembly === 'undefined' ? 'this browser is too old for it'
    : null;
}

export class LocalScorer {
  #worker;
  #info;
  #waiting = new Map();
  #lastId = 0;
  #error = null;

  /** @param onProgress receives the number of bytes loaded, and the total */
  static async open(info, onProgress) {
    try {
      return await new LocalScorer(info).#load(onProgress, true);
    } catch (error) {
      // WebGPU may be available and still fail; WebAssembly is the fallback.
      if (error.kind === 'webgpu') {
        return await new LocalScorer(info).#load(onProgress, false);
      }

      throw error;
    }
  }

  constructor(info) {
    const { modelUrl, faceDetector } = info;
    this.#info = { ...info, modelUrl: besideThePage(modelUrl), faceDetector: { ...faceDetector, url: besideThePage(faceDetector.url) } };
  }

  get where() {
    return `in this browser, on the ${this.kind === 'webgpu' ? 'graphics processor' : 'processor'}`;
  }

  /**
   * Transfers the frame's bitmap to the worker and returns it with the faces: { faces, bitmap }. Still images have a file and use stillDetectWidth; the
   * whole image is searched in them, in a frame that does not continue the previous one, and otherwise by the Detector's schedule.
   * @param everyFrame whether to search each frame
   */
  score({ bitmap, file, timeMs = 0, continues = false }, { everyFrame = false } = {}) {
    if (this.#error) {
      return Promise.reject(this.#error);
    }

    const id = ++this.#lastId;
    const { minFacePixels, detectWidth, stillDetectWidth } = this.#info;
    const search = { minFacePixels, detectWidth: file ? stillDetectWidth : detectWidth };
    const moment = file ? null : { timeMs, continues, every: everyFrame ? 1 : null };
    this.#worker.postMessage({ type: 'score', id, bitmap, search, moment }, [bitmap]);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  close() {
    this.#worker.terminate();
    this.#waiting.forEach(({ reject }) => reject(new Error('stopped')));
  }

  #load(onProgress, allowGpu) {
    return new Promise((resolve, reject) => {
      const fail = message => {
        this.#worker.terminate();
        this.#error = new Problem(`Scoring in this browser stopped: ${message}.`, ['scoreServer', 'reload']);
        this.#waiting.forEach(waiting => waiting.reject(this.#error));
        reject(Object.assign(new Error(message), { kind: this.kind }));
      };
      const handlers = {
        chosen: ({ kind }) => { this.kind = kind; },
        progress: ({ loaded, total }) => onProgress(loaded, total),
        ready: () => resolve(this),
        failed: ({ id, message }) => id ? this.#settle(id).reject(new Problem(`This image could not be scored in this browser: ${message}.`, ['scoreServer', 'again', 'file'])) : fail(message),
        scored: result => this.#settle(result.id).resolve(result),
      };
      this.#worker = new Worker(new URL('worker/worker.js', import.meta.url), { type: 'module' });
      this.#worker.onmessage = ({ data }) => handlers[data.type](data);
      this.#worker.onerror = ({ message }) => fail(message ?? 'the worker does not start');
      this.#worker.postMessage({ type: 'load', info: this.#info, allowGpu });
    });
  }

  #settle(id) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

// A proxy may serve the page under a path that the server does not know; so files are addressed from the page.
const besideThePage = url => new URL(`models/${url.split('/').at(-1)}`, document.baseURI).href;
