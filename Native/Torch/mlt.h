// The C ABI of libtorch as MlNetEmotion uses it; NativeMethods.cs mirrors it, declaration by declaration.
//
// Every mlt_ function returns a status (0: done, 1: failed, text by mlt_last_error on the same thread) unless it cannot fail.
// A Tensor* that comes out is the caller's, to be freed once with mlt_tensor_free; a Tensor* that goes in stays the caller's.
// Shapes are int64 arrays with their length. Nothing here is held beyond the call unless libtorch's own graph holds it.
#pragma once

#include <torch/torch.h>

#include "guard.h"

using Tensor = at::Tensor;

inline Tensor* own(Tensor tensor) { return new Tensor(std::move(tensor)); }
inline const Tensor& optional(const Tensor* tensor) {
    static const Tensor undefined;
    return tensor != nullptr ? *tensor : undefined;
}
