# Compiler, linker and cache: what is present is used.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wall> $<$<COMPILE_LANGUAGE:CXX>:-Wextra> -fno-plt)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside the standard library and Boost, for code that is right.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fcoroutines> $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>
                      -Wno-maybe-uninitialized -Wno-missing-field-initializers)
  # Optimised, it takes the frames of coroutines for memory that is freed in another way than it was got.
  add_compile_options($<$<AND:$<CONFIG:Release>,$<COMPILE_LANGUAGE:CXX>>:-Wno-mismatched-new-delete>
                      $<$<CONFIG:Release>:-Wno-free-nonheap-object>)
else()
  add_compile_options(-Wno-missing-field-initializers)
endif()
# The same binary wherever the tree lies. Not while developing: tests find their files by __FILE__.
add_compile_options($<$<CONFIG:Release>:-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=>)
if(FLOTTE_SANITIZE)
  add_compile_options(-fsanitize=${FLOTTE_SANITIZE} -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${FLOTTE_SANITIZE})
endif()
# Failpoints (src/base/failpoint.hpp) are for the developers' flavours.
add_compile_definitions($<$<CONFIG:Release>:FLOTTE_FAILPOINTS=0>)
