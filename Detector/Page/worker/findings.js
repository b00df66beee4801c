// The head's pose, the crop's quality and the reason of an uncertain face: ports of Shared/Faces/HeadPose, Shared/Imaging/FaceQuality and
// Detector/Frames/FaceDoubt.

import { SIZE } from './face-preprocessor.js';
import { intersection } from './yunet-decoder.js';

// The mean face in centimetres, centred: x to the image's right, y down, z away from the camera.
const MEAN = centred([[-3.15, -2.62, -3.6], [3.15, -2.62, -3.6], [0, 1.5, -7.48], [-2.456, 4.34, -4.28], [2.456, 4.34, -4.28]]);
const [XX, YY, ZZ, YZ] = [[0, 0], [1, 1], [2, 2], [1, 2]].map(([i, j]) => MEAN.reduce((sum, point) => sum + point[i] * point[j], 0));

/** The approximate pose, the quality, and the share of the box outside the frame. */
export const findingsOf = ({ box, landmarks }, crop, frame) =>
  ({ pose: landmarks ? poseOf(landmarks) : null, quality: qualityOf(box, crop), cutOff: 1 - intersection(box, frame) / (box.width * box.height) });

/** { yaw, pitch, roll } in degrees; null if the landmarks lie on a line. */
export function poseOf({ rightEye, leftEye, nose, rightMouthCorner, leftMouthCorner }) {
  const points = [rightEye, leftEye, nose, rightMouthCorner, leftMouthCorner];
  const [[a1, b1, c1], [a2, b2, c2]] = [fit(points.map(({ x }) => x)), fit(points.map(({ y }) => y))];
  const [p, q, r] = [a1 * a1 + b1 * b1 + c1 * c1, a1 * a2 + b1 * b2 + c1 * c2, a2 * a2 + b2 * b2 + c2 * c2];
  const root = Math.sqrt(p * r - q * q);
  const scale = root * Math.sqrt(p + r + 2 * root);
  if (!(scale > 1e-9)) {
    return null;
  }

  const row = (first, second) => [(first * a1 + second * a2) / scale, (first * b1 + second * b2) / scale, (first * c1 + second * c2) / scale];
  const [[x1, y1, z1], [x2, y2, z2]] = [row(r + root, -q), row(-q, p + root)];
  const [x3, y3, z3] = [y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2];
  return { yaw: degrees(Math.asin(Math.max(-1, Math.min(x3, 1)))), pitch: degrees(-Math.atan2(y3, z3)), roll: degrees(Math.atan2(x2, x1)) };
}

/** @param crop gray values [48, 48] */
export function qualityOf({ width, height }, crop) {
  let [sum, squares, bends, bendSquares] = [0, 0, 0, 0];
  for (let i = 0; i < crop.length; i++) {
    sum += crop[i];
    squares += crop[i] * crop[i];
    const column = i % SIZE;
    if (i >= SIZE && i < crop.length - SIZE && column > 0 && column < SIZE - 1) {
      const bend = crop[i - SIZE] + crop[i - 1] + crop[i + 1] + crop[i + SIZE] - 4 * crop[i];
      bends += bend;
      bendSquares += bend * bend;
    }
  }

  const gray = variance(sum, squares, crop.length);
  const sharpness = gray > 0 ? Math.sqrt(variance(bends, bendSquares, (SIZE - 2) * (SIZE - 2)) / gray) : 0;
  return { sidePixels: Math.max(width, height), sharpness, light: sum / (255 * crop.length) };
}

/** The cards' words for the reasons that lie in the image. */
export const reasonWords = { small: 'small', dark: 'dark', blurred: 'blurred', turnedAway: 'turned away', cutOff: 'cut off' };

/** The name of the first limit that a face is beyond; null if there is none. */
export function doubtOf({ pose, quality, cutOff }, limits) {
  return quality?.sidePixels < limits.smallBelow ? 'small'
    : quality?.light < limits.darkBelow ? 'dark'
    : quality?.sharpness < limits.blurredBelow ? 'blurred'
    : pose && Math.max(Math.abs(pose.yaw), Math.abs(pose.pitch)) > limits.turnedBeyond ? 'turnedAway'
    : cutOff > limits.cutOffBeyond ? 'cutOff'
    : null;
}

function fit(values) {
  const [x, y, z] = [0, 1, 2].map(axis => values.reduce((sum, value, i) => sum + value * MEAN[i][axis], 0));
  const determinant = YY * ZZ - YZ * YZ;
  return [x / XX, (ZZ * y - YZ * z) / determinant, (YY * z - YZ * y) / determinant];
}

function centred(points) {
  const mean = [0, 1, 2].map(axis => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  return points.map(point => point.map((value, axis) => value - mean[axis]));
}

const degrees = radians => radians * 180 / Math.PI;

const variance = (sum, squares, count) => (count * squares - sum * sum) / (count * count);
