#!/usr/bin/env python3
"""Boots every structure's image, unchanged, on QEMU's `virt` board and uses the guest's own shell.

Usage: boot.py IMAGES, where IMAGES is the folder with NAME.elf and disk.img.
Needs qemu-system-riscv64 and pexpect. Exits 1 when anything fails.
"""

import http.server
import pathlib
import shutil
import socket
import sys
import tempfile
import threading
import urllib.error
import urllib.request

import pexpect

MOTD = (pathlib.Path(__file__).parents[2] / "Sources/Guests/Disk/etc/motd").read_text().strip()
PAGE = (pathlib.Path(__file__).parents[2] / "Sources/Guests/Disk/www/index.html").read_text()
# Structures whose programs reach a network.
NETWORKED = {"monolithic", "micro", "hybrid"}
PIPELINE = "pipeline: 5000 numbers, 2475 odd, checksum 14072832549073635806"
# A machine that also compiles meanwhile is slow; a guest that hangs is worth the wait only once.
PATIENCE = 120


def start(kernel, disk, *devices):
    """A guest that begins to boot."""
    return pexpect.spawn(
        "qemu-system-riscv64",
        ["-M", "virt", "-bios", "none", "-nographic", "-global", "virtio-mmio.force-legacy=false",
         "-kernel", str(kernel), "-drive", f"file={disk},format=raw,if=none,id=disk",
         "-device", "virtio-blk-device,drive=disk", *devices],
        timeout=PATIENCE, encoding="utf-8")


def boot(kernel, disk, *devices):
    """A guest at its shell's first prompt."""
    guest = start(kernel, disk, *devices)
    guest.expect_exact("$ ")
    return guest


def command(guest, line):
    """What the guest's shell prints for one line."""
    guest.sendline(line)
    guest.expect_exact(line)
    guest.expect_exact("$ ")
    return guest.before.replace("\r", "").strip("\n")


def expect(name, condition, seen):
    if not condition:
        raise AssertionError(f"{name}; the guest printed {seen!r}")


def reading(guest):
    """Files that are there, and one that is not."""
    seen = command(guest, "cat /etc/motd")
    expect("cat prints the file", seen == MOTD, seen)
    seen = command(guest, "cat /no/such/file")
    expect("a missing file is an error with the program's name", "cat: /no/such/file: no such file" in seen, seen)


def writing(guest):
    """A file that is made and read by different programs."""
    command(guest, "cp /etc/motd /copied")
    command(guest, "sync")
    seen = command(guest, "cat /copied")
    expect("a copied file can be read", seen == MOTD, seen)
    seen = command(guest, "wc /copied")
    expect("wc counts its bytes", str(len(MOTD) + 1) in seen, seen)
    seen = command(guest, "forktest")
    expect("fork, exec, mapped files and faults behave", "forktest: passed" in seen and MOTD in seen, seen)
    seen = command(guest, "pipeline")
    expect("three tasks pass numbers on", seen == PIPELINE, seen)
    seen = command(guest, "crasher stack-overflow")
    expect("a crash ends the program and says why", "store page fault" in seen, seen)
    seen = command(guest, "hog release")
    expect("one that takes all memory is refused more", "out of memory" in seen, seen)


def tasks(guest):
    """A task that is killed while it computes."""
    seen = command(guest, "spin &")
    task = next((word for word in seen.replace(",", " ").split() if word.strip("[]").isdigit()), None)
    expect("a program in the background has a task number", task is not None, seen)
    seen = command(guest, "hello")
    expect("the processor is shared with a task that never waits", "Hello" in seen, seen)
    seen = command(guest, "kill " + task.strip("[]"))
    expect("kill succeeds", "error" not in seen and "no such" not in seen, seen)


def storage(guest):
    """Files verified, the block cache's policies compared, a key-value service found by its name."""
    seen = command(guest, "fsbench 3 9000")
    expect("fsbench reads back what it wrote", "27000 bytes written, 27000 read back and equal" in seen, seen)
    misses = [int(command(guest, f"cachescan {policy}").split(" hits, ")[1].split()[0]) for policy in ("lru", "mru")]
    expect("a scan misses less when the last block used goes first", misses[1] < misses[0], misses)
    if "start a service instead" in command(guest, "module load kv"):
        seen = command(guest, "service start kv")
        if "no service can be started" in seen:
            return
        expect("the service starts", seen == "kv started", seen)
        seen = command(guest, "service replace blk")
        expect("the disk's driver is replaced", seen == "blk replaced", seen)
    command(guest, "kvclient put fern green")
    seen = command(guest, "kvclient get fern")
    expect("the service answers", seen == "green", seen)


def session(guest):
    """What a system with one file system does."""
    reading(guest)
    writing(guest)
    tasks(guest)


def survives_restart(kernel, disk):
    """What was synced in one run is there in the next."""
    guest = boot(kernel, disk)
    seen = command(guest, "cat /copied")
    expect("the copy is on the disk after another boot", seen == MOTD, seen)
    guest.close(force=True)


class Greeting(http.server.BaseHTTPRequestHandler):
    """A page longer than the guest's buffers."""
    text = "hello, guest\n" * 1000

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *arguments):
        pass


def free_port():
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(port, path):
    """Status and body of the guest's answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def network(kernel, disk):
    """The guest as a client and as a server on QEMU's own network."""
    port = free_port()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Greeting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    guest = boot(kernel, disk, "-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{port}-:80",
                 "-device", "virtio-net-device,netdev=net")
    seen = command(guest, "ping 10.0.2.2 2")
    expect("two echoes come back", "2 sent, 2 received" in seen, seen)
    seen = command(guest, f"fetch http://10.0.2.2:{server.server_port}/")
    expect("a long page is fetched whole", seen == Greeting.text.strip("\n"), seen[-200:])
    seen = command(guest, f"fetch http://10.0.2.2:{free_port()}/")
    expect("a closed port is refused", "connection refused" in seen, seen)
    guest.sendline("httpd 80 3")
    guest.expect_exact("httpd: http://10.0.2.15:80/")
    seen = fetch(port, "/")
    expect("the guest serves its page", seen == (200, PAGE), seen)
    seen = fetch(port, "/nothing")
    expect("and no other", seen == (404, "There is no such page here.\n"), seen)
    seen = fetch(port, "/status")
    expect("and counts", seen[1].startswith("2 requests answered"), seen)
    guest.expect_exact("$ ")
    guest.close(force=True)
    server.shutdown()


def one_application(kernel, disk):
    """The unikernel's only program is the agent: what it tries without a host is refused, again and again."""
    guest = start(kernel, disk)
    for _ in range(2):
        guest.expect_exact("agent: sh: one application per machine")
    guest.close(force=True)


def exokernel(kernel, disk):
    """Each application has an operating system of its own, or none."""
    guest = boot(kernel, disk)
    reading(guest)
    seen = command(guest, "cp /etc/motd /copied")
    expect("the boot extent is read-only to all", "read-only file system" in seen, seen)
    seen = command(guest, "cp /etc/motd /tmp/copied")
    expect("an application has an extent of its own to write", seen == "", seen)
    seen = command(guest, "cat /tmp/copied")
    expect("which no other application sees", "no such file" in seen, seen)
    tasks(guest)
    seen = command(guest, "bare")
    expect("a program without an operating system reads the disk", "The disk begins with 0x454552544c4e524b." in seen, seen)
    seen = command(guest, "forktest")
    expect("fork and exec are the library's", "forktest: passed" in seen and "exec: ended with 0" in seen, seen)
    seen = command(guest, "pipeline")
    expect("tasks that share nothing but a page pass numbers on", seen == PIPELINE, seen)
    seen = command(guest, "cat /etc/motd | wc")
    expect("so do programs that the shell joins", seen.split()[-1:] == [str(len(MOTD) + 1)], seen)
    seen = command(guest, "fsbench 3 9000")
    expect("fsbench reads back what it wrote", "27000 bytes written, 27000 read back and equal" in seen, seen)
    seen = command(guest, "crasher null-read")
    expect("a fault ends its application", "load page fault" in seen, seen)
    seen = command(guest, "hello")
    expect("and no other", "Hello" in seen, seen)
    guest.close(force=True)
    network(kernel, disk)


def whole_system(kernel, disk):
    """A system with a shell."""
    guest = boot(kernel, disk)
    session(guest)
    storage(guest)
    guest.close(force=True)
    survives_restart(kernel, disk)
    if kernel.stem in NETWORKED:
        network(kernel, disk)


# What differs from a whole system.
SESSIONS = {"uni": one_application, "exo": exokernel}


def main():
    images = pathlib.Path(sys.argv[1])
    kernels = sorted(images.glob("*.elf"))
    failures = 0
    for kernel in kernels:
        with tempfile.TemporaryDirectory() as folder:
            disk = pathlib.Path(folder) / "disk.img"
            shutil.copy(images / "disk.img", disk)
            try:
                SESSIONS.get(kernel.stem, whole_system)(kernel, disk)
                print(f"ok    {kernel.stem} on QEMU")
            except (AssertionError, pexpect.ExceptionPexpect) as error:
                failures += 1
                print(f"FAIL  {kernel.stem} on QEMU: {str(error).splitlines()[0]}")
    if not kernels:
        failures += 1
        print(f"FAIL  no images in {images}")
    print(f"{len(kernels) - failures} passed, {failures} failed")
    sys.exit(1 if failures else 0)


main()
