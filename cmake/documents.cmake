# What reads other people's documents, always linked statically, so that every build reads the same: ICU (encodings, with only the data
# that cmake/icu_converters.txt lists), libarchive (ZIP) and pugixml (XML). Target: flotte_documents. See docs/decisions/0006-encodings.md.
#
# As a script (-P) it makes the cut ICU data: ARCHIVE (libicudata.a), LIST, PACKAGE (icudt72l), AR, OBJCOPY, ICUPKG, WORK, OUTPUT.
if(CMAKE_SCRIPT_MODE_FILE)
  function(run)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK}" RESULT_VARIABLE status ERROR_VARIABLE error OUTPUT_VARIABLE ignored)
    if(status)
      message(FATAL_ERROR "${ARGN}: ${error}")
    endif()
  endfunction()
  file(REMOVE_RECURSE "${WORK}")
  file(MAKE_DIRECTORY "${WORK}/kept" "${WORK}/cut")
  file(STRINGS "${LIST}" lines REGEX "^[^#]")
  list(TRANSFORM lines REPLACE " .*" "")
  list(JOIN lines "\n" names)
  file(WRITE "${WORK}/keep.txt" "${names}\n")
  run("${AR}" x "${ARCHIVE}")
  file(GLOB object "${WORK}/*.o")
  run("${OBJCOPY}" -O binary --only-section=.rodata "${object}" "${PACKAGE}.dat")
  run("${ICUPKG}" -x keep.txt -d kept "${PACKAGE}.dat")
  run("${ICUPKG}" -a keep.txt -s kept new "cut/${PACKAGE}.dat")
  file(SHA256 "${WORK}/cut/${PACKAGE}.dat" hash)
  file(WRITE "${OUTPUT}" "// Made by cmake/documents.cmake. Do not edit. ${hash}
#include <unicode/utypes.h>
#define NAME_OF(symbol) NAME_IS(symbol)
#define NAME_IS(symbol) #symbol
asm(\".section .rodata\\n.balign 16\\n.global \" NAME_OF(U_ICUDATA_ENTRY_POINT) \"\\n\" NAME_OF(U_ICUDATA_ENTRY_POINT)
    \":\\n.incbin \\\"${WORK}/cut/${PACKAGE}.dat\\\"\\n.previous\\n\");\n")
  file(REMOVE "${object}" "${WORK}/${PACKAGE}.dat")
  return()
endif()

foreach(library icui18n icuuc icudata archive nettle lzma bz2 zstd z pugixml)
  find_library(FLOTTE_STATIC_${library} NAMES lib${library}.a REQUIRED)
endforeach()
find_program(ICUPKG icupkg REQUIRED HINTS /usr/sbin)
find_path(ICU_INCLUDE unicode/uvernum.h REQUIRED)
find_path(PUGIXML_INCLUDE pugixml.hpp REQUIRED)
find_path(ARCHIVE_INCLUDE archive.h REQUIRED)
file(STRINGS "${ICU_INCLUDE}/unicode/uvernum.h" icu_version REGEX "^#define U_ICU_VERSION_MAJOR_NUM [0-9]+")
string(REGEX REPLACE ".* " "" icu_version "${icu_version}")

set(icu_list "${CMAKE_CURRENT_LIST_DIR}/icu_converters.txt")
set(icu_data "${CMAKE_BINARY_DIR}/icu_data.cpp")
add_custom_command(OUTPUT "${icu_data}"
  COMMAND "${CMAKE_COMMAND}" "-DARCHIVE=${FLOTTE_STATIC_icudata}" "-DLIST=${icu_list}" "-DPACKAGE=icudt${icu_version}l" "-DAR=${CMAKE_AR}"
          "-DOBJCOPY=${CMAKE_OBJCOPY}" "-DICUPKG=${ICUPKG}" "-DWORK=${CMAKE_BINARY_DIR}/icu_data" "-DOUTPUT=${icu_data}"
          -P "${CMAKE_CURRENT_LIST_FILE}"
  DEPENDS "${icu_list}" "${CMAKE_CURRENT_LIST_FILE}" "${FLOTTE_STATIC_icudata}" COMMENT "Cutting ICU's data to the converters" VERBATIM)
add_library(flotte_icu_data STATIC "${icu_data}")
target_include_directories(flotte_icu_data SYSTEM PRIVATE "${ICU_INCLUDE}")

add_library(flotte_documents INTERFACE)
target_include_directories(flotte_documents SYSTEM INTERFACE "${ICU_INCLUDE}" "${PUGIXML_INCLUDE}" "${ARCHIVE_INCLUDE}")
target_link_libraries(flotte_documents INTERFACE "${FLOTTE_STATIC_icui18n}" "${FLOTTE_STATIC_icuuc}" flotte_icu_data
  "${FLOTTE_STATIC_archive}" "${FLOTTE_STATIC_nettle}" "${FLOTTE_STATIC_lzma}" "${FLOTTE_STATIC_bz2}" "${FLOTTE_STATIC_zstd}"
  "${FLOTTE_STATIC_z}" "${FLOTTE_STATIC_pugixml}" ${CMAKE_DL_LIBS})
