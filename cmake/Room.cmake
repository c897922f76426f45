# alexnet_room(NAME [FOLDER folder] [DEPENDS room...] [LINK target...])
#
# A room is a folder of src/ and one CMake target, alexnet_NAME. Only the headers of the rooms that it DEPENDS on (and of those
# they depend on) are on its include path, as "FOLDER/file.h": an arrow that is not spelled out here is a build error.
function(alexnet_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "FOLDER" "DEPENDS;LINK")
  if(NOT room_FOLDER)
    set(room_FOLDER ${name})
  endif()
  set(folder ${PROJECT_SOURCE_DIR}/src/${room_FOLDER})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  file(GLOB headers CONFIGURE_DEPENDS ${folder}/*.h)
  add_library(alexnet_${name} STATIC ${sources})

  set(door ${PROJECT_BINARY_DIR}/rooms/${name})
  file(REMOVE_RECURSE ${door})
  file(MAKE_DIRECTORY ${door}/${room_FOLDER})
  foreach(header IN LISTS headers)
    get_filename_component(file ${header} NAME)
    file(CREATE_LINK ${header} ${door}/${room_FOLDER}/${file} SYMBOLIC)
  endforeach()
  target_include_directories(alexnet_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include ${door})

  list(TRANSFORM room_DEPENDS PREPEND alexnet_)
  target_link_libraries(alexnet_${name} PUBLIC ${room_DEPENDS} PRIVATE alexnet_flags ${room_LINK})
  set_property(GLOBAL APPEND PROPERTY alexnet_objects $<TARGET_OBJECTS:alexnet_${name}>)
  set_property(GLOBAL APPEND PROPERTY alexnet_links ${room_LINK})
endfunction()

# alexnet_protobuf(ROOM FILE): compiles a .proto file into the room; "NAME.pb.h" is for the room itself and its tests.
function(alexnet_protobuf name file)
  set(folder ${PROJECT_BINARY_DIR}/protobuf/${name})
  get_filename_component(stem ${file} NAME_WE)
  get_filename_component(path ${file} ABSOLUTE)
  get_filename_component(from ${path} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(
    OUTPUT ${folder}/${stem}.pb.cc ${folder}/${stem}.pb.h
    COMMAND protobuf::protoc --cpp_out ${folder} --proto_path ${from} ${path}
    DEPENDS ${path} VERBATIM)
  target_sources(alexnet_${name} PRIVATE ${folder}/${stem}.pb.cc ${folder}/${stem}.pb.h)
  # Generated code is not held to our warnings.
  set_source_files_properties(${folder}/${stem}.pb.cc PROPERTIES COMPILE_OPTIONS -w)
  target_include_directories(alexnet_${name} SYSTEM PRIVATE ${folder})
endfunction()

# alexnet_texts(ROOM TEMPLATE FILE...): puts text files into the program. In the template, a source file whose name ends in .in,
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

# alexnet_tests(NAME [DEPENDS room...] [LINK target...] [SLOW pattern...]): one GoogleTest program of tests/NAME/*.cpp. Its tests
# have the label NAME, or NAME_slow where their names match a pattern (with * and ?); "ctest -L NAME" finds both.
function(alexnet_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "" "DEPENDS;LINK;SLOW")
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  list(TRANSFORM test_DEPENDS PREPEND alexnet_)
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(test_${name} PRIVATE ALEXNET_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/${name}/golden")
  target_link_libraries(test_${name} PRIVATE ${test_DEPENDS} alexnet_flags GTest::gmock_main ${test_LINK})
  set(discovery DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
  list(JOIN test_SLOW ":" slow)
  gtest_discover_tests(test_${name} TEST_FILTER "-${slow}" ${discovery} LABELS ${name})
  if(slow)
    gtest_discover_tests(test_${name} TEST_FILTER "${slow}" ${discovery} LABELS ${name}_slow)
  endif()
endfunction()
