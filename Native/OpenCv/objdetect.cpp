// Haar and LBP cascades.
#include "mlcv.h"

#include <memory>
#include <vector>

#include <opencv2/objdetect.hpp>

static_assert(sizeof(cv::Rect) == 16, "MlNetEmotion.Imaging.Box has the same four int32");

struct mlcv_cascade {
    cv::CascadeClassifier classifier;
    std::vector<cv::Rect> found;
};

SHIM_EXPORT int32_t mlcv_cascade_new(const char* path, mlcv_cascade** cascade) {
    return shim::guard([&] {
        auto loaded = std::make_unique<mlcv_cascade>();
        if (!loaded->classifier.load(path)) throw std::runtime_error("no cascade of weak classifiers in it");
        *cascade = loaded.release();
    });
}

SHIM_EXPORT void mlcv_cascade_delete(mlcv_cascade* cascade) {
    delete cascade;
}

// The sides of the smallest object that the cascade can find.
SHIM_EXPORT void mlcv_cascade_get_window_size(const mlcv_cascade* cascade, int32_t* width, int32_t* height) {
    const cv::Size size = cascade->classifier.getOriginalWindowSize();
    *width = size.width;
    *height = size.height;
}

// The boxes belong to the cascade and stay until it detects again.
SHIM_EXPORT int32_t mlcv_cascade_detect(mlcv_cascade* cascade, const cv::Mat* gray, double scale_factor, int32_t min_neighbors,
                                        int32_t min_size, const cv::Rect** boxes, int32_t* count) {
    return shim::guard([&] {
        cascade->classifier.detectMultiScale(*gray, cascade->found, scale_factor, min_neighbors, 0, {min_size, min_size});
        *boxes = cascade->found.data();
        *count = static_cast<int32_t>(cascade->found.size());
    });
}
