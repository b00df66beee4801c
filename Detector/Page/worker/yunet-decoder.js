// Decodes YuNet's outputs to faces, with a score threshold and non-maximum suppression. A port of Shared/Faces/YuNetDecoder and
// Shared/Imaging/Box.

const f = Math.fround;
const MAX_IOU = 0.3;
const MAX_SHARE_OF_LARGER = 0.5;
const SIDE_TO_HEIGHT = 0.92;
const LOW_SCORE_THRESHOLD = 0.35;
const MAX_PIXELS = 1 << 20;

/** Detections at or above this score are faces. */
export const HIGH_SCORE_THRESHOLD = 0.6;

/** The cell sizes of the three output grids, in pixels; both sides of the input are multiples of the largest. */
export const STRIDES = [8, 16, 32];

export const POINTS = ['rightEye', 'leftEye', 'nose', 'rightMouthCorner', 'leftMouthCorner'];

/** Rounds half to even, as .NET does. */
export function round(value) {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + Math.abs(floor % 2) : Math.round(value);
}

export function intersection(a, b) {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width <= 0 || height <= 0 ? 0 : width * height;
}

export function iou(a, b) {
  const shared = intersection(a, b);
  return shared === 0 ? 0 : shared / (a.width * a.height + b.width * b.height - shared);
}

/** The part of a box within an image; the closest pixel if they do not overlap. */
export function within(box, { width, height }) {
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const x = clamp(box.x, 0, width - 1);
  const y = clamp(box.y, 0, height - 1);
  return { x, y, width: clamp(box.x + box.width - x, 1, width - x), height: clamp(box.y + box.height - y, 1, height - y) };
}

/**
 * @param outputs the network's outputs: cls_S, obj_S, bbox_S and kps_S for each stride S
 * @param width the width of the network's input, in pixels
 * @param scale the number of image pixels per input pixel: { x, y }
 * @param faces the larger faces found before, if any; faces that do not overlap them are added
 */
export function decode(outputs, width, scale, { minSide, maxSide = Infinity, minScore = LOW_SCORE_THRESHOLD }, faces) {
  const candidates = STRIDES.flatMap(stride => collect(outputs, stride, width / stride, scale, minScore))
    .filter(({ box }) => box.width >= minSide && box.width <= maxSide)
    .sort((a, b) => b.score - a.score);
  const larger = faces.length;
  for (const candidate of candidates) {
    const maxShared = MAX_SHARE_OF_LARGER * candidate.box.width * candidate.box.height;
    const isCovered = faces.some(({ box }, i) =>
      iou(box, candidate.box) > MAX_IOU || (i < larger && intersection(box, candidate.box) > maxShared));
    if (!isCovered) {
      faces.push(candidate);
    }
  }

  return faces;
}

function collect(outputs, stride, columns, scale, minScore) {
  const [classes, objects, boxes, points] = ['cls', 'obj', 'bbox', 'kps'].map(name => outputs[`${name}_${stride}`].data);
  const found = [];
  for (let i = 0; i < classes.length; i++) {
    const probability = value => Math.min(Math.max(value, 0), 1);
    const score = f(Math.sqrt(f(probability(classes[i]) * probability(objects[i]))));
    if (score >= f(minScore)) {
      const cell = { x: i % columns, y: Math.floor(i / columns) };
      const box = square(boxes.subarray(4 * i, 4 * i + 4), cell, stride, scale);
      const marks = points.subarray(10 * i, 10 * i + 10);

      // Detections with NaN, or far outside any image, are dropped.
      if (Object.values(box).every(value => Math.abs(value) <= MAX_PIXELS) && marks.every(Number.isFinite)) {
        found.push({ score, box, landmarks: landmarks(marks, cell, { x: f(stride * scale.x), y: f(stride * scale.y) }) });
      }
    }
  }

  return found;
}

// YuNet's boxes are narrow and tall; emotion models are trained on squares.
function square(box, cell, stride, scale) {
  const side = SIDE_TO_HEIGHT * Math.exp(box[3]) * stride;
  const left = f(f(cell.x + box[0]) * stride) - side / 2;
  const top = f(f(cell.y + box[1]) * stride) - side / 2;
  return {
    x: round(left * scale.x), y: round(top * scale.y),
    width: Math.max(1, round(side * scale.x)), height: Math.max(1, round(side * scale.y)),
  };
}

const landmarks = (points, cell, scale) => Object.fromEntries(POINTS.map((name, i) =>
  [name, { x: f(f(points[2 * i] + cell.x) * scale.x), y: f(f(points[2 * i + 1] + cell.y) * scale.y) }]));
