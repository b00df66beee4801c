// Drawing on BGR images.
#include "mlcv.h"

#include <opencv2/imgproc.hpp>

namespace {

constexpr int font = cv::FONT_HERSHEY_DUPLEX;

cv::Scalar bgr(uint32_t rgb) {
    return {static_cast<double>(rgb & 0xFF), static_cast<double>((rgb >> 8) & 0xFF), static_cast<double>((rgb >> 16) & 0xFF)};
}

}  // namespace

// A thickness of -1 fills. rgb is 0xRRGGBB.
SHIM_EXPORT int32_t mlcv_rectangle(cv::Mat* mat, int32_t x, int32_t y, int32_t width, int32_t height, uint32_t rgb, int32_t thickness) {
    return shim::guard([&] { cv::rectangle(*mat, {x, y, width, height}, bgr(rgb), thickness); });
}

// (x, y) is where the baseline starts.
SHIM_EXPORT int32_t mlcv_put_text(cv::Mat* mat, const char* text, int32_t x, int32_t y, double scale, uint32_t rgb, int32_t thickness) {
    return shim::guard([&] { cv::putText(*mat, text, {x, y}, font, scale, bgr(rgb), thickness, cv::LINE_AA); });
}

SHIM_EXPORT int32_t mlcv_get_text_size(const char* text, double scale, int32_t thickness, int32_t* width, int32_t* height, int32_t* baseline) {
    return shim::guard([&] {
        const cv::Size size = cv::getTextSize(text, font, scale, thickness, baseline);
        *width = size.width;
        *height = size.height;
    });
}
