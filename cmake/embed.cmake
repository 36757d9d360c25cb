# Run by cmake -P: writes OUTPUT, a C file that defines each of FILES as an array of bytes ended by
# a NUL, and a table `struct embedded NAME[]` of them in order, ended by NULL. HEADER declares it.
#   cmake -DOUTPUT=file.c -DNAME=table -DHEADER=folder/file.h -DFILES=a;b -P embed.cmake
set(arrays "")
set(rows "")
set(index 0)
foreach(file IN LISTS FILES)
    file(READ "${file}" hex HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    get_filename_component(base "${file}" NAME)
    string(APPEND arrays "static const unsigned char file_${index}[] = {${bytes}0};\n")
    string(APPEND rows "    {\"${base}\", (const char *)file_${index}, sizeof file_${index} - 1},\n")
    math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUTPUT}"
"/* Made at build from: ${FILES} */
#include \"${HEADER}\"

${arrays}
const struct embedded ${NAME}[] = {
${rows}    {NULL, NULL, 0},
};
")
