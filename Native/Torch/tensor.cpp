// Tensors: making, reading, viewing, and arithmetic in place.
#include "mlt.h"

namespace {

at::Device device_of(int32_t cuda) { return cuda != 0 ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU); }

// Copies elements out as float32 in logical (row-major) order, whatever the tensor's own type, layout and device.
void copy_out(const Tensor& tensor, float* destination, int64_t count) {
    TORCH_CHECK(tensor.numel() == count, "the tensor has ", tensor.numel(), " elements, the buffer takes ", count);
    const Tensor plain = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
    std::memcpy(destination, plain.data_ptr<float>(), static_cast<size_t>(count) * sizeof(float));
}

}  // namespace

SHIM_EXPORT void mlt_tensor_free(Tensor* tensor) { delete tensor; }

// float32 zeros [shape].
SHIM_EXPORT int32_t mlt_zeros(const int64_t* shape, int32_t dims, int32_t cuda, Tensor** result) {
    return shim::guard([&] {
        *result = own(torch::zeros(at::IntArrayRef(shape, dims), at::TensorOptions(at::kFloat).device(device_of(cuda))));
    });
}

// Copies float32 data [shape], row-major.
SHIM_EXPORT int32_t mlt_tensor_float(const float* data, const int64_t* shape, int32_t dims, int32_t cuda, Tensor** result) {
    return shim::guard([&] {
        const Tensor borrowed = torch::from_blob(const_cast<float*>(data), at::IntArrayRef(shape, dims), at::kFloat);
        *result = own(borrowed.to(device_of(cuda), at::kFloat, /*non_blocking=*/false, /*copy=*/true));
    });
}

SHIM_EXPORT int32_t mlt_tensor_dim(const Tensor* tensor) { return static_cast<int32_t>(tensor->dim()); }

// Writes dim() sizes.
SHIM_EXPORT void mlt_tensor_shape(const Tensor* tensor, int64_t* shape) {
    const auto sizes = tensor->sizes();
    std::copy(sizes.begin(), sizes.end(), shape);
}

SHIM_EXPORT int32_t mlt_tensor_read(const Tensor* tensor, float* destination, int64_t count) {
    return shim::guard([&] { copy_out(*tensor, destination, count); });
}

// Overwrites the tensor's elements, in logical order, with float32 data from memory.
SHIM_EXPORT int32_t mlt_tensor_write(Tensor* tensor, const float* source, int64_t count) {
    return shim::guard([&] {
        TORCH_CHECK(tensor->numel() == count, "the tensor has ", tensor->numel(), " elements, the data ", count);
        const at::NoGradGuard no_grad;
        tensor->copy_(torch::from_blob(const_cast<float*>(source), tensor->sizes(), at::kFloat));
    });
}

SHIM_EXPORT int32_t mlt_tensor_view(const Tensor* tensor, const int64_t* shape, int32_t dims, Tensor** result) {
    return shim::guard([&] { *result = own(tensor->view(at::IntArrayRef(shape, dims))); });
}

SHIM_EXPORT int32_t mlt_tensor_narrow(const Tensor* tensor, int64_t dim, int64_t start, int64_t length, Tensor** result) {
    return shim::guard([&] { *result = own(tensor->narrow(dim, start, length)); });
}

SHIM_EXPORT int32_t mlt_tensor_permute(const Tensor* tensor, const int64_t* order, int32_t dims, Tensor** result) {
    return shim::guard([&] { *result = own(tensor->permute(at::IntArrayRef(order, dims))); });
}

// Shares memory, leaves the graph.
SHIM_EXPORT int32_t mlt_tensor_detach(const Tensor* tensor, Tensor** result) {
    return shim::guard([&] { *result = own(tensor->detach()); });
}

SHIM_EXPORT int32_t mlt_tensor_clone(const Tensor* tensor, Tensor** result) {
    return shim::guard([&] { *result = own(tensor->clone()); });
}

SHIM_EXPORT int32_t mlt_tensor_channels_last(const Tensor* tensor, Tensor** result) {
    return shim::guard([&] { *result = own(tensor->contiguous(at::MemoryFormat::ChannelsLast)); });
}

SHIM_EXPORT int32_t mlt_tensor_requires_grad_(Tensor* tensor, int32_t enabled) {
    return shim::guard([&] { tensor->requires_grad_(enabled != 0); });
}

// The gradient tensor itself (not a copy); *result is null where there is none yet.
SHIM_EXPORT int32_t mlt_tensor_grad(const Tensor* tensor, Tensor** result) {
    return shim::guard([&] { *result = tensor->grad().defined() ? own(tensor->grad()) : nullptr; });
}

// Lets backward accumulate into this tensor from now on.
SHIM_EXPORT int32_t mlt_tensor_set_grad(Tensor* tensor, const Tensor* grad) {
    return shim::guard([&] { tensor->mutable_grad() = *grad; });
}

// gradient: of the tensor's shape, or null for a scalar's 1.
SHIM_EXPORT int32_t mlt_tensor_backward(const Tensor* tensor, const Tensor* gradient) {
    return shim::guard([&] { tensor->backward(optional(gradient)); });
}

SHIM_EXPORT int32_t mlt_tensor_zero_(Tensor* tensor) {
    return shim::guard([&] { tensor->zero_(); });
}

SHIM_EXPORT int32_t mlt_tensor_copy_(Tensor* tensor, const Tensor* source) {
    return shim::guard([&] { tensor->copy_(*source); });
}

// tensor += alpha * other
SHIM_EXPORT int32_t mlt_tensor_add_(Tensor* tensor, const Tensor* other, double alpha) {
    return shim::guard([&] { tensor->add_(*other, alpha); });
}

SHIM_EXPORT int32_t mlt_tensor_add_scalar_(Tensor* tensor, double scalar) {
    return shim::guard([&] { tensor->add_(scalar); });
}

SHIM_EXPORT int32_t mlt_tensor_mul_scalar_(Tensor* tensor, double scalar) {
    return shim::guard([&] { tensor->mul_(scalar); });
}

// tensor += weight * (end - tensor)
SHIM_EXPORT int32_t mlt_tensor_lerp_(Tensor* tensor, const Tensor* end, double weight) {
    return shim::guard([&] { tensor->lerp_(*end, weight); });
}

// tensor += value * a * b
SHIM_EXPORT int32_t mlt_tensor_addcmul_(Tensor* tensor, const Tensor* a, const Tensor* b, double value) {
    return shim::guard([&] { tensor->addcmul_(*a, *b, value); });
}

// tensor += value * a / b
SHIM_EXPORT int32_t mlt_tensor_addcdiv_(Tensor* tensor, const Tensor* a, const Tensor* b, double value) {
    return shim::guard([&] { tensor->addcdiv_(*a, *b, value); });
}

SHIM_EXPORT int32_t mlt_tensor_sqrt(const Tensor* tensor, Tensor** result) {
    return shim::guard([&] { *result = own(tensor->sqrt()); });
}

SHIM_EXPORT int32_t mlt_tensor_norm(const Tensor* tensor, Tensor** result) {
    return shim::guard([&] { *result = own(tensor->norm()); });
}
