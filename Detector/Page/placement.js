// Where a face's bars go: beside it, where they cover the least of what is there already (Detector/Display/BarChart.cs).

import { intersection } from './worker/guesses.js';

const GAP = 8;

// A place that was chosen before is left only for a clearly better one: bars that jump cannot be read.
const LOYALTY = 0.2;

/**
 * @param taken what else is there, the face itself included
 * @param bounds the sides of what there is to draw on
 * @param preferred the index of the place that was chosen before
 * @returns the panel, and in index which of the places it is
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
    - (place.index === preferred ? LOYALTY * area : 0);
  return places.map(place => [place, cost(place)]).reduce((best, other) => other[1] < best[1] ? other : best)[0];
}
