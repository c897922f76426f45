# alexnet_module(NAME [FOLDER folder] [PUBLIC header...] [DEPENDS module...] [LINK target...]
#                [OPTION name NEEDS target... [KEEPS file...]] [PROCESSOR regex])
#
# A module is a folder of src/ and one CMake target, alexnet_NAME. It offers the headers of its folder, as "FOLDER/file.h", and
# those of include/alexnet/ that it implements (PUBLIC), as "alexnet/file.h". Only the headers of the modules that it DEPENDS on
# (and of those they depend on) are on its include path: a dependency that is not spelled out here is a build error.
#
# A module with an OPTION is linked with what it NEEDS while ALEXNET_WITH_<name> is on. Without, its sources make way for those
# in absent/, which offer the same and say what is missing; only those it KEEPS stay. The same holds for a module of a PROCESSOR
# where the program is built for one that is named otherwise.
function(alexnet_module name)
  cmake_parse_arguments(PARSE_ARGV 1 module "" "FOLDER;OPTION;PROCESSOR" "PUBLIC;DEPENDS;LINK;NEEDS;KEEPS")
  if(NOT module_FOLDER)
    set(module_FOLDER ${name})
  endif()
  set(folder ${PROJECT_SOURCE_DIR}/src/${module_FOLDER})
  if((NOT module_OPTION OR ALEXNET_WITH_${module_OPTION}) AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(${module_PROCESSOR})")
    file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
    list(APPEND module_LINK ${module_NEEDS})
  else()
    file(GLOB sources CONFIGURE_DEPENDS ${folder}/absent/*.cpp)
    list(TRANSFORM module_KEEPS PREPEND ${folder}/ OUTPUT_VARIABLE kept)
    list(APPEND sources ${kept})
  endif()
  file(GLOB headers CONFIGURE_DEPENDS ${folder}/*.h)
  add_library(alexnet_${name} STATIC ${sources})

  set(offered ${PROJECT_BINARY_DIR}/modules/${name})
  file(REMOVE_RECURSE ${offered})
  file(MAKE_DIRECTORY ${offered}/${module_FOLDER})
  foreach(header IN LISTS headers)
    get_filename_component(file ${header} NAME)
    file(CREATE_LINK ${header} ${offered}/${module_FOLDER}/${file} SYMBOLIC)
  endforeach()
  foreach(header IN ITEMS export.h LISTS module_PUBLIC)
    file(MAKE_DIRECTORY ${offered}/alexnet)
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/include/alexnet/${header} ${offered}/alexnet/${header} SYMBOLIC)
  endforeach()
  # Apart, for who may see the headers of this module alone.
  add_library(alexnet_${name}_headers INTERFACE)
  target_include_directories(alexnet_${name}_headers INTERFACE ${offered})
  target_link_libraries(alexnet_${name} PUBLIC alexnet_${name}_headers)

  list(TRANSFORM module_DEPENDS PREPEND alexnet_)
  target_link_libraries(alexnet_${name} PUBLIC ${module_DEPENDS} PRIVATE alexnet_flags ${module_LINK})
  set_property(GLOBAL APPEND PROPERTY alexnet_objects $<TARGET_OBJECTS:alexnet_${name}>)
  set_property(GLOBAL APPEND PROPERTY alexnet_links ${module_LINK})
endfunction()

# alexnet_texts(MODULE TEMPLATE FILE...): puts text files into the program. In the template, a source file whose name ends in .in,
# @NAME_ENDING@ stands for the content of NAME.ENDING.
function(alexnet_texts name template)
  foreach(file IN LISTS ARGN)
    get_filename_component(variable ${file} NAME)
    string(REPLACE "." "_" variable ${variable})
    file(READ ${file} ${variable})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  get_filename_component(source ${template} NAME_WLE)
  configure_file(${template} ${PROJECT_BINARY_DIR}/texts/${name}/${source} @ONLY)
  target_sources(alexnet_${name} PRIVATE ${PROJECT_BINARY_DIR}/texts/${name}/${source})
endfunction()

# alexnet_tests(NAME [FOLDER folder] [DEPENDS module...] [LINK target...] [SLOW pattern...]): one GoogleTest program of tests/FOLDER/*.cpp. Its tests
# have the label NAME, or NAME_slow where their names match a pattern (with * and ?); "ctest -L NAME" finds both.
function(alexnet_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "FOLDER" "DEPENDS;LINK;SLOW")
  if(NOT test_FOLDER)
    set(test_FOLDER ${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${test_FOLDER}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  list(TRANSFORM test_DEPENDS PREPEND alexnet_)
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  # What a test computes itself takes no time; compiling it does.
  if(ALEXNET_SANITIZE)
    target_compile_options(test_${name} PRIVATE -O0)
    target_compile_definitions(test_${name} PRIVATE ALEXNET_SANITIZED)
  else()
    target_compile_options(test_${name} PRIVATE -O1)
  endif()
  target_compile_definitions(test_${name} PRIVATE ALEXNET_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/${test_FOLDER}/golden")
  target_link_libraries(test_${name} PRIVATE ${test_DEPENDS} alexnet_flags GTest::gmock_main ${test_LINK})
  set(discovery DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
  list(JOIN test_SLOW ":" slow)
  gtest_discover_tests(test_${name} TEST_FILTER "-${slow}" ${discovery} LABELS ${name})
  if(slow)
    gtest_discover_tests(test_${name} TEST_FILTER "${slow}" ${discovery} LABELS ${name}_slow)
  endif()
endfunction()
