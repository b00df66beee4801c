// Cameras, video files, streams, and writing videos.
#include "mlcv.h"

#include <memory>
#include <vector>

#include <opencv2/core/utility.hpp>
#include <opencv2/videoio.hpp>
#include <opencv2/videoio/registry.hpp>

namespace {

// Asking one backend keeps the others, which know less, from trying the same file and complaining.
int preferred(cv::VideoCaptureAPIs backend) {
    return cv::videoio_registry::hasBackend(backend) ? backend : cv::CAP_ANY;
}

void hand_out(std::unique_ptr<cv::VideoCapture> opened, cv::VideoCapture** capture) {
    if (!opened->isOpened()) throw std::runtime_error("no backend could open it");
    *capture = opened.release();
}

// OpenCV 4.6.0, and it alone, turns what a phone held upright recorded by 90 degrees the wrong way
// (https://github.com/opencv/opencv/issues/22088).
void turn_upright(const cv::VideoCapture& capture, cv::Mat& frame) {
    static const bool turns_wrong = cv::getVersionString() == "4.6.0";
    if (!turns_wrong) return;
    const double turn = capture.get(cv::CAP_PROP_ORIENTATION_META);
    if (turn == 90 || turn == 270) cv::flip(frame, frame, -1);
}

}  // namespace

SHIM_EXPORT int32_t mlcv_capture_open_camera(int32_t index, cv::VideoCapture** capture) {
    return shim::guard([&] { hand_out(std::make_unique<cv::VideoCapture>(index, preferred(cv::CAP_V4L2)), capture); });
}

// A path or a URL. The time-out is for opening and for each read of a stream.
SHIM_EXPORT int32_t mlcv_capture_open_file(const char* path, int32_t timeout_ms, cv::VideoCapture** capture) {
    return shim::guard([&] {
        const int backend = preferred(cv::CAP_FFMPEG);
        const std::vector<int> timeouts{cv::CAP_PROP_OPEN_TIMEOUT_MSEC, timeout_ms, cv::CAP_PROP_READ_TIMEOUT_MSEC, timeout_ms};
        hand_out(std::make_unique<cv::VideoCapture>(path, backend, backend == cv::CAP_FFMPEG ? timeouts : std::vector<int>{}), capture);
    });
}

SHIM_EXPORT void mlcv_capture_delete(cv::VideoCapture* capture) {
    delete capture;
}

// has_frame is 0 at the end, and where a camera or stream stopped delivering.
SHIM_EXPORT int32_t mlcv_capture_read(cv::VideoCapture* capture, cv::Mat* frame, int32_t* has_frame) {
    return shim::guard([&] {
        *has_frame = capture->read(*frame) && !frame->empty();
        if (*has_frame) turn_upright(*capture, *frame);
    });
}

SHIM_EXPORT int32_t mlcv_capture_get(const cv::VideoCapture* capture, int32_t property, double* value) {
    return shim::guard([&] { *value = capture->get(property); });
}

SHIM_EXPORT int32_t mlcv_writer_open(const char* path, int32_t fourcc, double frames_per_second, int32_t width, int32_t height,
                                     cv::VideoWriter** writer) {
    return shim::guard([&] {
        auto opened = std::make_unique<cv::VideoWriter>(path, preferred(cv::CAP_FFMPEG), fourcc, frames_per_second, cv::Size(width, height));
        if (!opened->isOpened()) throw std::runtime_error("no backend could write it");
        *writer = opened.release();
    });
}

// Writes what the format needs at its end.
SHIM_EXPORT void mlcv_writer_delete(cv::VideoWriter* writer) {
    delete writer;
}

SHIM_EXPORT int32_t mlcv_writer_write(cv::VideoWriter* writer, const cv::Mat* frame) {
    return shim::guard([&] { writer->write(*frame); });
}
