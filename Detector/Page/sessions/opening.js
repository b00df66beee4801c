// Opens sessions and events files, with the picture that belongs to them, and saves them again.

import { download } from '../events.js';
import { RecordedSource } from '../server-videos.js';
import { openVideo } from '../sources.js';
import { clockOf } from '../screen.js';
import { Problem } from '../state.js';
import { parseCorrections } from './corrections.js';
import { asPicture, withZone } from './record-controls.js';
import { eventsOf, makeSession } from './session-file.js';
import { SessionRecording } from './session-recording.js';

const END_SLACK_MS = 500; // of a picture that ends before its events

/** The session or events file among the files that a user chose; undefined if there is none. */
export const sessionAmong = files => files.find(({ name }) => /\.(zip|jsonl)$/i.test(name));

/**
 * Opens a session, or an events file.
 * @param files the session or events file, and perhaps its video
 * @param emotions the names of the model's emotions
 * @returns { source, recording }, whose recording.opened has the file, video, meta, the corrections' rows, words, and readEvents() for the original lines
 */
export async function openSessionFiles(files, emotions, signal) {
  const file = sessionAmong(files);
  const added = files.find(({ type }) => type.startsWith('video/'));
  const { meta, video: kept, corrections, table, words } = await read(file, added?.name ?? null, emotions, signal);
  const isSession = /\.zip$/i.test(file.name);
  if (table.rows === 0 && !isSession) {
    throw new Problem(`${file.name} has no events.`, ['file']);
  }

  const recording = new SessionRecording(isSession ? file.name : table.source, table, emotions, meta.names);
  const rows = parseCorrections(corrections, emotions, file.name);
  const readEvents = async () => isSession ? eventsOf(file) : table.isOneOfSeveral ? linesOf(file, table.source) : file;
  const lengthMs = !added && meta.durationMs > 0 ? meta.durationMs : null;
  const picture = added || kept ? await openPicture(added ?? kept, recording, lengthMs, words) : null;
  const source = picture ?? new RecordedSource(recording, {
    lead: `${file.name} without a picture`, words: isSession ? '' : 'Open it together with its video to see the faces.',
  });
  recording.durationMs = source.durationMs ?? recording.durationMs;
  recording.opened = { file, readEvents, video: picture && added ? added : kept, meta, rows, words }; // a video of another recording is not saved with it
  return { source, recording };
}

// Which model and settings made an events file is not known.
const unknown = { model: { name: null, sha256: null }, settings: {} };

/** Saves what was opened, with the names and corrections. @param versions of the programs, for an events file */
export async function saveSession({ opened, faceNames, durationMs }, corrections, versions) {
  const { file, readEvents, video, meta } = opened;
  const picture = asPicture(video);
  const start = meta.start ?? withZone(new Date(file.lastModified));
  const zip = await makeSession({ events: await readEvents(), video: picture, meta: { ...unknown, versions, start, durationMs: Math.round(durationMs), ...meta, names: faceNames }, corrections: corrections.toJsonLines() });
  download(`${file.name.replace(/\.[^.]*$/, '')}.zip`, 'application/zip', zip);
  return video && !picture ? `${video.name} is neither WebM nor MP4, so the session was saved without it: open both together.` : '';
}

function read(file, videoName, emotions, signal) {
  const worker = new Worker(new URL('reading-worker.js', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    worker.onerror = ({ message }) => reject(new Problem(`${file.name} could not be read: ${message}`, ['file']));
    worker.onmessage = ({ data }) => data.problem ? reject(new Problem(data.problem, data.actions)) : resolve(data);
    worker.postMessage({ file, videoName, emotions });
  }).finally(() => worker.terminate());
}

// Returns null, with words, if the picture cannot be shown or is another recording's.
async function openPicture(video, recording, durationMs, words) {
  let source;
  try {
    source = await openVideo(URL.createObjectURL(video), video.name, false, durationMs);
  } catch (error) {
    words.push(`${error.message} The events are shown without it.`);
    return null;
  }

  const strange = recording.faceOutside(source.width, source.height);
  const reason = source.durationMs !== null && recording.endMs > source.durationMs + END_SLACK_MS
    ? `${video.name} ends at ${clockOf(source.durationMs)} and the events at ${clockOf(recording.endMs)}`
    : strange !== null ? `face ${strange} is outside of ${video.name}, which has ${source.width}x${source.height} pixels` : null;
  if (reason) {
    source.close();
    words.push(`${reason}: they do not belong together, or the video is incomplete. The events are shown without it.`);
    return null;
  }

  return source;
}

// Of an events file of several sources, the lines of one.
async function linesOf(file, source) {
  const lines = (await file.text()).split('\n').filter(line => line && JSON.parse(line).source === source);
  return new Blob(lines.map(line => `${line}\n`));
}
