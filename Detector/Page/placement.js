// Where a face's bars go: beside it, where they cover the least of what is there already (Detector/Display/BarChart.cs).

import { intersection } from './worker/guesses.js';

const GAP = 8;

export function placePanel(face, size, taken, bounds) {
  const right = face.x + face.width + GAP;
  const left = face.x - GAP - size.width;
  const center = face.x + (face.width - size.width) / 2;
  const bottom = face.y + face.height - size.height;
  const places = [
    { x: right, y: face.y }, { x: left, y: face.y }, { x: center, y: face.y + face.height + GAP }, { x: center, y: face.y - 4 * GAP - size.height },
    { x: right, y: bottom }, { x: left, y: bottom },
  ].map(place => ({ ...place, ...size }));
  const covered = place => size.width * size.height - intersection(place, bounds)
    + taken.reduce((sum, box) => sum + intersection(place, box), 0);
  return places.map(place => ({ place, cost: covered(place) })).reduce((best, other) => other.cost < best.cost ? other : best).place;
}
