// The one way out of a shim: every fallible export runs inside guard(), which turns any C++ exception into a status and
// keeps its text for the calling thread until that thread's next failure.
#pragma once

#include <cstdint>
#include <cstring>
#include <exception>
#include <string>

#if defined(_WIN32)
#define SHIM_EXPORT extern "C" __declspec(dllexport)
#else
#define SHIM_EXPORT extern "C" __attribute__((visibility("default")))
#endif

namespace shim {

constexpr int32_t ok = 0;
constexpr int32_t failed = 1;

inline thread_local std::string last_error;

template <typename Body>
int32_t guard(Body&& body) noexcept {
    try {
        body();
        return ok;
    } catch (const std::exception& e) {
        last_error = e.what();
    } catch (...) {
        last_error = "unknown C++ exception";
    }
    return failed;
}

// Copies the calling thread's last error, as UTF-8 with a final NUL, into the caller's buffer; returns its full length.
inline int32_t copy_last_error(char* buffer, int32_t capacity) noexcept {
    if (buffer != nullptr && capacity > 0) {
        const auto count = last_error.copy(buffer, static_cast<size_t>(capacity - 1));
        buffer[count] = '\0';
    }
    return static_cast<int32_t>(last_error.size());
}

}  // namespace shim
