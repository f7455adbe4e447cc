# flotte_embed_text(TARGET FILE HEADER FUNCTION): adds a text file to TARGET as `std::string_view FUNCTION()`, declared in HEADER, for
# example flotte_embed_text(flotte_route api/models.toml route/catalog.hpp flotte::route::models_toml).
function(flotte_embed_text target file header function)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${file}")
  file(READ "${CMAKE_SOURCE_DIR}/${file}" text)
  get_filename_component(name "${file}" NAME)
  set(output "${CMAKE_BINARY_DIR}/embedded_${name}.cpp")
  # Written only when it changes, so that nothing is compiled again for nothing.
  file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT
    "// Made from ${file} by cmake/embed_text.cmake. Do not edit.\n#include \"${header}\"\n\nstd::string_view ${function}() { return R\"embedded(@text@)embedded\"; }\n")
  set_source_files_properties("${output}" PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE "${output}")
endfunction()
