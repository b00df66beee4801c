// What a network's forward pass and loss are made of. Images are [N, C, H, W]; autograd and autocast apply.
#include "mlt.h"

SHIM_EXPORT int32_t mlt_mul(const Tensor* a, const Tensor* b, Tensor** result) {
    return shim::guard([&] { *result = own(a->mul(*b)); });
}

SHIM_EXPORT int32_t mlt_add_scalar(const Tensor* a, double scalar, Tensor** result) {
    return shim::guard([&] { *result = own(a->add(scalar)); });
}

SHIM_EXPORT int32_t mlt_mul_scalar(const Tensor* a, double scalar, Tensor** result) {
    return shim::guard([&] { *result = own(a->mul(scalar)); });
}

SHIM_EXPORT int32_t mlt_relu(const Tensor* x, int32_t inplace, Tensor** result) {
    return shim::guard([&] { *result = own(inplace != 0 ? Tensor(*x).relu_() : x->relu()); });
}

SHIM_EXPORT int32_t mlt_sigmoid(const Tensor* x, Tensor** result) {
    return shim::guard([&] { *result = own(x->sigmoid()); });
}

// Computed in float32.
SHIM_EXPORT int32_t mlt_softmax(const Tensor* x, int64_t dim, Tensor** result) {
    return shim::guard([&] { *result = own(x->softmax(dim, at::kFloat)); });
}

SHIM_EXPORT int32_t mlt_flatten(const Tensor* x, int64_t start_dim, Tensor** result) {
    return shim::guard([&] { *result = own(x->flatten(start_dim)); });
}

SHIM_EXPORT int32_t mlt_mean(const Tensor* x, const int64_t* dims, int32_t count, int32_t keepdim, Tensor** result) {
    // The gradient of a sum is a view, that of a mean a tensor as large as x.
    return shim::guard([&] {
        const Tensor sum = x->sum(at::IntArrayRef(dims, count), keepdim != 0);
        *result = own(sum * (static_cast<double>(sum.numel()) / static_cast<double>(x->numel())));
    });
}

// x [N, in], weight [out, in], bias [out] or null.
SHIM_EXPORT int32_t mlt_linear(const Tensor* x, const Tensor* weight, const Tensor* bias, Tensor** result) {
    return shim::guard([&] { *result = own(at::linear(*x, *weight, optional(bias))); });
}

SHIM_EXPORT int32_t mlt_avg_pool2d(const Tensor* x, int64_t kernel, int64_t stride, Tensor** result) {
    return shim::guard([&] { *result = own(at::avg_pool2d(*x, {kernel, kernel}, {stride, stride})); });
}

SHIM_EXPORT int32_t mlt_dropout(const Tensor* x, double p, int32_t training, Tensor** result) {
    return shim::guard([&] { *result = own(at::dropout(*x, p, training != 0)); });
}

// Mean over the batch, computed in float32; logits [N, classes], target float32 probabilities [N, classes].
SHIM_EXPORT int32_t mlt_cross_entropy(const Tensor* logits, const Tensor* target, Tensor** result) {
    return shim::guard([&] { *result = own(at::cross_entropy_loss(logits->to(at::kFloat), *target)); });
}
