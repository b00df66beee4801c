// A window. Every call from one thread.
#include "mlcv.h"

#include <cstdlib>

#include <opencv2/highgui.hpp>

#if defined(__linux__)
#include <dlfcn.h>

namespace {

// Opens and closes a connection to the display server, as the toolkits do, which abort the process where it fails.
template <typename Connection>
bool connects(const char* variable, const char* library, const char* connect, const char* disconnect) {
    const char* value = std::getenv(variable);
    void* module = value != nullptr && *value != '\0' ? dlopen(library, RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (module == nullptr) return false;
    const auto open = reinterpret_cast<Connection* (*)(const char*)>(dlsym(module, connect));
    const auto close = reinterpret_cast<void (*)(Connection*)>(dlsym(module, disconnect));
    Connection* connection = open != nullptr && close != nullptr ? open(nullptr) : nullptr;
    if (connection != nullptr) close(connection);
    return connection != nullptr;
}

}  // namespace
#endif

SHIM_EXPORT int32_t mlcv_has_display() {
#if defined(__linux__)
    return connects<struct x_display>("DISPLAY", "libX11.so.6", "XOpenDisplay", "XCloseDisplay") ||
           connects<struct wl_display>("WAYLAND_DISPLAY", "libwayland-client.so.0", "wl_display_connect", "wl_display_disconnect");
#else
    return 1;
#endif
}

SHIM_EXPORT int32_t mlcv_window_open(const char* name) {
    return shim::guard([&] { cv::namedWindow(name, cv::WINDOW_NORMAL | cv::WINDOW_KEEPRATIO | cv::WINDOW_GUI_NORMAL); });
}

SHIM_EXPORT int32_t mlcv_window_resize(const char* name, int32_t width, int32_t height) {
    return shim::guard([&] { cv::resizeWindow(name, width, height); });
}

SHIM_EXPORT int32_t mlcv_window_close(const char* name) {
    return shim::guard([&] {
        cv::destroyWindow(name);
        cv::waitKey(1);  // the toolkit closes it while it handles events
    });
}

SHIM_EXPORT int32_t mlcv_imshow(const char* name, const cv::Mat* image) {
    return shim::guard([&] { cv::imshow(name, *image); });
}

// key is -1 where none was pressed in that time.
SHIM_EXPORT int32_t mlcv_wait_key(int32_t delay_ms, int32_t* key) {
    return shim::guard([&] { *key = cv::waitKey(delay_ms); });
}

// 0 once the user has closed it.
SHIM_EXPORT int32_t mlcv_window_is_visible(const char* name, int32_t* visible) {
    return shim::guard([&] { *visible = cv::getWindowProperty(name, cv::WND_PROP_VISIBLE) > 0; });
}
