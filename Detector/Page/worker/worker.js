// Scores images in a worker thread. Messages in: load, then score; out: chosen, progress, ready or failed, scored.

import { Classifier } from './classifier.js';
import { cropFace } from './face-preprocessor.js';
import { Downloads } from './downloads.js';
import { intersection, HIGH_SCORE_THRESHOLD, within } from './yunet-decoder.js';
import { findingsOf } from './findings.js';
import { hasGpu, Runtime } from './runtime.js';
import { YuNet } from './yunet.js';

// WebAssembly takes about half of that.
const MAX_GPU_MS = 150;

const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext('2d', { willReadFrequently: true });
let yunet;
let finder;
let classifier;
let labels;

const handlers = { load, score };
self.onmessage = ({ data }) => handlers[data.type](data).catch(error =>
  self.postMessage({ type: 'failed', id: data.id, message: error.message ?? String(error) }));

async function load({ info, allowGpu }) {
  const downloads = new Downloads((loaded, total) => self.postMessage({ type: 'progress', loaded, total }));
  const runtime = new Runtime(allowGpu && await hasGpu() ? 'webgpu' : 'wasm');
  self.postMessage({ type: 'chosen', kind: runtime.kind });
  const emotion = downloads.fetchCached(info.modelUrl, info.sha256);
  emotion.catch(() => {}); // is awaited later
  const [faces, { FaceFinder }] = await Promise.all([downloads.fetch(info.faceDetector.url), import('./face-finder.js'), runtime.load(downloads)]);
  yunet = new YuNet(await runtime.open(faces)); // the small model first: the runtime starts while the large one loads
  finder = new FaceFinder(yunet);
  labels = info.emotions.map(({ name }) => name);
  classifier = new Classifier(await runtime.open(await emotion), labels);

  await warmUp(info); // the first run initializes the networks, which would delay the first image
  if (runtime.kind === 'webgpu') {
    const started = performance.now();
    await warmUp(info);
    if (performance.now() - started > MAX_GPU_MS) {
      throw new Error('the graphics processor is too slow');
    }
  }

  self.postMessage({ type: 'ready' });
}

async function warmUp(info) {
  const gray = { data: new Uint8ClampedArray(4 * 320 * 240).fill(128), width: 320, height: 240 };
  await yunet.find(gray, info);
  await classifier.score([cropFace(gray, { x: 0, y: 0, width: 48, height: 48 })]);
}

/** @param moment a video frame's { timeMs, every, continues } (FaceFinder); null for a still image, which has no trackId */
async function score({ id, bitmap, search, moment }) {
  const started = performance.now();
  const image = read(bitmap);
  const frame = { x: 0, y: 0, width: image.width, height: image.height };
  const found = moment ? await finder.find(image, search, moment) : await findStill(image, search, frame);
  const crops = found.map(face => cropFace(image, face.box, face.landmarks));
  const scores = await classifier.score(crops);
  const faces = found.map(({ trackId, box, landmarks }, i) => ({
    trackId, box: within(box, image), landmarks, ...findingsOf(found[i], crops[i], frame), probabilities: Object.fromEntries(labels.map((label, k) => [label, scores[i][k]])),
  }));
  self.postMessage({ type: 'scored', id, faces, bitmap, milliseconds: performance.now() - started }, [bitmap]);
}

const findStill = async (image, search, frame) =>
  (await yunet.find(image, search)).filter(face => face.score >= HIGH_SCORE_THRESHOLD && intersection(face.box, frame) > 0);

function read(bitmap) {
  const { width, height } = bitmap;
  if (canvas.width !== width || canvas.height !== height) {
    [canvas.width, canvas.height] = [width, height];
  }

  context.globalCompositeOperation = 'copy'; // replaces the previous image, also where this one is transparent
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}
