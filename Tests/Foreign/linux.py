#!/usr/bin/env python3
"""Boots Debian's riscv64 Linux with a busybox initial RAM disk on `kernelarium machine` up to a shell that answers.

Usage: linux.py PROGRAM [FOLDER]. Downloads the packages (113 MB) into FOLDER, by default below the user's cache, unless
they are there. Needs pexpect, apt and the package opensbi. The system's apt configuration is read for its mirror and
never touched: apt runs with a state of its own. Exits 1 when anything fails.
"""

import os
import pathlib
import re
import subprocess
import sys
import time

import pexpect

FIRMWARE = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# The first release with this architecture.
RELEASE = "trixie"
PATIENCE = 600
INIT = b"""#!/bin/sh
/bin/busybox mkdir -p /proc /sys
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
exec /bin/busybox sh -i
"""


def mirror():
    """The address that the system itself gets Debian from."""
    folder = pathlib.Path("/etc/apt")
    for path in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]:
        if not path.is_file():
            continue
        for line in path.read_text(errors="replace").splitlines():
            found = re.search(r"https?://\S+?/debian/?(?=\s|$)", line)
            if found and not line.lstrip().startswith("#"):
                return found.group().rstrip("/")
    raise AssertionError("no Debian mirror in /etc/apt: this test needs one")


def download(folder):
    """Gets the packages with an apt state of their own."""
    root = folder / "apt"
    for part in ["state/lists/partial", "cache/archives/partial"]:
        (root / part).mkdir(parents=True, exist_ok=True)
    (root / "status").write_text("")
    (root / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror()} {RELEASE} main\n")
    options = []
    for option in [
        f"Dir::State={root}/state", f"Dir::State::status={root}/status", f"Dir::Etc::sourcelist={root}/sources.list",
        "Dir::Etc::sourceparts=-", f"Dir::Cache={root}/cache", "APT::Architecture=riscv64",
        "APT::Architectures=riscv64", "APT::Sandbox::User=",
    ]:
        options += ["-o", option]
    subprocess.run(["apt-get", *options, "-qq", "update"], check=True)
    names = subprocess.run(
        ["apt-cache", *options, "search", "--names-only", r"^linux-image-[0-9.]+.*-riscv64$"], check=True,
        capture_output=True, text=True).stdout
    kernels = [line.split()[0] for line in names.splitlines() if "cloud" not in line and "dbg" not in line]
    if not kernels:
        raise AssertionError(f"{RELEASE} has no linux-image for riscv64")
    newest = max(kernels, key=lambda name: [int(number) for number in re.findall(r"\d+", name)])
    subprocess.run(["apt-get", *options, "-qq", "download", newest, "busybox-static"], check=True, cwd=folder)
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, folder / "files"], check=True)
        package.unlink()


def archive(entries):
    """A cpio archive in the "newc" format of (name, mode, content, device) entries."""
    def entry(number, name, mode, content, device):
        fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)

    everything = [*entries, ("TRAILER!!!", 0, b"", (0, 0))]
    return b"".join(entry(number, *fields) for number, fields in enumerate(everything))


def initial_ram_disk(busybox):
    """Nothing but busybox, as shell and as everything else."""
    return archive([
        ("dev", 0o40755, b"", (0, 0)), ("dev/console", 0o20600, b"", (5, 1)), ("bin", 0o40755, b"", (0, 0)),
        ("bin/busybox", 0o100755, busybox.read_bytes(), (0, 0)), ("bin/sh", 0o120777, b"busybox", (0, 0)),
        ("init", 0o100755, INIT, (0, 0)),
    ])


def only(paths, what):
    found = sorted(paths)
    if not found:
        raise AssertionError(f"the packages hold no {what}")
    return found[-1]


def boot(command):
    """Boots to the shell, asks for the kernel's name, switches off; returns the answer and the seconds to the shell."""
    start = time.monotonic()
    guest = pexpect.spawn(command[0], [str(word) for word in command[1:]], timeout=PATIENCE, encoding="utf-8")
    end = guest.expect([r"[~/] # ", "Kernel panic", pexpect.EOF])
    if end != 0:
        raise AssertionError(f"no shell; the last lines were {guest.before[-600:]!r}")
    seconds = time.monotonic() - start
    guest.sendline("busybox uname -a")
    guest.expect(r"Linux [^\r\n]*riscv64[^\r\n]*")
    answer = guest.after
    guest.sendline("busybox poweroff -f")
    guest.expect(pexpect.EOF)
    guest.close()
    if guest.exitstatus != 0:
        raise AssertionError(f"power-off ended with status {guest.exitstatus}")
    return answer, seconds


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else cache / "kernelarium-foreign"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if not list(folder.glob("files/boot/vmlinux-*")) or not list(folder.glob("files/**/bin/busybox")):
            download(folder)
        kernel = only(folder.glob("files/boot/vmlinux-*"), "kernel")
        disk = folder / "initrd.cpio"
        disk.write_bytes(initial_ram_disk(only(folder.glob("files/**/bin/busybox"), "busybox")))
        answer, seconds = boot(
            [program, "machine", "--bios", FIRMWARE, "--kernel", kernel, "--initrd", disk, "--append",
             "console=ttyS0 quiet", "--memory", "512M"])
        print(f"ok    Linux answers after {seconds:.1f} s: {answer}")
    except (AssertionError, pexpect.ExceptionPexpect, subprocess.CalledProcessError) as error:
        print(f"FAIL  Linux: {str(error).splitlines()[0]}")
        sys.exit(1)


main()
