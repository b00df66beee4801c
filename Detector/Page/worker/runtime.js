// onnxruntime-web, by WebGPU if there is a graphics processor, otherwise by multithreaded WebAssembly.

const FOLDER = new URL('../ort/', import.meta.url).href;

// At most all cores but one: when another program used a core, threads that waited for each other were three times slower than one thread.
const MAX_THREADS = 4;

const KINDS = {
  webgpu: { script: 'ort.webgpu.min.mjs', wasm: 'ort-wasm-simd-threaded.asyncify.wasm' },
  wasm: { script: 'ort.wasm.min.mjs', wasm: 'ort-wasm-simd-threaded.wasm' },
};

/** Whether WebGPU has a real graphics processor; an emulated one is slower than WebAssembly. */
export async function hasGpu() {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  return !!adapter && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
}

export class Runtime {
  #ort;

  constructor(kind) {
    this.kind = kind;
  }

  async load(downloads) {
    const { script, wasm } = KINDS[this.kind];
    const [ort, binary] = await Promise.all([import(FOLDER + script), downloads.fetch(FOLDER + wasm)]);
    this.#ort = ort;
    ort.env.logLevel = 'error';
    ort.env.wasm.wasmPaths = FOLDER;
    ort.env.wasm.wasmBinary = binary.buffer;
    ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? Math.max(1, Math.min(MAX_THREADS, navigator.hardwareConcurrency - 1)) : 1;
  }

  async open(model) {
    const session = await this.#ort.InferenceSession.create(model, { executionProviders: [this.kind] });
    return new Network(this.#ort, session);
  }
}

/** A network with one input. Runs must not overlap. */
class Network {
  #ort;
  #session;

  constructor(ort, session) {
    this.#ort = ort;
    this.#session = session;
  }

  /** The input's dimensions: a number if fixed, a name if variable. */
  get inputShape() {
    return this.#session.inputMetadata[0].shape;
  }

  /** @returns the outputs by name; the values are in data */
  run(values, shape) {
    return this.#session.run({ [this.#session.inputNames[0]]: new this.#ort.Tensor('float32', values, shape) });
  }
}
