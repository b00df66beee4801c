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

// The share of darker pixels in each image, from 0 to 1, x [N, 1, H, W]. Gray levels count from the image's mean in its standard
// deviations, and a pixel counts for the two knots beside its level, by nearness: the result changes without jumps.
SHIM_EXPORT int32_t mlt_equalize(const Tensor* x, int64_t bins, double range, double eps, Tensor** result) {
    return shim::guard([&] {
        const Tensor pixels = x->flatten(1);
        const Tensor centred = pixels - pixels.mean(1, true);
        const Tensor levels = centred * (centred.square().mean(1, true) + eps).rsqrt();
        const Tensor place = ((levels + range) * (static_cast<double>(bins) / (2 * range))).clamp(0, bins);
        const Tensor below = place.detach().floor().clamp_max(bins - 1);
        const Tensor share = place - below;
        const Tensor knot = below.to(at::kLong);
        const Tensor histogram = at::zeros({x->size(0), bins + 1}, x->options())
                                     .scatter_add(1, knot, 1 - share)
                                     .scatter_add(1, knot + 1, share) /
                                 static_cast<double>(pixels.size(1));
        const Tensor darker = histogram.cumsum(1) - histogram / 2;
        const Tensor at_knot = darker.gather(1, knot);
        *result = own((at_knot + share * (darker.gather(1, knot + 1) - at_knot) - darker.narrow(1, 0, 1)).view_as(*x));
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
