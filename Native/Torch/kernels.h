// The loops of fused.cpp, over plain memory: compiled for each kind of x86 processor, the best is taken as the program starts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__)
#define BEST_OF_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define INLINED_LAMBDA __attribute__((always_inline))
#define INLINED inline INLINED_LAMBDA
#else
#define BEST_OF_CPU
#define INLINED_LAMBDA
#define INLINED inline
#endif

namespace kernels {

constexpr int64_t lanes = 32;            // channels at a time: their sums and factors fit the registers
constexpr int64_t tile_elements = 8192;  // gone through once for each group of channels, so they should stay in the nearest cache

// bfloat16 as its bits: the upper half of a float32.
using Half = uint16_t;

INLINED float load(float value) { return value; }
INLINED float load(Half bits) {
    const uint32_t wide = static_cast<uint32_t>(bits) << 16;
    float value;
    std::memcpy(&value, &wide, sizeof value);
    return value;
}

INLINED void store(float value, float& to) { to = value; }
INLINED void store(float value, Half& to) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    to = static_cast<Half>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);  // to the nearest, ties to even
}

// Everything below goes over rows of [rows, channels], channels a multiple of lanes: visit(first row, end, first channel).
template <typename Visit>
INLINED void each_tile(int64_t rows, int64_t channels, Visit visit) {
    const int64_t step = std::max<int64_t>(1, tile_elements / channels);
    for (int64_t row = 0; row < rows; row += step) {
        for (int64_t channel = 0; channel < channels; channel += lanes) {
            visit(row, std::min(row + step, rows), channel);
        }
    }
}

// sums[0] += Σ (x − pivot), sums[1] += Σ (x − pivot)², [channels] each.
template <typename T>
BEST_OF_CPU void moments(const T* x, const T* pivot, float* sums, int64_t rows, int64_t channels) {
    each_tile(rows, channels, [=](int64_t row, int64_t end, int64_t channel) INLINED_LAMBDA {
        float first[lanes] = {}, second[lanes] = {}, origin[lanes];
        for (int64_t j = 0; j < lanes; j++) origin[j] = load(pivot[channel + j]);
        for (; row < end; row++) {
            const T* values = x + row * channels + channel;
            for (int64_t j = 0; j < lanes; j++) {
                const float value = load(values[j]) - origin[j];
                first[j] += value;
                second[j] += value * value;
            }
        }
        for (int64_t j = 0; j < lanes; j++) sums[channel + j] += first[j];
        for (int64_t j = 0; j < lanes; j++) sums[channels + channel + j] += second[j];
    });
}

// y = max(scale · x + shift, floor); floor is 0 with ReLU, else −∞.
template <typename T>
BEST_OF_CPU void affine(const T* x, const float* scale, const float* shift, float floor, T* __restrict y, int64_t rows, int64_t channels) {
    each_tile(rows, channels, [=](int64_t row, int64_t end, int64_t channel) INLINED_LAMBDA {
        for (; row < end; row++) {
            const int64_t at = row * channels + channel;
            for (int64_t j = 0; j < lanes; j++) {
                const float value = load(x[at + j]) * scale[channel + j] + shift[channel + j];
                store(value < floor ? floor : value, y[at + j]);
            }
        }
    });
}

// With g the gradient where ReLU lets it through: sums[0] += Σ g, sums[1] += Σ g · (x − mean).
template <typename T>
BEST_OF_CPU void affine_gradient_sums(const T* x, const T* gradient, const float* scale, const float* shift, const float* mean, float floor,
                                  float* sums, int64_t rows, int64_t channels) {
    each_tile(rows, channels, [=](int64_t row, int64_t end, int64_t channel) INLINED_LAMBDA {
        float first[lanes] = {}, second[lanes] = {};
        for (; row < end; row++) {
            const int64_t at = row * channels + channel;
            for (int64_t j = 0; j < lanes; j++) {
                const float value = load(x[at + j]);
                const float g = value * scale[channel + j] + shift[channel + j] > floor ? load(gradient[at + j]) : 0;
                first[j] += g;
                second[j] += g * (value - mean[channel + j]);
            }
        }
        for (int64_t j = 0; j < lanes; j++) sums[channel + j] += first[j];
        for (int64_t j = 0; j < lanes; j++) sums[channels + channel + j] += second[j];
    });
}

// result = scale · g + slope · x + offset.
template <typename T>
BEST_OF_CPU void affine_gradient(const T* x, const T* gradient, const float* scale, const float* shift, const float* slope,
                             const float* offset, float floor, T* __restrict result, int64_t rows, int64_t channels) {
    each_tile(rows, channels, [=](int64_t row, int64_t end, int64_t channel) INLINED_LAMBDA {
        for (; row < end; row++) {
            const int64_t at = row * channels + channel;
            for (int64_t j = 0; j < lanes; j++) {
                const float value = load(x[at + j]);
                const float g = value * scale[channel + j] + shift[channel + j] > floor ? load(gradient[at + j]) : 0;
                store(scale[channel + j] * g + slope[channel + j] * value + offset[channel + j], result[at + j]);
            }
        }
    });
}

// One image: y = max(gate · x + shortcut, 0), gate [channels].
template <typename T>
BEST_OF_CPU void gated_sum(const T* x, const float* gate, const T* shortcut, T* __restrict y, int64_t rows, int64_t channels) {
    each_tile(rows, channels, [=](int64_t row, int64_t end, int64_t channel) INLINED_LAMBDA {
        for (; row < end; row++) {
            const int64_t at = row * channels + channel;
            for (int64_t j = 0; j < lanes; j++) {
                const float value = load(x[at + j]) * gate[channel + j] + load(shortcut[at + j]);
                store(value < 0 ? 0 : value, y[at + j]);
            }
        }
    });
}

// With g the gradient where y is positive: to_x = gate · g, to_gate += Σ g · x, to_shortcut = g.
template <typename T>
BEST_OF_CPU void gated_sum_gradient(const T* x, const float* gate, const T* y, const T* gradient, T* __restrict to_x, float* to_gate,
                                T* __restrict to_shortcut, int64_t rows, int64_t channels) {
    each_tile(rows, channels, [=](int64_t row, int64_t end, int64_t channel) INLINED_LAMBDA {
        float sum[lanes] = {};
        for (; row < end; row++) {
            const int64_t at = row * channels + channel;
            for (int64_t j = 0; j < lanes; j++) {
                const float g = load(y[at + j]) > 0 ? load(gradient[at + j]) : 0;
                store(g, to_shortcut[at + j]);
                store(gate[channel + j] * g, to_x[at + j]);
                sum[j] += g * load(x[at + j]);
            }
        }
        for (int64_t j = 0; j < lanes; j++) to_gate[channel + j] += sum[j];
    });
}

// Nesterov's step: velocity = momentum · velocity + g and values −= rate · (g + momentum · velocity), g being the gradient with decay.
BEST_OF_CPU static void sgd_step(float* __restrict values, const float* __restrict gradients, float* __restrict velocity, int64_t count, float rate,
                          float momentum, float decay) {
    for (int64_t i = 0; i < count; i++) {
        const float g = gradients[i] + decay * values[i];
        velocity[i] = momentum * velocity[i] + g;
        values[i] -= rate * (g + momentum * velocity[i]);
    }
}

struct Window {
    int64_t kernel, stride, padding;

    int64_t positions(int64_t size) const { return (size + 2 * padding - kernel) / stride + 1; }
};

// One image of [height, width, channels]: y [y_height, y_width, channels] is the largest value of each window, and places tells
// where in its window that lies.
template <typename T>
BEST_OF_CPU void max_of_windows(const T* x, Window window, T* __restrict y, uint8_t* __restrict places, int64_t height, int64_t width,
                                int64_t y_height, int64_t y_width, int64_t channels) {
    for (int64_t at = 0; at < y_height * y_width; at++) {
        const int64_t top = at / y_width * window.stride - window.padding, left = at % y_width * window.stride - window.padding;
        for (int64_t channel = 0; channel < channels; channel += lanes) {
            float largest[lanes];
            int32_t place[lanes] = {};
            for (int64_t j = 0; j < lanes; j++) largest[j] = -std::numeric_limits<float>::infinity();
            for (int64_t row = std::max<int64_t>(top, 0); row < std::min(top + window.kernel, height); row++) {
                for (int64_t column = std::max<int64_t>(left, 0); column < std::min(left + window.kernel, width); column++) {
                    const T* values = x + (row * width + column) * channels + channel;
                    const auto here = static_cast<int32_t>((row - top) * window.kernel + column - left);
                    for (int64_t j = 0; j < lanes; j++) {
                        const float value = load(values[j]);
                        const bool larger = !(value <= largest[j]);  // a NaN is too
                        largest[j] = larger ? value : largest[j];
                        place[j] = larger ? here : place[j];
                    }
                }
            }
            for (int64_t j = 0; j < lanes; j++) store(largest[j], y[at * channels + channel + j]);
            for (int64_t j = 0; j < lanes; j++) places[at * channels + channel + j] = static_cast<uint8_t>(place[j]);
        }
    }
}

// One image: each value of x gets the gradients of the windows that it is the largest of.
template <typename T>
BEST_OF_CPU void max_of_windows_gradient(const T* gradient, const uint8_t* places, Window window, T* __restrict to_x, int64_t height,
                                         int64_t width, int64_t y_height, int64_t y_width, int64_t channels) {
    for (int64_t at = 0; at < height * width; at++) {
        const int64_t row = at / width + window.padding, column = at % width + window.padding;
        const int64_t first_row = std::max<int64_t>(0, (row - window.kernel + window.stride) / window.stride);
        const int64_t first_column = std::max<int64_t>(0, (column - window.kernel + window.stride) / window.stride);
        for (int64_t channel = 0; channel < channels; channel += lanes) {
            float sum[lanes] = {};
            for (int64_t i = first_row; i <= std::min(row / window.stride, y_height - 1); i++) {
                for (int64_t k = first_column; k <= std::min(column / window.stride, y_width - 1); k++) {
                    const int64_t from = (i * y_width + k) * channels + channel;
                    const auto here = static_cast<uint8_t>((row - i * window.stride) * window.kernel + column - k * window.stride);
                    for (int64_t j = 0; j < lanes; j++) sum[j] += places[from + j] == here ? load(gradient[from + j]) : 0;
                }
            }
            for (int64_t j = 0; j < lanes; j++) store(sum[j], to_x[at * channels + channel + j]);
        }
    }
}

}  // namespace kernels
