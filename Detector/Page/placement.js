// Places the bars of a face beside it, where they overlap other boxes the least (Detector/Display/BarChart.cs).

import { intersection } from './worker/yunet-decoder.js';

const GAP = 8;

// The previous place is left only for a clearly better one, because bars that jump cannot be read.
const SWITCH_COST = 0.2;

/**
 * @param taken the boxes to avoid, including the face itself
 * @param bounds the size of the drawing area
 * @param preferred the index of the previous place
 * @returns the panel's rectangle, with the index of its place
 */
export function placePanel(face, size, taken, bounds, preferred) {
  const right = face.x + face.width + GAP;
  const left = face.x - GAP - size.width;
  const center = face.x + (face.width - size.width) / 2;
  const bottom = face.y + face.height - size.height;
  const places = [
    { x: right, y: face.y }, { x: left, y: face.y }, { x: center, y: face.y + face.height + GAP }, { x: center, y: face.y - 4 * GAP - size.height },
    { x: right, y: bottom }, { x: left, y: bottom },
  ].map(({ x, y }, index) => ({
    x: Math.max(0, Math.min(x, bounds.width - size.width)), y: Math.max(0, Math.min(y, bounds.height - size.height)), ...size, index,
  }));
  const area = size.width * size.height;
  const cost = place => taken.reduce((sum, box) => sum + intersection(place, box), 0)
    - (place.index === preferred ? SWITCH_COST * area : 0);
  return places.map(place => [place, cost(place)]).reduce((best, other) => other[1] < best[1] ? other : best)[0];
}
