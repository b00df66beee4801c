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

// Blends a colour over what is there: opacity 0 leaves it, 1 covers it.
SHIM_EXPORT int32_t mlcv_shade(cv::Mat* mat, int32_t x, int32_t y, int32_t width, int32_t height, uint32_t rgb, double opacity) {
    return shim::guard([&] {
        cv::Mat part = (*mat)(cv::Rect(x, y, width, height) & cv::Rect({}, mat->size()));
        if (!part.empty()) cv::addWeighted(part, 1 - opacity, cv::Mat(part.size(), part.type(), bgr(rgb)), opacity, 0, part);
    });
}

// Leaves no more of the rectangle than the mean colours of cells x cells parts, blended into one another.
SHIM_EXPORT int32_t mlcv_blur(cv::Mat* mat, int32_t x, int32_t y, int32_t width, int32_t height, int32_t cells) {
    return shim::guard([&] {
        cv::Mat part = (*mat)(cv::Rect(x, y, width, height) & cv::Rect({}, mat->size()));
        if (part.empty()) return;
        cv::Mat means;
        cv::resize(part, means, {cells, cells}, 0, 0, cv::INTER_AREA);
        cv::resize(means, part, part.size(), 0, 0, cv::INTER_LINEAR);
    });
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
