// Turns YuNet's guesses into faces: of those that are good enough, the best of each that overlap. As Shared/Faces/YuNetDecoder and
// Shared/Imaging/Box do it.

const f = Math.fround;
const MAX_IOU = 0.3;
const MAX_SHARE_OF_LARGER = 0.5;
const SIDE_TO_HEIGHT = 0.92;
const UNSURE_SCORE = 0.35;
const MAX_PIXELS = 1 << 20;

/** What scores at least this is a face. */
export const SURE_SCORE = 0.6;

/** The finest and the coarsest of the grids have cells of 8 and 32 pixels: pictures are multiples of the latter a side. */
export const STRIDES = [8, 16, 32];

export const POINTS = ['rightEye', 'leftEye', 'nose', 'rightMouthCorner', 'leftMouthCorner'];

/** Rounds halves to the even neighbour, as .NET does. */
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

/** The part of a box within a picture; where there is none, the pixel that is closest. */
export function within(box, { width, height }) {
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const x = clamp(box.x, 0, width - 1);
  const y = clamp(box.y, 0, height - 1);
  return { x, y, width: clamp(box.x + box.width - x, 1, width - x), height: clamp(box.y + box.height - y, 1, height - y) };
}

/**
 * @param outputs the network's: cls_S, obj_S, bbox_S and kps_S for each stride S
 * @param width the network's input, in pixels
 * @param scale how many of the picture's pixels are one of the input's: { x, y }
 * @param faces the larger faces that were found before, if any; those beside them are added
 */
export function decode(outputs, width, scale, { minSide, maxSide = Infinity, minScore = UNSURE_SCORE }, faces) {
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

      // Numbers that make no box, NaN or far from any picture, are no face.
      if (Object.values(box).every(value => Math.abs(value) <= MAX_PIXELS) && marks.every(Number.isFinite)) {
        found.push({ score, box, landmarks: landmarks(marks, cell, { x: f(stride * scale.x), y: f(stride * scale.y) }) });
      }
    }
  }

  return found;
}

// YuNet's boxes are narrow and high; emotion models are trained on squares.
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
