// Downscales an image to the face detector's planar input by averaging areas. A port of Shared/Imaging/PlanarScaler.

/**
 * Writes float32 [3, planeHeight, planeWidth] (blue, green, red, each 0 to 255) from a part of an image.
 * @param part the part { x, y, width, height } of the image
 * @param planes pixels beyond width and height are left unchanged
 * @param start the index of the first pixel in each plane
 */
export function downscale(image, part, width, height, planes, planeWidth, planeHeight, start = 0) {
  const columns = axis(part.width, width);
  const rows = axis(part.height, height);
  const sums = new Float32Array(3 * part.width);
  const plane = planeWidth * planeHeight;
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let tap = 0; tap < rows.counts[y]; tap++) {
      addRow(image, part, rows.firsts[y] + tap, rows.weights[y * rows.taps + tap], sums);
    }

    for (let x = 0; x < width; x++) {
      const at = start + y * planeWidth + x;
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let tap = 0; tap < columns.counts[x]; tap++) {
          sum += sums[3 * (columns.firsts[x] + tap) + channel] * columns.weights[x * columns.taps + tap];
        }

        planes[(2 - channel) * plane + at] = sum;
      }
    }
  }
}

function addRow({ data, width }, part, row, weight, sums) {
  let from = 4 * ((part.y + row) * width + part.x);
  for (let i = 0; i < sums.length; i += 3, from += 4) {
    sums[i] += data[from] * weight;
    sums[i + 1] += data[from + 1] * weight;
    sums[i + 2] += data[from + 2] * weight;
  }
}

// The source pixels that each output pixel covers, and their weights.
function axis(length, outputs) {
  const scale = length / outputs;
  const taps = Math.ceil(scale) + 1;
  const firsts = new Int32Array(outputs);
  const counts = new Int32Array(outputs);
  const weights = new Float32Array(outputs * taps);
  for (let i = 0; i < outputs; i++) {
    const from = i * scale;
    const to = from + scale;
    const first = Math.trunc(from);
    const end = Math.min(Math.max(Math.ceil(to - 1e-6), first + 1), length);
    firsts[i] = first;
    counts[i] = Math.min(end - first, taps);
    for (let tap = 0; tap < counts[i]; tap++) {
      weights[i * taps + tap] = (Math.min(first + tap + 1, to) - Math.max(first + tap, from)) / scale;
    }
  }

  return { firsts, counts, weights, taps };
}
