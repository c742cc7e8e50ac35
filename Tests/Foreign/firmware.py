#!/usr/bin/env python3
"""Boots Debian's OpenSBI and U-Boot, unmodified, on `kernelarium machine` up to U-Boot's prompt, and runs small images.

Usage: firmware.py PROGRAM, where PROGRAM is the built `kernelarium`.
Needs pexpect and the packages opensbi and u-boot-qemu. Exits 1 when anything fails.
"""

import pathlib
import struct
import subprocess
import sys
import tempfile

import pexpect

OPENSBI = pathlib.Path("/usr/lib/riscv64-linux-gnu/opensbi/generic")
UBOOT = pathlib.Path("/usr/lib/u-boot")
# A machine that also compiles meanwhile is slow; a guest that hangs is worth the wait only once.
PATIENCE = 120
BASE = 0x80000000
FINISHER = 0x00100000


def expect(name, condition, seen):
    if not condition:
        raise AssertionError(f"{name}; seen: {seen!r}")


def uboot(program, *flags):
    """U-Boot at its prompt, after whatever came before it."""
    guest = pexpect.spawn(program, ["machine", *map(str, flags)], timeout=PATIENCE, encoding="utf-8")
    guest.expect("Hit any key to stop autoboot")
    guest.send("\r")
    guest.expect_exact("=> ")
    return guest


def answers(guest):
    """U-Boot executes a command; Ctrl-] leaves the emulator."""
    guest.sendline("echo $((6 * 7))-answer; bdinfo")
    guest.expect_exact("=> ")
    expect("bdinfo shows the memory", "0x0000000080000000" in guest.before or "80000000" in guest.before, guest.before)
    guest.sendline("version")
    guest.expect(r"U-Boot 20\d\d")
    guest.send("\x1d")
    guest.expect(pexpect.EOF)
    guest.close()
    expect("leaving is no failure", guest.exitstatus == 0, guest.exitstatus)


def test_jumping_firmware_starts_uboot(program):
    answers(uboot(program, "--bios", OPENSBI / "fw_jump.elf", "--kernel", UBOOT / "qemu-riscv64_smode/uboot.elf"))


def test_dynamic_firmware_as_raw_bytes_starts_raw_uboot(program):
    answers(
        uboot(program, "--bios", OPENSBI / "fw_dynamic.bin", "--kernel", UBOOT / "qemu-riscv64_smode/u-boot.bin"))


def test_uboot_without_firmware(program):
    answers(uboot(program, "--kernel", UBOOT / "qemu-riscv64/uboot.elf"))


def test_uboot_uses_network_and_disk(program):
    with tempfile.TemporaryDirectory() as folder:
        disk = pathlib.Path(folder) / "disk"
        disk.write_bytes(b"sector zero".ljust(512, b".") + bytes(511 * 512))
        capture = pathlib.Path(folder) / "frames.pcap"
        guest = uboot(
            program, "--bios", OPENSBI / "fw_jump.elf", "--kernel", UBOOT / "qemu-riscv64_smode/uboot.elf", "--net",
            "--capture", capture, "--disk", disk)
        guest.sendline("setenv autoload no; dhcp")
        guest.expect(r"DHCP client bound to address 10\.0\.2\.15")
        guest.expect_exact("=> ")
        guest.sendline("ping 10.0.2.2")
        guest.expect_exact("is alive")
        guest.expect_exact("=> ")
        guest.sendline("virtio scan; virtio read 82000000 0 1; md.b 82000000 10")
        guest.expect_exact("sector zero")
        guest.send("\x1d")
        guest.expect(pexpect.EOF)
        guest.close()
        expect("the capture is a pcap file with frames",
               capture.read_bytes()[:4] in (b"\x4d\x3c\xb2\xa1", b"\xd4\xc3\xb2\xa1") and capture.stat().st_size > 100,
               capture.stat().st_size)


# Small images, made here.

def words_to_image(words, symbols=()):
    """An ELF executable of the given instructions at the start of RAM, with the given symbols behind them."""
    code = b"".join(struct.pack("<I", word) for word in words)
    code += bytes(-len(code) % 8)
    names = b"\0"
    table = struct.pack("<IBBHQQ", 0, 0, 0, 0, 0, 0)
    for index, name in enumerate(symbols):
        table += struct.pack("<IBBHQQ", len(names), 0x11, 0, 1, BASE + 0x1000 + 8 * index, 8)
        names += name.encode() + b"\0"
    names += bytes(-len(names) % 8)
    body = 64 + 56
    places = [body, body + len(code), body + len(code) + len(table)]
    sections = places[2] + len(names)
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 2, 243, 1, BASE, 64, sections, 0, 64, 56, 1, 64, 4, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 7, body, BASE, BASE, len(code), 0x2000, 8)
    headers = bytes(64)
    headers += struct.pack("<IIQQQQIIQQ", 0, 1, 6, BASE, places[0], len(code), 0, 0, 4, 0)
    headers += struct.pack("<IIQQQQIIQQ", 0, 2, 0, 0, places[1], len(table), 3, 1, 8, 24)
    headers += struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, places[2], len(names), 0, 0, 1, 0)
    return header + segment + code + table + names + headers


def run(program, image, *flags):
    """The finished process of a run of an image."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "image.elf"
        path.write_bytes(image)
        return subprocess.run(
            [program, "machine", "--kernel", path, *flags], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=PATIENCE, check=False)


def to_host(value):
    """Writes a value to the word at BASE + 0x1000, then loops."""
    return [
        0x00001297,  # auipc t0, 1
        0x00000313 | value << 20,  # li t1, value
        0x0062B023,  # sd t1, 0(t0)
        0x0000006F,  # j .
    ]


def to_finisher(value):
    """Writes a value to the test finisher, then loops."""
    return [
        0x001002B7,  # lui t0, 0x100
        0x00000337 | ((value + 0x800) >> 12 & 0xFFFFF) << 12,  # lui t1, upper
        0x0003031B | (value & 0xFFF) << 20,  # addiw t1, t1, lower
        0x0062A023,  # sw t1, 0(t0)
        0x0000006F,  # j .
    ]


def test_exit_status_through_tohost(program):
    for value, status in [(1, 0), (7 << 1 | 1, 7), (255 << 1 | 1, 255)]:
        done = run(program, words_to_image(to_host(value), ["tohost", "fromhost"]))
        expect(f"{value} written to tohost", done.returncode == status, (done.returncode, done.stderr))


def test_exit_status_through_the_finisher(program):
    for value, status in [(0x5555, 0), (0x3333 | 9 << 16, 9)]:
        done = run(program, words_to_image(to_finisher(value)))
        expect(f"{value:#x} written to the finisher", done.returncode == status, (done.returncode, done.stderr))


def test_the_limit_and_a_guest_that_hangs(program):
    endless = words_to_image([0x0000006F])
    done = run(program, endless, "--limit", "1M")
    expect("the limit is status 5", done.returncode == 5 and b"limit" in done.stderr, (done.returncode, done.stderr))
    asleep = words_to_image([0x10500073, 0xFFDFF06F])  # wfi; j back
    done = run(program, asleep)
    expect("a hang is status 5", done.returncode == 5 and b"interrupt" in done.stderr, (done.returncode, done.stderr))


def test_output_appears_without_a_newline(program):
    letter = [
        0x100002B7,  # lui t0, 0x10000
        0x04B00313,  # li t1, 'K'
        0x00628023,  # sb t1, 0(t0)
    ]
    done = run(program, words_to_image(letter + to_finisher(0x5555)))
    expect("one letter", done.stdout == b"K" and done.returncode == 0, (done.stdout, done.stderr))


def test_a_trace_names_instructions_and_traps(program):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "trace"
        done = run(program, words_to_image([0x00000073] + to_finisher(0x5555)), "--trace", path, "--limit", "20")
        text = path.read_text()
    # There is no handler, so the machine ends in a trap loop.
    expect("the trap is told", "environment call" in text, text)
    expect("it ends as a hang", done.returncode == 5, done.returncode)


def test_unusable_images_are_refused(program):
    whole = words_to_image([0x0000006F])
    for image in [whole[:100], b"", whole[:18] + b"\x3e\x00" + whole[20:], b"\x7fELF"]:
        done = run(program, image)
        expect("an unusable image is status 3", done.returncode == 3 and b"error" in done.stderr,
               (len(image), done.returncode, done.stderr))
    done = subprocess.run([program, "machine", "--kernel", "/no/such/file"], capture_output=True, check=False)
    expect("a missing file is status 3", done.returncode == 3 and b"/no/such/file" in done.stderr, done.stderr)


def test_wrong_flags_are_refused(program):
    for flags in [[], ["--kernel"], ["--kernel", "x", "--memory", "17"], ["--kernel", "x", "--memory", "900000G"],
                  ["--kernel", "x", "--limit", "many"], ["--kernel", "x", "--persist"]]:
        done = subprocess.run([program, "machine", *flags], capture_output=True, check=False)
        expect("wrong flags are status 2", done.returncode == 2 and b"rror" in done.stderr, (flags, done.returncode))


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    chosen = sys.argv[2:]
    tests = [(name, function) for name, function in globals().items()
             if name.startswith("test_") and (not chosen or any(part in name for part in chosen))]
    failures = 0
    for name, function in tests:
        try:
            function(program)
            print(f"ok    {name}", flush=True)
        except (AssertionError, pexpect.ExceptionPexpect, subprocess.TimeoutExpired) as error:
            failures += 1
            print(f"FAIL  {name}: {str(error).splitlines()[0]}", flush=True)
            if isinstance(error, pexpect.ExceptionPexpect):
                print(error, flush=True)
    print(f"{len(tests) - failures} of {len(tests)} tests of foreign images passed")
    sys.exit(1 if failures or not tests else 0)


main()
