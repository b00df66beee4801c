// Batch norm with ReLU, and the end of a residual block: what libtorch computes in an operator each, with its own way through
// memory, done in as few passes as the arithmetic allows. This holds for the layout that training on a CPU uses, channels-last
// in float32 or bfloat16; everywhere else libtorch's operators do the same.
#include <ATen/Parallel.h>

#include "mlt.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__)
#define BEST_OF_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define INLINED_LAMBDA __attribute__((always_inline))
#define INLINED inline INLINED_LAMBDA
#else
#define BEST_OF_CPU
#define INLINED_LAMBDA
#define INLINED inline
#endif

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t lanes = 32;              // channels at a time: their sums and factors fit the registers
constexpr int64_t tile_elements = 8192;    // what is gone through once for each of its channel groups stays in the nearest cache
constexpr int64_t grain_elements = 32768;  // less is not worth a second thread

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

struct Window {
    int64_t kernel, stride, padding;
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

// A channels-last tensor as rows of channels.
struct Rows {
    explicit Rows(const Tensor& x) : count(x.size(0) * x.size(2) * x.size(3)), channels(x.size(1)) {}

    // Calls body(first row, number of rows) for parts of the rows, in parallel.
    template <typename Body>
    void in_parallel(Body body) const {
        at::parallel_for(0, count, std::max<int64_t>(1, grain_elements / channels),
                         [&](int64_t begin, int64_t end) { body(begin, end - begin); });
    }

    // The same, where body adds to two sums of each channel: [2, channels].
    template <typename Body>
    Tensor sums(Body body) const {
        const Tensor parts = at::zeros({at::get_num_threads(), 2, channels}, at::kFloat);
        float* memory = parts.data_ptr<float>();
        in_parallel([&](int64_t begin, int64_t size) { body(begin, size, memory + at::get_thread_num() * 2 * channels); });
        return parts.sum(0);
    }

    int64_t count, channels;
};

bool fits(const Tensor& x) {
    return x.device().is_cpu() && x.dim() == 4 && x.size(1) % lanes == 0 && x.numel() > 0 &&
           (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

template <typename T>
T* data(const Tensor& x) {
    return static_cast<T*>(x.data_ptr());
}

// Calls body with the tensor's memory, as what it is read as.
template <typename Body>
void by_type(const Tensor& x, Body body) {
    if (x.scalar_type() == at::kFloat) {
        body(data<float>(x));
    } else {
        body(data<Half>(x));
    }
}

// Calls body(image) for each image, in parallel.
template <typename Body>
void each_image(const Tensor& x, Body body) {
    const int64_t elements = x.numel() / x.size(0);
    at::parallel_for(0, x.size(0), std::max<int64_t>(1, grain_elements / elements), [&](int64_t begin, int64_t end) {
        for (int64_t image = begin; image < end; image++) body(image);
    });
}

float floor_of(bool relu) { return relu ? 0 : -std::numeric_limits<float>::infinity(); }

// max(scale · x + shift, 0), or without ReLU the sum itself.
Tensor affine_of(const Tensor& x, const Tensor& scale, const Tensor& shift, bool relu) {
    const Rows rows(x);
    const Tensor y = at::empty_like(x);
    by_type(x, [&](auto* values) {
        using T = std::remove_pointer_t<decltype(values)>;
        rows.in_parallel([&](int64_t begin, int64_t size) {
            const int64_t at = begin * rows.channels;
            affine<T>(values + at, data<float>(scale), data<float>(shift), floor_of(relu), data<T>(y) + at, size, rows.channels);
        });
    });
    return y;
}

struct NormRelu : torch::autograd::Function<NormRelu> {
    static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias, Tensor running_mean,
                          Tensor running_var, double momentum, double eps, bool relu) {
        const Rows rows(x);
        Tensor sums;
        by_type(x, [&](auto* values) {
            using T = std::remove_pointer_t<decltype(values)>;
            sums = rows.sums([&](int64_t begin, int64_t size, float* part) {
                moments<T>(values + begin * rows.channels, values, part, size, rows.channels);
            });
        });
        const double n = static_cast<double>(rows.count);
        const Tensor shifted = sums[0] / n;
        const Tensor mean = shifted + x.select(0, 0).select(1, 0).select(1, 0).to(at::kFloat);
        const Tensor variance = (sums[1] / n - shifted * shifted).clamp_min_(0);
        running_mean.lerp_(mean, momentum);
        running_var.lerp_(variance * (n / std::max(1.0, n - 1)), momentum);

        const Tensor inverse_deviation = (variance + eps).rsqrt_();
        const Tensor scale = weight * inverse_deviation;
        const Tensor shift = bias - mean * scale;
        context->save_for_backward({x, scale, shift, mean, inverse_deviation});
        context->saved_data["relu"] = relu;
        return affine_of(x, scale, shift, relu);
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &x = saved[0], &scale = saved[1], &shift = saved[2], &mean = saved[3], &inverse_deviation = saved[4];
        const float floor = floor_of(context->saved_data["relu"].toBool());
        const Tensor gradient = gradients[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
        const Rows rows(x);
        const Tensor to_x = at::empty_like(x);
        Tensor to_weight, to_bias;
        by_type(x, [&](auto* values) {
            using T = std::remove_pointer_t<decltype(values)>;
            const Tensor sums = rows.sums([&](int64_t begin, int64_t size, float* part) {
                const int64_t at = begin * rows.channels;
                affine_gradient_sums<T>(values + at, data<T>(gradient) + at, data<float>(scale), data<float>(shift), data<float>(mean), floor,
                                        part, size, rows.channels);
            });
            to_bias = sums[0];
            to_weight = sums[1] * inverse_deviation;
            const double n = static_cast<double>(rows.count);
            const Tensor slope = scale * inverse_deviation * to_weight / -n;
            const Tensor offset = scale * to_bias / -n - slope * mean;
            rows.in_parallel([&](int64_t begin, int64_t size) {
                const int64_t at = begin * rows.channels;
                affine_gradient<T>(values + at, data<T>(gradient) + at, data<float>(scale), data<float>(shift), data<float>(slope),
                                   data<float>(offset), floor, data<T>(to_x) + at, size, rows.channels);
            });
        });
        return {to_x, to_weight, to_bias, Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
    }
};

struct GatedSum : torch::autograd::Function<GatedSum> {
    static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& gate, const Tensor& shortcut) {
        const Tensor factors = gate.to(at::kFloat).contiguous();
        const Tensor y = at::empty_like(x);
        const int64_t rows = x.size(2) * x.size(3), channels = x.size(1);
        by_type(x, [&](auto* values) {
            using T = std::remove_pointer_t<decltype(values)>;
            each_image(x, [&](int64_t image) {
                const int64_t at = image * rows * channels;
                gated_sum<T>(values + at, data<float>(factors) + image * channels, data<T>(shortcut) + at, data<T>(y) + at, rows, channels);
            });
        });
        context->save_for_backward({x, factors, y});
        context->saved_data["gate_type"] = static_cast<int64_t>(gate.scalar_type());
        return y;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &x = saved[0], &factors = saved[1], &y = saved[2];
        const Tensor gradient = gradients[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
        const Tensor to_x = at::empty_like(x), to_gate = at::zeros_like(factors), to_shortcut = at::empty_like(x);
        const int64_t rows = x.size(2) * x.size(3), channels = x.size(1);
        by_type(x, [&](auto* values) {
            using T = std::remove_pointer_t<decltype(values)>;
            each_image(x, [&](int64_t image) {
                const int64_t at = image * rows * channels;
                gated_sum_gradient<T>(values + at, data<float>(factors) + image * channels, data<T>(y) + at, data<T>(gradient) + at,
                                      data<T>(to_x) + at, data<float>(to_gate) + image * channels, data<T>(to_shortcut) + at, rows, channels);
            });
        });
        return {to_x, to_gate.to(static_cast<at::ScalarType>(context->saved_data["gate_type"].toInt())), to_shortcut};
    }
};

struct MaxPool : torch::autograd::Function<MaxPool> {
    static Tensor forward(AutogradContext* context, const Tensor& x, Window window) {
        const int64_t channels = x.size(1), height = x.size(2), width = x.size(3);
        const int64_t y_height = size_of(height, window), y_width = size_of(width, window), y_elements = y_height * y_width * channels;
        const Tensor y = at::empty({x.size(0), channels, y_height, y_width}, x.options().memory_format(at::MemoryFormat::ChannelsLast));
        const Tensor places = at::empty_like(y, y.options().dtype(at::kByte));
        by_type(x, [&](auto* values) {
            using T = std::remove_pointer_t<decltype(values)>;
            each_image(x, [&](int64_t image) {
                max_of_windows<T>(values + image * height * width * channels, window, data<T>(y) + image * y_elements,
                                  data<uint8_t>(places) + image * y_elements, height, width, y_height, y_width, channels);
            });
        });
        context->save_for_backward({places});
        context->saved_data["window"] = std::vector<int64_t>{window.kernel, window.stride, window.padding, height, width};
        return y;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const Tensor places = context->get_saved_variables()[0];
        const std::vector<int64_t> saved = context->saved_data["window"].toIntVector();
        const Window window{saved[0], saved[1], saved[2]};
        const int64_t channels = places.size(1), height = saved[3], width = saved[4], y_height = places.size(2), y_width = places.size(3);
        const Tensor gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
        const Tensor to_x = at::empty({places.size(0), channels, height, width}, gradient.options().memory_format(at::MemoryFormat::ChannelsLast));
        by_type(gradient, [&](auto* values) {
            using T = std::remove_pointer_t<decltype(values)>;
            const int64_t y_elements = y_height * y_width * channels;
            each_image(to_x, [&](int64_t image) {
                max_of_windows_gradient<T>(values + image * y_elements, data<uint8_t>(places) + image * y_elements, window,
                                           data<T>(to_x) + image * height * width * channels, height, width, y_height, y_width, channels);
            });
        });
        return {to_x, Tensor()};
    }

   private:
    static int64_t size_of(int64_t size, Window window) { return (size + 2 * window.padding - window.kernel) / window.stride + 1; }
};

}  // namespace

// max(0, batch norm), or without ReLU the norm itself. All but x are [C]. In training the running statistics are updated in place.
SHIM_EXPORT int32_t mlt_batch_norm(const Tensor* x, Tensor* running_mean, Tensor* running_var, const Tensor* weight,
                                   const Tensor* bias, int32_t training, double momentum, double eps, int32_t relu, Tensor** result) {
    return shim::guard([&] {
        if (training != 0 && fits(*x)) {
            *result = own(NormRelu::apply(*x, *weight, *bias, *running_mean, *running_var, momentum, eps, relu != 0));
        } else if (training == 0 && !at::GradMode::is_enabled() && fits(*x)) {
            const Tensor scale = *weight * (*running_var + eps).rsqrt();
            *result = own(affine_of(*x, scale, *bias - *running_mean * scale, relu != 0));
        } else {
            const Tensor y = at::batch_norm(*x, *weight, *bias, *running_mean, *running_var, training != 0, momentum, eps,
                                            /*cudnn_enabled=*/true);
            *result = own(relu != 0 ? y.relu() : y);
        }
    });
}

// max(0, x · gate + shortcut); gate [N, C, 1, 1], the others alike.
SHIM_EXPORT int32_t mlt_gated_sum_relu(const Tensor* x, const Tensor* gate, const Tensor* shortcut, Tensor** result) {
    return shim::guard([&] {
        const bool fused = fits(*x) && fits(*shortcut) && x->sizes() == shortcut->sizes() && x->scalar_type() == shortcut->scalar_type() &&
                           gate->numel() == x->size(0) * x->size(1);
        *result = own(fused ? GatedSum::apply(*x, *gate, *shortcut) : (*x * *gate + *shortcut).relu_());
    });
}

// The largest value of each window, which must not lie in the padding altogether.
SHIM_EXPORT int32_t mlt_max_pool2d(const Tensor* x, int64_t kernel, int64_t stride, int64_t padding, Tensor** result) {
    return shim::guard([&] {
        const bool fused = fits(*x) && kernel <= 15 && stride > 0 && padding >= 0 && 2 * padding <= kernel &&
                           std::min(x->size(2), x->size(3)) + 2 * padding >= kernel;
        *result = own(fused ? MaxPool::apply(*x, Window{kernel, stride, padding})
                            : at::max_pool2d(*x, {kernel, kernel}, {stride, stride}, {padding, padding}));
    });
}
