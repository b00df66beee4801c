// Downloads the files for scoring in the browser and reports the progress. The model is cached under its hash, so that the next
// visit needs no download and a new model is never confused with the old one.

const CACHE = 'mlnetemotion';

export class Downloads {
  #onProgress;
  #files = new Map(); // URL → [loaded, total]

  /** @param onProgress receives the number of bytes loaded, and the total, of all files together */
  constructor(onProgress) {
    this.#onProgress = onProgress;
  }

  async fetch(url) {
    const response = await fetch(url);
    if (!response.ok) {
      throw new Error(`${url}: the server answers ${response.status}`);
    }

    const total = Number(response.headers.get('Content-Length'));
    const parts = [];
    let loaded = 0;
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }

      parts.push(value);
      loaded += value.length;
      this.#files.set(url, [loaded, Math.max(loaded, total)]);
      const sum = i => [...this.#files.values()].reduce((all, file) => all + file[i], 0);
      this.#onProgress(sum(0), sum(1));
    }

    return new Uint8Array(await new Blob(parts).arrayBuffer());
  }

  /** Returns the file with this hash, from the cache if possible. */
  async fetchCached(url, sha256) {
    const cache = await globalThis.caches?.open(CACHE); // undefined on a page from another machine without HTTPS
    const key = `${url}?sha256=${sha256}`;
    const kept = await cache?.match(key);
    if (kept) {
      const bytes = new Uint8Array(await kept.arrayBuffer());
      if (await hash(bytes) === sha256) {
        return bytes;
      }
    }

    const bytes = await this.fetch(url);
    if (cache && await hash(bytes) !== sha256) {
      throw new Error(`${url}: is not the file that the server announced`);
    }

    cache && keep(cache, key, bytes); // meanwhile, the model is opened
    return bytes;
  }
}

async function keep(cache, key, bytes) {
  try {
    await Promise.all((await cache.keys()).map(old => cache.delete(old)));
    await cache.put(key, new Response(bytes));
  } catch {
    // The cache is full: the next visit downloads the file again.
  }
}

async function hash(bytes) {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
}
