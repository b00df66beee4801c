// What libtorch computes in several operators, each with its own way through memory, in as few passes as the arithmetic allows:
// batch norm with ReLU, the end of a residual block, max-pooling, a step of gradient descent. This holds for what training on a CPU
// uses, channels-last in float32 or bfloat16 and a multiple of kernels::lanes channels; everywhere else libtorch's operators do the same.
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>

#include "kernels.h"
#include "mlt.h"

namespace {

using kernels::Half;
using kernels::Window;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t grain_elements = 32768;  // less is not worth a second thread

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
    std::vector<float> sums(Body body) const {
        const int64_t size = 2 * channels;
        std::vector<float> parts(at::get_num_threads() * size);
        in_parallel([&](int64_t begin, int64_t count) { body(begin, count, &parts[at::get_thread_num() * size]); });
        for (size_t i = size; i < parts.size(); i++) parts[i % size] += parts[i];
        return parts;
    }

    int64_t count, channels;
};

bool fits(const Tensor& x) {
    return x.device().is_cpu() && x.dim() == 4 && x.size(1) % kernels::lanes == 0 && x.numel() > 0 &&
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

// max(scale · x + shift, 0), or without ReLU the sum itself; scale and shift [channels].
Tensor affine_of(const Tensor& x, const float* scale, const float* shift, bool relu) {
    const Rows rows(x);
    const Tensor y = at::empty_like(x);
    by_type(x, [&](auto* values) {
        using T = std::remove_pointer_t<decltype(values)>;
        rows.in_parallel([&](int64_t begin, int64_t count) {
            const int64_t at = begin * rows.channels;
            kernels::affine<T>(values + at, scale, shift, floor_of(relu), data<T>(y) + at, count, rows.channels);
        });
    });
    return y;
}

struct NormRelu : torch::autograd::Function<NormRelu> {
    static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                          const Tensor& running_var, double momentum, double eps, bool relu) {
        const Rows rows(x);
        const int64_t channels = rows.channels;
        const Tensor terms = at::empty({4, channels}, at::kFloat);
        float *scale = data<float>(terms), *shift = scale + channels, *mean = shift + channels, *inverse_deviation = mean + channels;
        by_type(x, [&](auto* values) {
            using T = std::remove_pointer_t<decltype(values)>;
            const std::vector<float> sums = rows.sums([&](int64_t begin, int64_t count, float* part) {
                kernels::moments<T>(values + begin * channels, values, part, count, channels);
            });
            const auto n = static_cast<double>(rows.count);
            for (int64_t c = 0; c < channels; c++) {
                const double shifted = sums[c] / n, variance = std::max(0.0, sums[channels + c] / n - shifted * shifted);
                mean[c] = kernels::load(values[c]) + static_cast<float>(shifted);
                inverse_deviation[c] = static_cast<float>(1 / std::sqrt(variance + eps));
                scale[c] = data<float>(weight)[c] * inverse_deviation[c];
                shift[c] = data<float>(bias)[c] - mean[c] * scale[c];
                data<float>(running_mean)[c] += momentum * (mean[c] - data<float>(running_mean)[c]);
                data<float>(running_var)[c] += momentum * (variance * n / std::max(1.0, n - 1) - data<float>(running_var)[c]);
            }
        });
        context->save_for_backward({x, terms});
        context->saved_data["relu"] = relu;
        return affine_of(x, scale, shift, relu);
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &x = saved[0], &terms = saved[1];
        const Tensor gradient = gradients[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
        const Rows rows(x);
        const int64_t channels = rows.channels;
        const float *scale = data<float>(terms), *shift = scale + channels, *mean = shift + channels, *inverse_deviation = mean + channels;
        const float floor = floor_of(context->saved_data["relu"].toBool());
        const Tensor to_x = at::empty_like(x), to_weight = at::empty({channels}, at::kFloat), to_bias = at::empty({channels}, at::kFloat);
        by_type(x, [&](auto* values) {
            using T = std::remove_pointer_t<decltype(values)>;
            const std::vector<float> sums = rows.sums([&](int64_t begin, int64_t count, float* part) {
                const int64_t at = begin * channels;
                kernels::affine_gradient_sums<T>(values + at, data<T>(gradient) + at, scale, shift, mean, floor, part, count, channels);
            });
            std::vector<float> slope(channels), offset(channels);
            for (int64_t c = 0; c < channels; c++) {
                data<float>(to_bias)[c] = sums[c];
                data<float>(to_weight)[c] = sums[channels + c] * inverse_deviation[c];
                const double n = static_cast<double>(rows.count);
                slope[c] = static_cast<float>(-scale[c] * inverse_deviation[c] * data<float>(to_weight)[c] / n);
                offset[c] = static_cast<float>(-scale[c] * sums[c] / n - slope[c] * mean[c]);
            }
            rows.in_parallel([&](int64_t begin, int64_t count) {
                const int64_t at = begin * channels;
                kernels::affine_gradient<T>(values + at, data<T>(gradient) + at, scale, shift, slope.data(), offset.data(), floor, data<T>(to_x) + at,
                                            count, channels);
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
                kernels::gated_sum<T>(values + at, data<float>(factors) + image * channels, data<T>(shortcut) + at, data<T>(y) + at, rows, channels);
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
                kernels::gated_sum_gradient<T>(values + at, data<float>(factors) + image * channels, data<T>(y) + at, data<T>(gradient) + at,
                                               data<T>(to_x) + at, data<float>(to_gate) + image * channels, data<T>(to_shortcut) + at, rows, channels);
            });
        });
        return {to_x, to_gate.to(static_cast<at::ScalarType>(context->saved_data["gate_type"].toInt())), to_shortcut};
    }
};

struct MaxPool : torch::autograd::Function<MaxPool> {
    static Tensor forward(AutogradContext* context, const Tensor& x, Window window) {
        const int64_t channels = x.size(1), height = x.size(2), width = x.size(3);
        const int64_t y_height = window.positions(height), y_width = window.positions(width), y_elements = y_height * y_width * channels;
        const Tensor y = at::empty({x.size(0), channels, y_height, y_width}, x.options().memory_format(at::MemoryFormat::ChannelsLast));
        const Tensor places = at::empty_like(y, y.options().dtype(at::kByte));
        by_type(x, [&](auto* values) {
            using T = std::remove_pointer_t<decltype(values)>;
            each_image(x, [&](int64_t image) {
                kernels::max_of_windows<T>(values + image * height * width * channels, window, data<T>(y) + image * y_elements,
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
                kernels::max_of_windows_gradient<T>(values + image * y_elements, data<uint8_t>(places) + image * y_elements, window,
                                                    data<T>(to_x) + image * height * width * channels, height, width, y_height, y_width, channels);
            });
        });
        return {to_x, Tensor()};
    }
};

// A convolution of bfloat16 whose weights' gradient is one matrix product over the windows of x. oneDNN's own kernel is up to
// twice as slow as that where the result has few rows, or where it takes every second one.
struct FewRowsConv : torch::autograd::Function<FewRowsConv> {
    static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, Window window) {
        context->save_for_backward({x, weight});
        context->saved_data["window"] = std::vector<int64_t>{window.kernel, window.stride, window.padding};
        return at::conv2d(x, weight, {}, {window.stride, window.stride}, {window.padding, window.padding});
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const Tensor &x = saved[0], &weight = saved[1];
        const std::vector<int64_t> numbers = context->saved_data["window"].toIntVector();
        const Window window{numbers[0], numbers[1], numbers[2]};
        const Tensor gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
        Tensor to_x;
        if (context->needs_input_grad(0)) {
            to_x = std::get<0>(at::convolution_backward(gradient, x, weight, {}, {window.stride, window.stride},
                                                        {window.padding, window.padding}, {1, 1}, false, {0, 0}, 1, {true, false, false}));
        }

        const int64_t out = weight.size(0), in = weight.size(1), kernel = window.kernel;
        const Tensor rows = gradient.permute({0, 2, 3, 1}).reshape({-1, out});
        const Tensor to_weight = at::mm(rows.t(), windows_of(x, window)).view({out, kernel, kernel, in}).permute({0, 3, 1, 2});
        return {to_x, to_weight.contiguous(), Tensor()};
    }

    static bool suits(const Tensor& x, const Tensor& weight, int64_t stride, int64_t padding, int64_t groups) {
        return fits(x) && x.scalar_type() == at::kBFloat16 && groups == 1 && weight.size(2) == weight.size(3) && weight.size(2) > 1 &&
               std::min(x.size(2), x.size(3)) + 2 * padding >= weight.size(2) && at::GradMode::is_enabled() && weight.requires_grad() &&
               (stride > 1 || x.size(2) * x.size(3) <= 16);
    }

   private:
    // [rows of the result, kernel · kernel · channels], zeros in the padding.
    static Tensor windows_of(const Tensor& x, Window window) {
        const int64_t channels = x.size(1), height = x.size(2), width = x.size(3);
        const int64_t y_height = window.positions(height), y_width = window.positions(width), row_size = window.kernel * window.kernel * channels;
        const Tensor windows = at::empty({x.size(0) * y_height * y_width, row_size}, x.options().memory_format(at::MemoryFormat::Contiguous));
        each_image(windows.view({x.size(0), -1}), [&](int64_t image) {
            const Half* from = data<Half>(x) + image * height * width * channels;
            Half* to = data<Half>(windows) + image * y_height * y_width * row_size;
            for (int64_t at = 0; at < y_height * y_width; at++) {
                for (int64_t i = 0; i < window.kernel; i++) {
                    for (int64_t k = 0; k < window.kernel; k++, to += channels) {
                        const int64_t row = at / y_width * window.stride - window.padding + i;
                        const int64_t column = at % y_width * window.stride - window.padding + k;
                        if (row >= 0 && row < height && column >= 0 && column < width) {
                            std::copy_n(from + (row * width + column) * channels, channels, to);
                        } else {
                            std::fill_n(to, channels, Half{0});
                        }
                    }
                }
            }
        });
        return windows;
    }
};

}  // namespace

// weight [out, in / groups, k, k]; bias [out] or null; the same stride and padding both ways.
SHIM_EXPORT int32_t mlt_conv2d(const Tensor* x, const Tensor* weight, const Tensor* bias, int64_t stride, int64_t padding,
                               int64_t groups, Tensor** result) {
    return shim::guard([&] {
        if (bias == nullptr && FewRowsConv::suits(*x, *weight, stride, padding, groups)) {
            const Tensor same = at::autocast::cached_cast(at::kBFloat16, *weight, at::kCPU);
            *result = own(FewRowsConv::apply(*x, same, Window{weight->size(2), stride, padding}));
        } else {
            *result = own(at::conv2d(*x, *weight, optional(bias), {stride, stride}, {padding, padding}, {1, 1}, groups));
        }
    });
}

// max(0, batch norm), or without ReLU the norm itself. All but x are [C]. In training the running statistics are updated in place.
SHIM_EXPORT int32_t mlt_batch_norm(const Tensor* x, Tensor* running_mean, Tensor* running_var, const Tensor* weight,
                                   const Tensor* bias, int32_t training, double momentum, double eps, int32_t relu, Tensor** result) {
    return shim::guard([&] {
        if (training != 0 && fits(*x)) {
            *result = own(NormRelu::apply(*x, *weight, *bias, *running_mean, *running_var, momentum, eps, relu != 0));
        } else if (training == 0 && !at::GradMode::is_enabled() && fits(*x)) {
            const Tensor scale = *weight * (*running_var + eps).rsqrt();
            const Tensor shift = *bias - *running_mean * scale;
            *result = own(affine_of(*x, data<float>(scale), data<float>(shift), relu != 0));
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

// Gradient descent with Nesterov momentum; all of [parameters], float32. The first decayed ones are pulled to zero.
SHIM_EXPORT int32_t mlt_sgd_step(Tensor* values, const Tensor* gradients, Tensor* velocity, int64_t decayed, double rate, double momentum,
                                 double decay) {
    return shim::guard([&] {
        if (values->device().is_cpu()) {
            const auto step = [&](int64_t begin, int64_t end, double pull) {
                kernels::sgd_step(data<float>(*values) + begin, data<float>(*gradients) + begin, data<float>(*velocity) + begin, end - begin,
                                  static_cast<float>(rate), static_cast<float>(momentum), static_cast<float>(pull));
            };
            at::parallel_for(0, values->numel(), grain_elements, [&](int64_t begin, int64_t end) {
                const int64_t middle = std::clamp(decayed, begin, end);
                step(begin, middle, decay);
                step(middle, end, 0);
            });
        } else {
            Tensor g = *gradients;
            g.narrow(0, 0, decayed).add_(values->narrow(0, 0, decayed), decay);
            velocity->mul_(momentum).add_(g);
            values->add_(g.add_(*velocity, momentum), -rate);
        }
    });
}
