// Process-wide settings: threads, random seed, gradient mode, autocast, devices.
#include <ATen/autocast_mode.h>
#include <torch/version.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "mlt.h"

#define TORCH_AT_LEAST(major, minor) \
    (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

#if defined(__GLIBC__)
namespace {

// A training step allocates and frees the same large buffers over and over. By default glibc hands each back to the kernel,
// which then zeroes fresh pages for the next step; keeping them makes a step measurably faster.
[[maybe_unused]] const bool heap_keeps_pages = [] {
    constexpr int one_gib = 1 << 30;
    return mallopt(M_MMAP_THRESHOLD, one_gib) != 0 && mallopt(M_TRIM_THRESHOLD, one_gib) != 0;
}();

}  // namespace
#endif

SHIM_EXPORT int32_t mlt_last_error(char* buffer, int32_t capacity) { return shim::copy_last_error(buffer, capacity); }

SHIM_EXPORT const char* mlt_version() { return TORCH_VERSION; }

SHIM_EXPORT int32_t mlt_manual_seed(int64_t seed) {
    return shim::guard([&] { torch::manual_seed(static_cast<uint64_t>(seed)); });
}

SHIM_EXPORT int32_t mlt_get_num_threads() { return at::get_num_threads(); }

SHIM_EXPORT int32_t mlt_set_num_threads(int32_t count) {
    return shim::guard([&] { at::set_num_threads(count); });
}

// Per thread, as in libtorch itself. Returns the previous mode.
SHIM_EXPORT int32_t mlt_set_grad_enabled(int32_t enabled) {
    const bool previous = at::GradMode::is_enabled();
    at::GradMode::set_enabled(enabled != 0);
    return previous ? 1 : 0;
}

SHIM_EXPORT int32_t mlt_cuda_is_available() { return torch::cuda::is_available() ? 1 : 0; }

// Whether this CPU multiplies bfloat16 natively; without that, bfloat16 is emulated and slower than float32.
SHIM_EXPORT int32_t mlt_cpu_has_bfloat16() {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512bf16") ? 1 : 0;
#else
    return 0;
#endif
}

// Turns bfloat16 autocast on or off for this thread. Leaving it also drops the cache of cast weights, which the next
// optimizer step would make stale.
SHIM_EXPORT int32_t mlt_set_autocast(int32_t cuda, int32_t enabled) {
    return shim::guard([&] {
        const bool on = enabled != 0;
#if TORCH_AT_LEAST(2, 4)
        const auto device = cuda != 0 ? at::kCUDA : at::kCPU;
        at::autocast::set_autocast_dtype(device, at::kBFloat16);
        at::autocast::set_autocast_enabled(device, on);
#else
        if (cuda != 0) {
            at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
            at::autocast::set_enabled(on);
        } else {
            at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
            at::autocast::set_cpu_enabled(on);
        }
#endif
        if (!on) at::autocast::clear_cache();
    });
}
