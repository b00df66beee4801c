// Segments of a table's faces, as 'Detector segments' makes them (Detector/Segments/SegmentBuilder.cs), and their pixels on a timeline.

import { firstIndex } from '../recording.js';
import { UNCERTAIN } from './events-table.js';

const MAX_FRAME_MS = 1000;
const DEFAULT_FRAME_MS = 40;
const SLACK_MS = 0.5; // a seek may round

const MIN_MS = 500;
const GAP_MS = 200;

/** The value of a column of pixels without a segment. */
export const NONE = 255;

/** The frames' durations: the time to the next frame, a second at most, shared equally with frames in between that have no face. The last one lasts as long as the one before. */
export function durationsOf({ times, indexes }) {
  const durations = new Float64Array(times.length);
  let last = DEFAULT_FRAME_MS;
  for (let i = 0; i + 1 < times.length; i++) {
    const step = indexes[i + 1] - indexes[i]; // not above 0 only where the clock went back
    durations[i] = step > 0 ? Math.min((times[i + 1] - times[i]) / step, MAX_FRAME_MS) : last;
    last = durations[i] > 0 ? durations[i] : last;
  }

  durations[times.length - 1] = last;
  return durations;
}

/** The runs of one shown emotion of each face: Map of trackId to { emotion, startMs, endMs }, by time. */
export function segmentsOf(table, minMs = MIN_MS, gapMs = GAP_MS) {
  const durations = durationsOf(table);
  const faces = new Map();
  const close = face => {
    if (face.open && face.open.endMs > face.open.startMs && face.open.endMs - face.open.startMs >= minMs) {
      face.segments.push(face.open);
    }
  };
  table.times.forEach((time, frame) => {
    for (let row = table.firstRows[frame]; row < table.endRows[frame]; row++) {
      const [id, emotion] = [table.track[row], table.shown[row]];
      const face = faces.get(id) ?? { open: null, segments: [] };
      faces.set(id, face);
      if (emotion === UNCERTAIN) {
        continue;
      }

      if (face.open?.emotion !== emotion || time - face.open.endMs > gapMs) {
        close(face);
        face.open = { emotion, startMs: time, endMs: time };
      }

      face.open.endMs = time + durations[frame];
    }
  });
  return new Map([...faces].sort(([a], [b]) => a - b).map(([id, face]) => {
    close(face);
    return [id, face.segments];
  }));
}

/** The index of the first span that ends after a moment; spans are sorted and do not overlap. */
export const firstAfter = (spans, timeMs) => firstIndex(spans.length, i => spans[i].endMs <= timeMs);

/** The span at a moment; null if there is none. */
export function spanAt(spans, timeMs) {
  const span = spans[firstAfter(spans, timeMs)];
  return span && span.startMs <= timeMs ? span : null;
}

/** The nearest start or end of a span after a moment (direction 1) or before it (-1); null if there is none. */
export function nextChange(lists, timeMs, direction) {
  const candidates = lists.flatMap(spans => {
    const at = firstAfter(spans, timeMs);
    return spans.slice(Math.max(0, at - 2), at + 3).flatMap(({ startMs, endMs }) => [startMs, endMs]);
  }).filter(change => direction * (change - timeMs) > SLACK_MS);
  return candidates.length ? direction * Math.min(...candidates.map(change => direction * change)) : null;
}

/** The first span that starts after a moment (direction 1), or the last one that starts before it (-1); undefined if there is none. */
export const neighbourOf = (spans, timeMs, direction) => direction > 0 ? spans.find(({ startMs }) => startMs > timeMs + SLACK_MS) : spans.findLast(({ startMs }) => startMs < timeMs - SLACK_MS);

/** For each of width pixels of [fromMs, toMs), the value of the span that covers most of it; NONE if none does. */
export function pixelsOf(spans, fromMs, toMs, width, valueOf = ({ emotion }) => emotion) {
  const pixels = new Uint8Array(width).fill(NONE);
  const most = new Float64Array(width);
  const scale = width / (toMs - fromMs);
  for (let i = firstAfter(spans, fromMs); i < spans.length && spans[i].startMs < toMs; i++) {
    const [start, end] = [Math.max(0, (spans[i].startMs - fromMs) * scale), Math.min(width, (spans[i].endMs - fromMs) * scale)];
    for (let x = Math.floor(start); x < end; x++) {
      const covered = Math.min(end, x + 1) - Math.max(start, x);
      if (covered > most[x]) {
        [pixels[x], most[x]] = [valueOf(spans[i]), covered];
      }
    }
  }

  return pixels;
}
