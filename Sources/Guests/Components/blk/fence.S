# The barrier between memory that driver and device share and the device's registers: Swift has no name for a fence
# that orders both. Weak, because it belongs to this object alone.
    .section .text.device_fence, "ax", @progbits
    .weak device_fence
    .type device_fence, @function
device_fence:
    fence iorw, iorw
    ret
    .size device_fence, . - device_fence
