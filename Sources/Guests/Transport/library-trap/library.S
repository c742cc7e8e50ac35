// The program library (Interfaces/library.h) where a call is a system call: the number in a7
// (GuestABI, LibraryCall), the arguments where they are already.

.macro system_call name, number
.section .text.sys_\name, "ax", @progbits
.globl sys_\name
.type sys_\name, @function
sys_\name:
  li a7, \number
  ecall
  ret
.size sys_\name, . - sys_\name
.endm

system_call null, 0
system_call getpid, 1
system_call yield, 2
system_call exit, 3
system_call spawn, 4
system_call wait, 5
system_call kill, 6
system_call sleep, 7
system_call open, 8
system_call close, 9
system_call read, 10
system_call write, 11
system_call seek, 12
system_call mkdir, 13
system_call remove, 14
system_call rename, 15
system_call readdir, 16
system_call stat, 17
system_call sync, 18
system_call map, 19
system_call unmap, 20
system_call fork, 21
system_call exec, 22
system_call pipe, 23
system_call duplicate, 24
system_call poll, 25
system_call time, 26
system_call mapfile, 27
system_call listen, 30
system_call accept, 31
system_call connect, 32
system_call ping, 33
system_call address, 34
system_call findservice, 40
system_call callservice, 41
system_call loadmodule, 42
system_call unloadmodule, 43
system_call cachepolicy, 44
system_call statistics, 45

// Nothing to set up: all state is the kernel's.
.section .text.library_start, "ax", @progbits
.globl library_start
.type library_start, @function
library_start:
  ret
.size library_start, . - library_start
