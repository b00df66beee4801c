// Places the labels and bars of faces. Labels avoid other faces and labels; bars (Detector/Display/BarChart.cs) are placed beside their face, where they
// overlap the least.

import { intersection } from './worker/yunet-decoder.js';

const GAP = 8;

// The previous place is left only for a clearly better one, because bars that jump cannot be read.
const SWITCH_COST = 0.2;

const best = (places, cost) => places.map(place => [place, cost(place)]).reduce((a, b) => b[1] < a[1] ? b : a)[0];
const covered = (place, taken) => taken.reduce((sum, box) => sum + intersection(place, box), 0);
const inside = ({ x, y }, size, bounds) => ({ x: Math.max(0, Math.min(x, bounds.width - size.width)), y: Math.max(0, Math.min(y, bounds.height - size.height)), ...size });

/** The labels' rectangles, in the order of the faces: above, below or within the box, where they cover other faces and labels the least. */
export function placeLabels(faces, sizes, bounds) {
  const placed = [];
  faces.forEach((face, i) => {
    const { width, height } = sizes[i];
    const [left, right] = [face.x - 1, face.x + face.width + 1 - width];
    const [above, below, top] = [face.y - height - 4, face.y + face.height + 4, face.y + 4];
    const places = [[left, above], [right, above], [left, below], [right, below], [left, top]].map(([x, y]) => inside({ x, y }, sizes[i], bounds));
    const others = [...placed, ...faces.filter(other => other !== face)];
    placed.push(best(places, place => covered(place, others) + 0.5 * intersection(place, face)));
  });
  return placed;
}

/**
 * @param taken the boxes to avoid, including the face itself
 * @param bounds the size of the drawing area
 * @param preferred the index of the previous place
 * @returns the panel's rectangle, with the index of its place and the area that it covers of the boxes to avoid
 */
export function placePanel(face, size, taken, bounds, preferred) {
  const right = face.x + face.width + GAP;
  const left = face.x - GAP - size.width;
  const center = face.x + (face.width - size.width) / 2;
  const bottom = face.y + face.height - size.height;
  const places = [
    { x: right, y: face.y }, { x: left, y: face.y }, { x: center, y: face.y + face.height + GAP }, { x: center, y: face.y - 4 * GAP - size.height },
    { x: right, y: bottom }, { x: left, y: bottom },
  ].map((place, index) => ({ ...inside(place, size, bounds), index }));
  const area = size.width * size.height;
  const place = best(places, candidate => covered(candidate, taken) - (candidate.index === preferred ? SWITCH_COST * area : 0));
  return { ...place, covers: covered(place, taken) };
}
