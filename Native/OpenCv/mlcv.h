// OpenCV behind a C ABI for MlNetEmotion.Native.OpenCv; NativeMethods.cs holds the same signatures in C#.
//
// Every fallible export returns shim::ok or shim::failed, and mlcv_last_error then has the text. Text is UTF-8 with a final
// NUL. What an mlcv_*_new hands out belongs to the caller, who frees it with the matching mlcv_*_delete.
#pragma once

#include <cstdint>
#include <stdexcept>

#include <opencv2/core.hpp>

#include "guard.h"

// Where a matrix keeps its pixels. Valid until the matrix is written to or deleted.
struct mlcv_mat_info {
    uint8_t* data;
    int64_t step;  // bytes from one row to the next
    int32_t width;
    int32_t height;
    int32_t channels;
    int32_t depth;  // CV_8U is 0
};
static_assert(sizeof(mlcv_mat_info) == 32, "NativeMethods.cs declares the same 32 bytes");
