// Matrices: memory, image codecs, resizing and colour conversion.
#include "mlcv.h"

#include <cstdlib>
#include <vector>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace {

// OpenCV and FFmpeg report failures by status, which this shim hands on; their own copies on standard error, and what Qt
// thinks of the environment, would only break up the programs' output. Whoever wants them sets the environment variables.
struct Silence {
    Silence() {
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
#if !defined(_WIN32)
        setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
        setenv("QT_LOGGING_RULES", "default.warning=false", 0);
#endif
    }
} const silence;

// The order of MlNetEmotion.Imaging.PixelFormat.
enum pixel_format : int32_t { gray8, bgr24, rgb24, bgra32, rgba32 };

}  // namespace

SHIM_EXPORT int32_t mlcv_last_error(char* buffer, int32_t capacity) {
    return shim::copy_last_error(buffer, capacity);
}

SHIM_EXPORT int32_t mlcv_mat_new(cv::Mat** mat) {
    return shim::guard([&] { *mat = new cv::Mat(); });
}

SHIM_EXPORT void mlcv_mat_delete(cv::Mat* mat) {
    delete mat;
}

SHIM_EXPORT void mlcv_mat_get_info(const cv::Mat* mat, mlcv_mat_info* info) {
    *info = {mat->data, static_cast<int64_t>(mat->step[0]), mat->cols, mat->rows, mat->channels(), mat->depth()};
}

// Copies pixels in: gray stays one channel, colours become BGR.
SHIM_EXPORT int32_t mlcv_mat_from_pixels(const uint8_t* pixels, int32_t width, int32_t height, int32_t stride, int32_t format,
                                         cv::Mat* mat) {
    return shim::guard([&] {
        const int channels = format == gray8 ? 1 : format == bgr24 || format == rgb24 ? 3 : 4;
        const cv::Mat borrowed(height, width, CV_8UC(channels), const_cast<uint8_t*>(pixels), static_cast<size_t>(stride));
        switch (format) {
        case gray8:
        case bgr24: borrowed.copyTo(*mat); break;
        case rgb24: cv::cvtColor(borrowed, *mat, cv::COLOR_RGB2BGR); break;
        case bgra32: cv::cvtColor(borrowed, *mat, cv::COLOR_BGRA2BGR); break;
        case rgba32: cv::cvtColor(borrowed, *mat, cv::COLOR_RGBA2BGR); break;
        default: throw std::invalid_argument("unknown pixel format");
        }
    });
}

// Gray is the luma of cvtColor whatever the format: the codecs' own conversions differ from it and from one another.
SHIM_EXPORT int32_t mlcv_imdecode(const uint8_t* encoded, int32_t length, int32_t mode, cv::Mat* mat) {
    return shim::guard([&] {
        const cv::Mat borrowed(1, length, CV_8UC1, const_cast<uint8_t*>(encoded));
        const bool gray = mode == cv::IMREAD_GRAYSCALE;
        cv::imdecode(borrowed, gray ? static_cast<int>(cv::IMREAD_ANYCOLOR) : mode, mat);
        if (mat->empty()) throw std::runtime_error("the decoder gave up");
        if (gray && mat->channels() == 3) cv::cvtColor(*mat, *mat, cv::COLOR_BGR2GRAY);
    });
}

// The encoded bytes come as a matrix of one row.
SHIM_EXPORT int32_t mlcv_imencode(const cv::Mat* mat, const char* extension, int32_t jpeg_quality, cv::Mat* encoded) {
    return shim::guard([&] {
        std::vector<uint8_t> bytes;
        std::vector<int> parameters;
        if (jpeg_quality >= 0) parameters = {cv::IMWRITE_JPEG_QUALITY, jpeg_quality};
        if (!cv::imencode(extension, *mat, bytes, parameters)) throw std::runtime_error("the encoder gave up");
        cv::Mat(1, static_cast<int>(bytes.size()), CV_8UC1, bytes.data()).copyTo(*encoded);
    });
}

// Threads within an operation, for the whole process; 1 for none beside the caller's.
SHIM_EXPORT int32_t mlcv_set_num_threads(int32_t count) {
    return shim::guard([&] { cv::setNumThreads(count); });
}

SHIM_EXPORT int32_t mlcv_resize(const cv::Mat* source, cv::Mat* destination, int32_t width, int32_t height, int32_t interpolation) {
    return shim::guard([&] { cv::resize(*source, *destination, {width, height}, 0, 0, interpolation); });
}

SHIM_EXPORT int32_t mlcv_cvt_color(const cv::Mat* source, cv::Mat* destination, int32_t code) {
    return shim::guard([&] { cv::cvtColor(*source, *destination, code); });
}

// Left becomes right.
SHIM_EXPORT int32_t mlcv_mirror(const cv::Mat* source, cv::Mat* destination) {
    return shim::guard([&] { cv::flip(*source, *destination, 1); });
}

SHIM_EXPORT int32_t mlcv_copy(const cv::Mat* source, cv::Mat* destination) {
    return shim::guard([&] { source->copyTo(*destination); });
}

// Black on all sides; the source stands in the middle.
SHIM_EXPORT int32_t mlcv_pad(const cv::Mat* source, cv::Mat* destination, int32_t width, int32_t height) {
    return shim::guard([&] {
        const int left = (width - source->cols) / 2;
        const int top = (height - source->rows) / 2;
        cv::copyMakeBorder(*source, *destination, top, height - source->rows - top, left, width - source->cols - left, cv::BORDER_CONSTANT);
    });
}
