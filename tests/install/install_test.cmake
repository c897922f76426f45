# cmake -D BUILD=... -D SOURCE=... -D COMPILER=... -D GENERATOR=... -D FLAGS=... -P install_test.cmake
set(work ${BUILD}/install_test)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${output}${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect text)
  if(NOT output MATCHES "${text}")
    message(FATAL_ERROR "expected '${text}' in:\n${output}")
  endif()
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
foreach(project examples tests/install/outside)
  run(${CMAKE_COMMAND} -S ${SOURCE}/${project} -B ${work}/${project} -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${work}/prefix
      -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS})
  run(${CMAKE_COMMAND} --build ${work}/${project})
endforeach()

set(model ${work}/model.safetensors)
set(photo ${SOURCE}/tests/install/photo.png)
run(${work}/tests/install/outside/make_model ${model})
run(${work}/examples/classify_photo ${model} ${photo})
expect("photo.png\n +0.96[0-9]*  cat\n")  # e^4 / (e^4 + 2) = 0.9647
run(${work}/prefix/bin/alexnet classify ${model} ${photo})
expect("cat")
