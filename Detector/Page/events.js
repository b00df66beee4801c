// Exports a recording in the format of the Detector's '--events': one line per face and frame (Detector/Output/EventLog.cs).

const decimals = (value, count) => Number(value.toFixed(count));
const probability = value => decimals(value, 6);

/** The events of one frame, without its index. */
export const eventsOf = (name, timeMs, faces) => faces.map(face => ({
  source: name,
  timestampMs: decimals(timeMs, 3),
  trackId: face.trackId,
  box: { x: face.box.x, y: face.box.y, width: face.box.width, height: face.box.height },
  emotion: face.emotion,
  shown: face.isUncertain ? 'Uncertain' : face.emotion,
  confidence: probability(face.probabilities[face.emotion]),
  probabilities: Object.fromEntries(Object.entries(face.probabilities).map(([emotion, value]) => [emotion, probability(value)])),
  pose: face.pose ? Object.fromEntries(Object.entries(face.pose).map(([angle, value]) => [angle, decimals(value, 1)])) : null,
  quality: face.quality ? { ...face.quality, sharpness: decimals(face.quality.sharpness, 3), light: decimals(face.quality.light, 3) } : null,
  reason: face.reason ?? null,
}));

const numbered = (name, frame, timeMs, faces) => eventsOf(name, timeMs, faces).map(({ source, ...event }) => ({ source, frame, ...event }));
const toLines = events => events.map(event => `${JSON.stringify(event)}\n`).join('');

/** The events of all faces of all frames, by time. */
const events = ({ name, frames }) => frames.flatMap(({ timeMs, faces, index }, i) => numbered(name, index ?? i, timeMs, faces));

export const toJsonLines = recording => toLines(events(recording));

/** The lines of one frame. */
export const frameLines = (name, frame, timeMs, faces) => toLines(numbered(name, frame, timeMs, faces));

export function toCsv(recording, emotions) {
  const header = `frame,timestampMs,trackId,x,y,width,height,emotion,confidence,${emotions.join(',')},shown,source,yaw,pitch,roll,sidePixels,sharpness,light,reason`;
  const source = /[",\r\n]/.test(recording.name) ? `"${recording.name.replaceAll('"', '""')}"` : recording.name;
  const lines = events(recording).map(({ frame, timestampMs, trackId, box, emotion, shown, confidence, probabilities, pose, quality, reason }) => [
    frame, timestampMs, trackId, box.x, box.y, box.width, box.height, emotion, confidence,
    ...emotions.map(name => probabilities[name]), shown, source,
    pose?.yaw, pose?.pitch, pose?.roll, quality?.sidePixels, quality?.sharpness, quality?.light, reason].join(','));
  return [header, ...lines, ''].join('\n');
}

/** Saves texts or blobs as one file in the user's downloads. */
export function download(name, type, ...parts) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
