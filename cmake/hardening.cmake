# What a release is compiled and linked with so that a defect in it, or in a header of its libraries, ends the process
# instead of being used: canaries, checked copies, checked containers, no table that stays writable. The packaged archives
# are built that way by the distribution. tests/structure/hardening_test.py finds each in the binary.
add_compile_options(
  "$<$<CONFIG:Release>:-fstack-protector-strong;-fstack-clash-protection;-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3>")
add_compile_definitions($<$<CONFIG:Release>:_GLIBCXX_ASSERTIONS>)
add_link_options($<$<CONFIG:Release>:LINKER:-z,relro,-z,now>)
