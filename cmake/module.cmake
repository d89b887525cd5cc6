# One folder under bridge/ is one static library. The DEPS row is the module's allowed include list:
# tests/structure/includes_test.py compares it with every #include.
#
#   bridge_module(NAME DEPS module... LIBS external-target...)
function(bridge_module name)
  cmake_parse_arguments(arg "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bridge/${name}/*.cc)
  list(TRANSFORM arg_DEPS PREPEND bridge_)
  if(sources)
    add_library(bridge_${name} STATIC ${sources})
    target_include_directories(bridge_${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(bridge_${name} PUBLIC ${arg_DEPS} ${arg_LIBS} PRIVATE bridge_warnings)
  else()
    add_library(bridge_${name} INTERFACE)
    target_include_directories(bridge_${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(bridge_${name} INTERFACE ${arg_DEPS} ${arg_LIBS})
  endif()
endfunction()

# One folder under tests/ that mirrors a module is one test program, <name>_test. With BRIDGE_SANITIZER_TESTS what runs is
# the program of build/dev (ASan and UBSan), which scripts/test has built: once, and where it finds most.
#
#   bridge_test(NAME DEPS target...)
function(bridge_test name)
  test_program(${name} ${ARGN})
  if(BRIDGE_SANITIZER_TESTS)
    set_target_properties(${name}_test PROPERTIES EXCLUDE_FROM_ALL ON)
    add_test(NAME ${name} COMMAND ${CMAKE_SOURCE_DIR}/build/dev/bin/${name}_test)
  else()
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS unit)
endfunction()

# <name>_test of tests/<name>/*_test.cc.
function(test_program name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*_test.cc)
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE ${arg_DEPS} GTest::gmock GTest::gtest_main bridge_warnings)
  target_compile_definitions(${name}_test PRIVATE TESTDATA_DIR="${CMAKE_SOURCE_DIR}/tests/testdata")
  # What is tested is optimised, the tests themselves are not: half the time of a build from nothing.
  target_compile_options(${name}_test PRIVATE $<IF:$<CONFIG:Debug>,-O0,-O1>)
endfunction()

# -Wrestrict is a false alarm on every `"x" + std::string` of g++ 12 (GCC bug 105651);
# -Wmissing-field-initializers forbids what designated initialisers are for.
add_library(bridge_warnings INTERFACE)
target_compile_options(bridge_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-restrict
                                                 -Wno-missing-field-initializers
                                                 -Wno-sign-conversion $<$<BOOL:${BRIDGE_WERROR}>:-Werror>)
