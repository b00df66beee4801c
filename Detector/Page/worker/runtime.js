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

  /**
   * Opens a network with one input, whose runs must not overlap.
   * @returns inputShape, whose dimensions are numbers if fixed and names if variable, and run(values, shape), which resolves to the outputs by name, with the values in data
   */
  async open(model) {
    const session = await this.#ort.InferenceSession.create(model, { executionProviders: [this.kind] });
    return {
      inputShape: session.inputMetadata[0].shape,
      run: (values, shape) => session.run({ [session.inputNames[0]]: new this.#ort.Tensor('float32', values, shape) }),
    };
  }
}
