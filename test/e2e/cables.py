"""Machines on cables that can be pulled: network namespaces around one router. A pulled cable drops every packet in both directions and
closes nothing, which is what makes a connection half-open. Needs no rights where user namespaces are allowed."""
import contextlib
import ctypes
import os
import socket
import subprocess
import unittest

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
LIBC = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    if getattr(LIBC, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def become_root_of_an_own_network():
    """From now on this process and its children live in a network of their own. Skips the tests where that is not allowed."""
    user, group = os.geteuid(), os.getegid()
    try:
        call("unshare", CLONE_NEWNET | (CLONE_NEWUSER if user != 0 else 0))
        if user != 0:
            for file, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
                with open(f"/proc/self/{file}", "w", encoding="ascii") as out:
                    out.write(text)
        ip("link", "set", "lo", "up")
        ip("link", "add", "probe", "type", "veth", "peer", "name", "other")
        ip("link", "del", "probe")
    except (OSError, subprocess.CalledProcessError) as why:
        raise unittest.SkipTest(f"this machine allows no network namespaces: {why}") from why


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


class Machine:
    """A network namespace behind a cable; the first one is the caller's own."""

    def __init__(self, name, number, space):
        self.name, self.space = name, space
        self.address, self.gateway = f"10.79.{number}.1", f"10.79.{number}.254"

    def enter(self):
        call("setns", self.space, CLONE_NEWNET)

    @contextlib.contextmanager
    def inside(self):
        """Sockets that are made here belong to this machine, also afterwards."""
        back = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            self.enter()
            yield
        finally:
            call("setns", back, CLONE_NEWNET)
            os.close(back)

    def run(self, *command):
        with self.inside():
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def connect(self, address, port):
        with self.inside():
            return socket.create_connection((address, port), 10)


def new_space():
    back = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        call("unshare", CLONE_NEWNET)
        ip("link", "set", "lo", "up")
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    finally:
        call("setns", back, CLONE_NEWNET)
        os.close(back)


class Cables:
    """`Cables("hub", "client", ...)`: the first machine is where the caller is. Machines by name: `cables["client"]`."""

    def __init__(self, first, *others):
        become_root_of_an_own_network()
        self.router = Machine("router", 0, new_space())
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        names = [(first, own), *((name, new_space()) for name in others)]
        self.machines = {name: Machine(name, number, space) for number, (name, space) in enumerate(names, 1)}
        for machine in self.machines.values():
            self.lay(machine)
        self.router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")

    def __getitem__(self, name):
        return self.machines[name]

    def lay(self, machine):
        ip("link", "add", f"c-{machine.name}", "type", "veth", "peer", "name", "cable", "netns", f"/proc/{os.getpid()}/fd/{machine.space}")
        ip("link", "set", f"c-{machine.name}", "netns", f"/proc/{os.getpid()}/fd/{self.router.space}")
        self.router.run("ip", "addr", "add", f"{machine.gateway}/24", "dev", f"c-{machine.name}")
        self.router.run("ip", "link", "set", f"c-{machine.name}", "up")
        machine.run("ip", "addr", "add", f"{machine.address}/24", "dev", "cable")
        machine.run("ip", "link", "set", "cable", "up")
        machine.run("ip", "route", "add", "default", "via", machine.gateway)

    def pull(self, name):
        """The router swallows what goes there and what comes from there."""
        self.router.run("ip", "route", "replace", "blackhole", f"{self[name].address}/32")
        self.router.run("sh", "-c", f"echo 0 > /proc/sys/net/ipv4/conf/c-{name}/forwarding")

    def plug(self, name):
        self.router.run("ip", "route", "del", "blackhole", f"{self[name].address}/32")
        self.router.run("sh", "-c", f"echo 1 > /proc/sys/net/ipv4/conf/c-{name}/forwarding")

    def close(self):
        for machine in (self.router, *self.machines.values()):
            os.close(machine.space)


class Established:
    """The established TCP connections of the network that the caller is in, as the kernel has them."""

    @staticmethod
    def with_peer(address, state="01"):
        """Local ports of those to that address; of another state: "04" has been closed here, and the kernel still sends what was written."""
        wanted = "".join(f"{int(part):02X}" for part in reversed(address.split(".")))
        ports = []
        with open("/proc/thread-self/net/tcp", encoding="ascii") as table:
            for line in list(table)[1:]:
                local, peer, now = line.split()[1:4]
                if now == state and peer.startswith(wanted):
                    ports.append(int(local.rsplit(":", 1)[1], 16))
        return sorted(ports)
