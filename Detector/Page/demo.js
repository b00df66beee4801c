// The demo's schedule (Detector/Sources/DemoSource.cs): three drawn people, each of whom acts the seven emotions in turn.

const FRAME_MS = 40;
const FRAMES_PER_EMOTION = 30;
const HALF_MORPH = 4; // frames until a new expression is the stronger one
const PERSON_WIDTH = 240;
const OFFSET = 2 * FRAMES_PER_EMOTION + FRAMES_PER_EMOTION / 3;

/** The emotion that a drawn face acts at a moment. */
export function actOf({ box }, timeMs, emotions) {
  const person = Math.floor((box.x + box.width / 2) / PERSON_WIDTH);
  const cycle = emotions.length * FRAMES_PER_EMOTION;
  const moment = (Math.round(timeMs / FRAME_MS) + person * OFFSET - HALF_MORPH + cycle) % cycle;
  return emotions[Math.floor(moment / FRAMES_PER_EMOTION)].name;
}
