# Compiler flags for every target: C11, the project's warnings, hardening, sanitizers.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
include(CheckPIESupported)
check_pie_supported()

add_compile_definitions(_GNU_SOURCE TAGFERRY_VERSION="${PROJECT_VERSION}")
add_compile_options(-Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wconversion
                    -Wformat=2 -Wpointer-arith -Wundef -fno-common)
# On 32 bits, too, times beyond 2038 and large files. The libraries may be built with a time_t of 32 bits:
# no function of theirs is called that takes or returns one.
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
    add_compile_definitions(_FILE_OFFSET_BITS=64 _TIME_BITS=64)
endif()
if(TAGFERRY_WERROR)
    add_compile_options(-Werror)
endif()

if(TAGFERRY_FUZZ AND NOT TAGFERRY_FUZZ STREQUAL "REPLAY")
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(TAGFERRY_SANITIZE)
    add_compile_options(-fsanitize=${TAGFERRY_SANITIZE} -fno-omit-frame-pointer
                        -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${TAGFERRY_SANITIZE})
    if(TAGFERRY_SANITIZE MATCHES address AND TAGFERRY_TESTS)
        add_library(asan_options OBJECT ${CMAKE_CURRENT_LIST_DIR}/asan_options.c)
        link_libraries(asan_options)
    endif()
else()
    # With -z now, calls of libraries need no stubs, each of which is one more line of the cache.
    add_compile_options(-fstack-protector-strong -fno-plt)
    add_compile_definitions($<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
    add_link_options(-Wl,-z,relro,-z,now)
endif()
