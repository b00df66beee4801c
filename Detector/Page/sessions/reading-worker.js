// Reads a session, or an events file, apart from the page, which stays usable meanwhile. Typed arrays and parts of the file are passed back without copying.

import { EventsReader } from './events-table.js';
import { openSession } from './session-file.js';
import { Problem } from '../state.js';

addEventListener('message', async ({ data: { file, videoName, emotions } }) => {
  try {
    const isSession = /\.zip$/i.test(file.name);
    const session = isSession ? await openSession(file) : { meta: {}, video: null, corrections: '', words: [] };
    const reader = new EventsReader(isSession ? `${file.name}, events.jsonl` : file.name, emotions);
    const { readable, writable } = new TransformStream();
    const ends = await Promise.allSettled([push(readable, reader), isSession ? session.readEvents(writable) : file.stream().pipeTo(writable)]);
    const errors = ends.filter(({ reason }) => reason).map(({ reason }) => reason);
    if (errors.length) {
      throw errors.find(error => error instanceof Problem) ?? errors[0]; // an error at one end closes the other
    }

    const table = reader.finish(videoName);
    const { meta, video, corrections, words } = session;
    postMessage({ meta, video, corrections, table, words: [...words, ...table.words] }, Object.values(table).map(column => column?.buffer).filter(Boolean));
  } catch (error) {
    postMessage({ problem: error.message, actions: error.actions ?? ['file'] });
  }
});

async function push(readable, reader) {
  const texts = readable.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await texts.read();
    if (done) {
      return;
    }

    try {
      reader.push(value);
    } catch (error) {
      await texts.cancel(error);
      throw error;
    }
  }
}
