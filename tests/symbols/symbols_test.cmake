# cmake -D NM=... -D LIBRARY=... -P symbols_test.cmake
#
# What the library exports are names of namespace alexnet alone: nothing of what it is linked with, so that a process may hold
# other copies of fmt, nlohmann, oneDNN or protobuf, and none of the standard library's templates.
execute_process(COMMAND ${NM} --dynamic --demangle --defined-only --format=posix ${LIBRARY}
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${NM} ended with ${status}: ${errors}")
endif()
string(REPLACE ";" "," output "${output}")
string(REPLACE "\n" ";" lines "${output}")
set(own 0)
set(others "")
foreach(line IN LISTS lines)
  if(line MATCHES "^((typeinfo|typeinfo name|vtable) for )?alexnet::")
    math(EXPR own "${own} + 1")
  elseif(NOT line STREQUAL "")
    string(APPEND others "  ${line}\n")
  endif()
endforeach()
if(others)
  message(FATAL_ERROR "${LIBRARY} exports names that are not its own:\n${others}")
endif()
if(own LESS 50)
  message(FATAL_ERROR "${LIBRARY} exports ${own} names of namespace alexnet: fewer than its headers declare")
endif()
message(STATUS "${own} names, all of namespace alexnet")
