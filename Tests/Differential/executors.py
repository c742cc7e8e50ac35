"""The emulators: each turns an image of RAM into RAM as it is after the run. Nothing is compared here."""

import os
import subprocess

import layout

LIMIT_SECONDS = 60


class ExecutionError(Exception):
    """An emulator did not reach the end of the image."""


class Machine:
    """The machine under test, by its run loop or by its reference path."""

    def __init__(self, program, reference=False):
        self.program = program
        self.reference = reference
        self.name = "machine (reference path)" if reference else "machine"

    def start(self, image, folder):
        self.output = os.path.join(folder, "reference.ram" if self.reference else "machine.ram")
        path = os.path.join(folder, "image.ram")
        command = [self.program, path, self.output, str(layout.MEMORY), str(4_000_000_000)]
        return subprocess.Popen(command + (["--reference"] if self.reference else []), stderr=subprocess.PIPE)

    def memory(self, process):
        """Waits for the end; the bytes of RAM."""
        return finish(self, process)


class QEMU:
    """QEMU's RAM is a file here, so that nothing has to pass through a serial port."""

    name = "QEMU"
    # With one hart QEMU replaces an atomic instruction by a load and a store, whose faults have other causes: so there
    # is a second hart, which sleeps.
    # The extensions of the machine under test, and no others.
    CPU = "rv64,zba=true,zbb=true,zbs=true,zbc=false,h=false,zfh=false,sstc=true,svadu=true"

    def start(self, image, folder):
        self.output = os.path.join(folder, "qemu.ram")
        with open(self.output, "wb") as file:
            file.write(image.bytes)
            file.truncate(layout.MEMORY)
        return subprocess.Popen(
            ["qemu-system-riscv64", "-M", "virt,memory-backend=ram", "-cpu", cpu(self.CPU), "-smp", "2",
             "-accel", "tcg,thread=multi", "-m", f"{layout.MEMORY >> 20}M",
             "-object", f"memory-backend-file,id=ram,size={layout.MEMORY >> 20}M,mem-path={self.output},share=on",
             "-bios", "none", "-display", "none", "-serial", "none", "-monitor", "none", "-nodefaults"],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def memory(self, process):
        return finish(self, process)


def cpu(wanted):
    """The properties this version of QEMU knows; others are as if they were not there."""
    if wanted not in CPU_CACHE:
        known = []
        for part in wanted.split(",")[1:]:
            command = ["qemu-system-riscv64", "-M", "virt", "-cpu", f"rv64,{part}", "-m", "16M", "-S", "-bios", "none",
                       "-display", "none", "-serial", "none", "-monitor", "stdio"]
            result = subprocess.run(command, input=b"quit\n", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if result.returncode == 0:
                known.append(part)
        CPU_CACHE[wanted] = ",".join(["rv64"] + known)
    return CPU_CACHE[wanted]


CPU_CACHE = {}


def finish(executor, process):
    try:
        _, errors = process.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise ExecutionError(f"{executor.name} did not end within {LIMIT_SECONDS} s") from None
    if process.returncode != 0:
        raise ExecutionError(f"{executor.name}: {errors.decode(errors='replace').strip()}")
    with open(executor.output, "rb") as file:
        return file.read()


class Unicorn:
    """Unicorn has no traps of its own: only blocks that end with a jump and raise no exception."""

    name = "Unicorn"

    def start(self, image, folder):
        return image

    def memory(self, image):
        import unicorn
        hart = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV64)
        hart.mem_map(layout.BASE, layout.MEMORY)
        hart.mem_write(layout.BASE, bytes(image.bytes))
        try:
            hart.emu_start(layout.BASE, image.stopped)
        except unicorn.UcError as error:
            from unicorn.riscv_const import UC_RISCV_REG_PC
            raise ExecutionError(f"Unicorn: {error} at {hart.reg_read(UC_RISCV_REG_PC):#x}") from None
        return bytes(hart.mem_read(layout.BASE, layout.MEMORY))
