// onnxruntime-web, on the graphics processor where there is one, else on the processor's threads.

const FOLDER = new URL('../ort/', import.meta.url).href;

// One core less than there is: threads that wait for each other while another program has a core were three times slower than one.
const MAX_THREADS = 4;

const KINDS = {
  webgpu: { script: 'ort.webgpu.min.mjs', wasm: 'ort-wasm-simd-threaded.asyncify.wasm' },
  wasm: { script: 'ort.wasm.min.mjs', wasm: 'ort-wasm-simd-threaded.wasm' },
};

/** Whether there is a graphics processor that the browser lends; one that is only emulated is slower than the processor. */
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

/** A network of one input. One run at a time. */
class Network {
  #ort;
  #session;

  constructor(ort, session) {
    this.#ort = ort;
    this.#session = session;
  }

  /** Numbers where a side is fixed, names where it is free. */
  get inputShape() {
    return this.#session.inputMetadata[0].shape;
  }

  /** @returns the outputs by name, each with its values in data */
  run(values, shape) {
    return this.#session.run({ [this.#session.inputNames[0]]: new this.#ort.Tensor('float32', values, shape) });
  }
}
