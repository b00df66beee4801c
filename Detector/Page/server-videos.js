// Files that the server reads whole: every frame of a video, or an image that this browser cannot show. The results become a recording.

import { Recording } from './recording.js';
import { Problem } from './state.js';

const POLL_MS = 500;

/**
 * Scores every frame of a video, and deletes the video on the server.
 * @param onProgress receives words about what is done, and the share done, in [0, 1]
 */
export async function readVideo(file, uncertainBelow, onProgress, signal) {
  onProgress(`Sending ${file.name} to the server`, 0);
  const { id } = await request('api/videos', { method: 'POST', body: file, signal });
  try {
    const { frames, remark } = await finish(id, onProgress, signal);
    const response = await fetch(`api/videos/${id}/events`, { signal });
    const events = (await response.text()).split('\n').filter(line => line).map(line => JSON.parse(line));
    return toRecording(file.name, events, uncertainBelow, `Every frame was scored by the server, ${frames.toLocaleString('en')} in all.${remark ? ` ${remark}` : ''}`);
  } finally {
    fetch(`api/videos/${id}`, { method: 'DELETE', keepalive: true }).catch(() => {});
  }
}

/** Scores an image. */
export async function readImage(file, uncertainBelow, signal) {
  const { faces, remark } = await request('api/faces', { method: 'POST', body: file, signal });
  const events = faces.map((face, i) => ({ ...face, frame: 0, timestampMs: 0, trackId: i + 1 }));
  return Object.assign(toRecording(file.name, events, uncertainBelow, `The server read the image.${remark ? ` ${remark}` : ''}`), { durationMs: 0 });
}

/** A source without images: the moments of a recording that has none, or whose images this browser cannot show. */
export class RecordedSource {
  status = 'ended';
  isPaused = true;
  isCamera = false;
  positionMs = 0;
  #isNew = true;
  #wanted = null;
  #isClosed = false;

  /** @param imageless the lead and words in the place of the image */
  constructor({ name, durationMs, frameMs }, imageless = {
    lead: `The server read ${name}`, words: 'This browser cannot show its images; the faces have their cards and timelines.',
  }) {
    Object.assign(this, { name, durationMs, frameMs, imageless, isStill: durationMs === 0 });
  }

  seek(timeMs) {
    this.positionMs = Math.max(0, Math.min(timeMs, this.durationMs));
    this.#isNew = true;
    this.#wanted?.();
  }

  step(frames) {
    this.seek(this.positionMs + frames * this.frameMs);
  }

  async next() {
    if (!this.#isNew && !this.#isClosed) {
      await new Promise(resolve => { this.#wanted = resolve; });
    }

    this.#isNew = false;
    return this.#isClosed ? null : { bitmap: null, timeMs: this.positionMs, grabbedAt: performance.now() };
  }

  close() {
    this.#isClosed = true;
    this.#wanted?.();
  }
}

async function finish(id, onProgress, signal) {
  for (;;) {
    const answer = await request(`api/videos/${id}`, { signal });
    const { state, frames, frameCount, remark } = answer;
    if (state === 'Done') {
      return answer;
    }

    if (state === 'Failed') {
      throw new Problem(`The server could not read the video to its end: ${remark}`, ['again', 'file', 'demo']);
    }

    onProgress(state === 'Waiting' ? 'The server is reading another video; this one is next'
      : `The server scores every frame: ${frames}${frameCount ? ` of ${frameCount}` : ''}`, frameCount ? Math.min(1, frames / frameCount) : 0);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
    signal.throwIfAborted();
  }
}

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    throw options.signal.aborted ? error : new Problem('The server does not answer. Is it still running?', ['again', 'file', 'demo']);
  }

  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Problem(`The server could not read this file: ${body.detail ?? response.status}.`, ['again', 'file', 'demo']);
  }

  return body;
}

function toRecording(name, events, uncertainBelow, coverage) {
  const recording = new Recording({ name, durationMs: Math.max(events.at(-1)?.timestampMs ?? 0, 1) }, uncertainBelow);
  const frames = new Map();
  for (const { frame, timestampMs, trackId, box, emotion, shown, probabilities, pose, quality, reason } of events) {
    const { faces } = frames.get(frame) ?? frames.set(frame, { index: frame, timeMs: timestampMs, faces: [] }).get(frame);
    faces.push({ trackId, box, emotion, isUncertain: shown === 'Uncertain', probabilities, pose, quality, reason });
  }

  recording.frames = [...frames.values()].sort((a, b) => a.timeMs - b.timeMs);
  const steps = recording.frames.slice(1).map(({ timeMs, index }, i) => (timeMs - recording.frames[i].timeMs) / (index - recording.frames[i].index));
  recording.frameMs = steps.reduce((a, b) => Math.min(a, b), Infinity);
  return Object.assign(recording, { isWhole: true, coverage }, Number.isFinite(recording.frameMs) ? {} : { frameMs: 40 });
}
