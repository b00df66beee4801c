// A session as one file: a zip with events.jsonl, meta.json, the picture if it was kept, and corrections.jsonl.

import { Problem } from '../state.js';

const FORMAT = 'mlnetemotion-session';
const VERSION = 1;
const EVENTS = 'events.jsonl';
const META = 'meta.json';
const CORRECTIONS = 'corrections.jsonl';
const VIDEOS = { 'video.webm': 'video/webm', 'video.mp4': 'video/mp4' };
const MAX_META_BYTES = 1e6;
const LOCAL_HEADER_BYTES = 30;

/** Loads zip.js, which npm installs when the Detector is built. */
export async function loadZip() {
  try {
    const zip = await import('../zip/zip-core-external.min.js');
    zip.configure({ useWebWorkers: false }); // its workers would need addresses that the page's security policy forbids
    return zip;
  } catch {
    throw new Problem('Sessions need zip.js, which npm installs when the Detector is built: install npm and build again. Events files (.jsonl) can be opened without it.', ['file']);
  }
}

/**
 * Opens a session. Nothing is unpacked but meta.json and the corrections; the picture stays a part of the file.
 * @returns { meta, video, corrections, words, readEvents(writable) }; video is a File or null, corrections the text
 */
export async function openSession(file) {
  const zip = await loadZip();
  const entries = await list(zip, file);
  const read = async (entry, writer) => {
    try {
      return await entry.getData(writer, { checkSignature: true });
    } catch (error) {
      throw new Problem(`${file.name}: ${entry.filename} is damaged in the zip (${error.message}).`, ['file']);
    }
  };
  const meta = await readMeta(zip, file, entries.get(META), read);
  if (!entries.has(EVENTS)) {
    throw new Problem(`${file.name}: the zip has no ${EVENTS}, so it is no session.`, ['file']);
  }

  const videoName = meta.video && entries.has(meta.video) ? meta.video : null;
  const words = meta.video && !videoName ? [`${file.name} names the picture ${meta.video}, which is not in it; the events are shown without it.`] : [];
  const known = [EVENTS, META, CORRECTIONS, videoName];
  const foreign = [...entries.values()].filter(({ filename, directory }) => !directory && !known.includes(filename)).map(({ filename }) => filename);
  if (foreign.length) {
    words.push(`${file.name} also has ${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''}, no part of a session: it will not be in a file that is saved here.`);
  }

  return {
    meta, words,
    video: videoName && await stored(zip, file, entries.get(videoName), read),
    corrections: entries.has(CORRECTIONS) ? await read(entries.get(CORRECTIONS), new zip.TextWriter()) : '',
    readEvents: writer => read(entries.get(EVENTS), writer),
  };
}

/** The events of a session's file, unpacked. */
export async function eventsOf(file) {
  const { readEvents } = await openSession(file);
  return readEvents(new (await loadZip()).BlobWriter());
}

/**
 * Makes a session's file.
 * @param session { events, video, meta, corrections }: a Blob, a File named video.webm or video.mp4 or null, meta.json without format and version, and text
 */
export async function makeSession({ events, video, meta, corrections }) {
  const zip = await loadZip();
  const writer = new zip.ZipWriter(new zip.BlobWriter('application/zip'));
  await writer.add(META, new zip.TextReader(`${JSON.stringify({ format: FORMAT, version: VERSION, ...meta, video: video?.name ?? null }, null, 2)}\n`));
  await writer.add(EVENTS, new zip.BlobReader(events));
  if (corrections) {
    await writer.add(CORRECTIONS, new zip.TextReader(corrections));
  }

  if (video) {
    await writer.add(video.name, new zip.BlobReader(video), { level: 0 });
  }

  return writer.close();
}

async function list(zip, file) {
  let found;
  try {
    found = await new zip.ZipReader(new zip.BlobReader(file)).getEntries();
  } catch ({ filename }) { // zip.js names an entry whose path is unsafe
    throw new Problem(filename !== undefined ? `${file.name}: its entry '${filename}' leaves the zip, so this page did not make it; nothing of it was read.`
      : `${file.name}: the zip is cut off or damaged: its directory, at its end, cannot be read. Copy or save it again.`, ['file']);
  }

  const entries = new Map();
  for (const entry of found) {
    const name = entry.filename;
    if (entries.has(name) || entry.encrypted) {
      throw new Problem(`${file.name}: its entry '${name}' is ${entry.encrypted ? 'encrypted' : 'there twice'}; expected a session as this page saves it.`, ['file']);
    }

    entries.set(name, entry);
  }

  return entries;
}

async function readMeta(zip, file, entry, read) {
  let meta = null;
  if (entry?.uncompressedSize <= MAX_META_BYTES) {
    try {
      meta = JSON.parse(await read(entry, new zip.TextWriter()));
    } catch (error) {
      throw error instanceof Problem ? error : new Problem(`${file.name}: ${META} is no JSON.`, ['file']);
    }
  }

  if (meta?.format !== FORMAT) {
    throw new Problem(`${file.name}: a zip, but no session: expected ${META} with the format '${FORMAT}'.`, ['file']);
  }

  if (meta.version !== VERSION) {
    throw new Problem(`${file.name}: a session of version ${meta.version}; this page reads version ${VERSION}. Open it with the program that made it.`, ['file']);
  }

  if (meta.video && !VIDEOS[meta.video]) {
    throw new Problem(`${file.name}: ${META} names the picture '${meta.video}', expected ${Object.keys(VIDEOS).join(' or ')}.`, ['file']);
  }

  return meta;
}

// A stored entry is a part of the file; only the local header says where its data begin.
async function stored(zip, file, entry, read) {
  const type = VIDEOS[entry.filename];
  if (entry.compressionMethod !== 0) {
    return new File([await read(entry, new zip.BlobWriter())], entry.filename, { type });
  }

  const header = new DataView(await file.slice(entry.offset, entry.offset + LOCAL_HEADER_BYTES).arrayBuffer());
  const start = entry.offset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  return new File([file.slice(start, start + entry.compressedSize)], entry.filename, { type });
}
