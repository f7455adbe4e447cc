# Libraries from the system's packages, and SQLite from build/deps (see docs/decisions/).
set(Boost_USE_STATIC_LIBS ON)
if(FLOTTE_STATIC)  # one file to carry: only glibc stays outside
  set(OPENSSL_USE_STATIC_LIBS ON)
  list(PREPEND CMAKE_FIND_LIBRARY_SUFFIXES .a)
  find_library(FLOTTE_STATIC_tcmalloc NAMES libtcmalloc_minimal.a REQUIRED)  # docs/decisions/0009-allocator.md
endif()
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(GUMBO REQUIRED IMPORTED_TARGET gumbo)
include(cmake/documents.cmake)

if(NOT EXISTS "${FLOTTE_DEPS}/sqlite/sqlite3.c")
  message(FATAL_ERROR "${FLOTTE_DEPS}/sqlite/sqlite3.c is missing: run script/setup")
endif()
add_library(flotte_sqlite STATIC "${FLOTTE_DEPS}/sqlite/sqlite3.c")
target_include_directories(flotte_sqlite SYSTEM PUBLIC "${FLOTTE_DEPS}/sqlite")
target_compile_options(flotte_sqlite PRIVATE -O2 -w)
target_compile_definitions(flotte_sqlite PRIVATE SQLITE_THREADSAFE=2 SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_OMIT_DEPRECATED
  SQLITE_OMIT_LOAD_EXTENSION SQLITE_DQS=0 SQLITE_USE_URI=0 SQLITE_MAX_EXPR_DEPTH=0 SQLITE_ENABLE_STAT4 HAVE_FDATASYNC=1 SQLITE_LIKE_DOESNT_MATCH_BLOBS)
target_link_libraries(flotte_sqlite PUBLIC Threads::Threads ${CMAKE_DL_LIBS})

set(FLOTTE_LOG_LIBRARIES fmt::fmt spdlog::spdlog)
if(FLOTTE_STATIC)  # both are packaged as shared libraries only
  add_library(flotte_fmt STATIC "${CMAKE_CURRENT_LIST_DIR}/static/fmt.cpp")
  target_include_directories(flotte_fmt SYSTEM PUBLIC $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
  set_target_properties(spdlog::spdlog_header_only PROPERTIES INTERFACE_LINK_LIBRARIES "Threads::Threads;flotte_fmt")
  set(FLOTTE_LOG_LIBRARIES flotte_fmt spdlog::spdlog_header_only)
endif()

add_library(flotte_external INTERFACE)
target_include_directories(flotte_external INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_link_libraries(flotte_external INTERFACE Boost::json Boost::url OpenSSL::SSL OpenSSL::Crypto
  ${FLOTTE_LOG_LIBRARIES} Threads::Threads)
target_compile_definitions(flotte_external INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE TOML_HEADER_ONLY=1 FLOTTE_VERSION="${PROJECT_VERSION}")
if(FLOTTE_TESTS)
  find_package(GTest REQUIRED)
endif()
