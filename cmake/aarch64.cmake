# Building for 64-bit ARM on another machine: g++-aarch64-linux-gnu, and the libraries in a folder of their own (script/lib/sysroot.sh).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

get_filename_component(FLOTTE_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../build/deps/sysroot-arm64" ABSOLUTE)
# The compiler brings its own C library of the same release; libraries and headers alone come from the folder.
set(CMAKE_C_FLAGS_INIT "-idirafter ${FLOTTE_SYSROOT}/usr/include/aarch64-linux-gnu -idirafter ${FLOTTE_SYSROOT}/usr/include")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")
set(CMAKE_FIND_ROOT_PATH "${FLOTTE_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} "${FLOTTE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${FLOTTE_SYSROOT}/usr/share/pkgconfig")
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${FLOTTE_SYSROOT}")
