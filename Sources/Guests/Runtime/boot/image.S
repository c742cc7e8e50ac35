// What every image has: the places of its sections, the task table, and a way to stop.

.section .text.kernel_stop, "ax", @progbits
.globl kernel_stop
.type kernel_stop, @function
kernel_stop:
  csrw sie, zero
1:
  wfi
  j 1b
.size kernel_stop, . - kernel_stop

// The image's sections, as numbers.
.macro address_function name, symbol
.section .text.\name, "ax", @progbits
.globl \name
.type \name, @function
\name:
  la a0, \symbol
  ret
.size \name, . - \name
.endm
address_function image_end, __image_end
address_function image_text_start, __text_start
address_function image_text_end, __text_end
address_function image_data_start, __data_start
address_function archive_physical, __archive_start
address_function archive_physical_end, __archive_end

// The task table, at the same address in every structure (GuestABI, Layout.taskRecords).
.section .taskrecords, "aw", @nobits
.globl kernel_task_records
.balign 4096
kernel_task_records:
  .space 4096
