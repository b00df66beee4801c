// Agreement of two coders: Cohen's kappa (1960), per frame, over the frames that both coded.

import { spanAt } from './segments.js';

/**
 * Counts the frames of both coders' emotions. Excluded spans count as not coded.
 * @param faces per face { times, a, b }: the times of its frames, and two coders' spans (corrections.js)
 * @returns counts[a][b] of the frames that both coded, and the frames that only one did
 */
export function compare(faces, classCount) {
  const counts = Array.from({ length: classCount }, () => new Array(classCount).fill(0));
  let onlyOne = 0;
  for (const { times, a, b } of faces) {
    for (const time of times) {
      const [first, second] = [a, b].map(spans => spanAt(spans, time)?.emotion ?? null);
      if (first !== null && second !== null) {
        counts[first][second]++;
      } else if (first !== null || second !== null) {
        onlyOne++;
      }
    }
  }

  return { counts, onlyOne };
}

/**
 * The agreement on one emotion against all others, or on all of them if emotion is null.
 * @returns { n, agreement, kappa }; kappa is null where agreement by chance is certain, because neither coder varied
 */
export function kappaOf(counts, emotion = null) {
  const table = emotion === null ? counts : oneAgainstOthers(counts, emotion);
  const sum = values => values.reduce((a, b) => a + b, 0);
  const n = sum(table.flat());
  const observed = sum(table.map((row, i) => row[i])) / n;
  const expected = sum(table.map((row, i) => sum(row) * sum(table.map(other => other[i])))) / n ** 2;
  return { n, agreement: n ? observed : null, kappa: n && expected < 1 ? (observed - expected) / (1 - expected) : null };
}

function oneAgainstOthers(counts, emotion) {
  const table = [[0, 0], [0, 0]];
  counts.forEach((row, a) => row.forEach((count, b) => { table[a === emotion ? 0 : 1][b === emotion ? 0 : 1] += count; }));
  return table;
}
