# SPDX-License-Identifier: Apache-2.0
"""The machine itself: qemu, what it is given, and how it is talked to."""
import json
import os
import re
import socket
import subprocess
import time

QEMU = 'qemu-system-x86_64'
NODES = 2       # of NUMA, each with one CPU
NODE_MEGABYTES = 1024
BOOT_SECONDS = 600
OUTPUT = 1 << 16

# All that Debian asks of a CPU.  What newer ones have besides is slow when it is emulated.
CPU = 'qemu64'

# Without norandmaps everything takes twice as long: code is translated once for each address.
KERNEL_WORDS = '''
    root=/dev/vda rw console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nowatchdog audit=0
    cryptomgr.notests random.trust_cpu=on rcupdate.rcu_expedited=1 tsc=reliable no_timer_check
    systemd.unified_cgroup_hierarchy=1 systemd.show_status=0
    init_on_alloc=0 norandmaps hugepages=16
'''.split()

# The security module that is in force; systemd goes on without a policy of SELinux.
MODULES = {
    'apparmor': ['apparmor=1', 'security=apparmor'],
    'selinux': ['selinux=1', 'security=selinux', 'enforcing=0'],
}


class Failure(Exception):
    """The machine did not do what it was asked."""


class Machine:
    """One qemu, which is gone when the with block ends; the kernel ends it if we are killed.

    memory is a directory with one file for each NUMA node, mapped shared or, for a throw-away copy,
    privately.  shares are two directories that the machine can read, over 9p.
    """

    # pylint: disable-next=too-many-arguments
    def __init__(self, *, kernel, module, disk, memory, is_shared, shares, console='/dev/null',
                 more=()):
        self.console = console
        self.monitor, monitor = socket.socketpair()
        self.agent, agent = socket.socketpair()
        argv = ['setpriv', '--pdeathsig', 'KILL', '--', QEMU,
                '-accel', 'tcg,thread=multi,tb-size=512', '-machine', 'q35', '-cpu', CPU,
                '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
                *describe_memory(memory, is_shared), *describe_kernel(kernel, module),
                *describe_disks(disk, f'{kernel}/modules.ext4'), *describe_shares(shares),
                *describe_ports(monitor.fileno(), agent.fileno()),
                '-serial', f'file:{console}', *more]
        self.process = subprocess.Popen(argv, pass_fds=(monitor.fileno(), agent.fileno()),
                                        stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL)
        monitor.close()
        agent.close()
        self.replies = self.monitor.makefile('rw')

    def __enter__(self):
        self.replies.readline()
        self.command('qmp_capabilities')
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def command(self, name, **arguments):
        """Gives qemu a command (QMP) and returns its answer."""
        try:
            self.replies.write(json.dumps({'execute': name, 'arguments': arguments}) + '\n')
            self.replies.flush()
        except BrokenPipeError as error:
            raise Failure('qemu did not start, see above') from error
        for line in self.replies:
            reply = json.loads(line)
            if 'error' in reply:
                raise Failure(f"{name}: {reply['error']['desc']}")
            if 'return' in reply:
                return reply['return']
        raise Failure(f'{name}: qemu ended')

    def migrate(self, name, address):
        """Moves the state of the devices; memory stays in its files (x-ignore-shared)."""
        self.command('migrate-set-capabilities',
                     capabilities=[{'capability': 'x-ignore-shared', 'state': True}])
        self.command(name, uri=address)
        while True:
            status = self.command('query-migrate').get('status')
            if status == 'completed':
                return
            if status == 'failed':
                raise Failure(f'{name} failed')
            time.sleep(0.01)

    def wait_for_agent(self):
        """Until the agent in the machine has said that it waits for a job."""
        said, end = b'', time.monotonic() + BOOT_SECONDS
        while not said.endswith(b'READY\n'):
            got = self.receive(end)
            if not got:
                raise Failure('the machine did not come up; the end of its console:\n'
                              + self.end_of_console())
            said += got

    def receive(self, end):
        """What the agent sends next; nothing if the machine ended or the time is over."""
        self.agent.settimeout(max(0.001, end - time.monotonic()))
        try:
            return self.agent.recv(OUTPUT)
        except TimeoutError:
            return b''

    def describe_cpus(self):
        """Where each is in the kernel, or in a program, and whether it sleeps (HLT=1)."""
        said = self.command('human-monitor-command', **{'command-line': 'info registers -a'})
        return ', '.join(re.findall(r'RIP=\S+|HLT=\d', said))

    def end_of_console(self):
        if not os.path.isfile(self.console):
            return ''
        with open(self.console, encoding='utf-8', errors='replace') as file:
            return ''.join(file.readlines()[-20:])


def describe_memory(directory, is_shared):
    argv = ['-smp', str(NODES), '-m', f'{NODES * NODE_MEGABYTES}M']
    for node in range(NODES):
        argv += ['-object', f'memory-backend-file,id=node{node},size={NODE_MEGABYTES}M,'
                            f"mem-path={directory}/node{node},share={'on' if is_shared else 'off'}",
                 '-numa', f'node,nodeid={node},cpus={node},memdev=node{node}']
    return argv


def describe_kernel(kernel, module):
    return ['-kernel', f'{kernel}/vmlinux', '-initrd', f'{kernel}/initrd',
            '-append', ' '.join(KERNEL_WORDS + MODULES[module])]


def describe_disks(disk, modules):
    """vda the root file system, vdb the modules, vdc a disk that forgets, for limits of io."""
    return ['-drive', f'if=none,id=root,discard=unmap,cache=unsafe,{disk}',
            '-device', 'virtio-blk-pci,drive=root',
            '-drive', f'if=none,id=modules,format=raw,readonly=on,file.locking=off,file={modules}',
            '-device', 'virtio-blk-pci,drive=modules',
            '-drive', 'if=none,id=void,file.driver=null-co,file.size=268435456,format=raw,'
                      'file.read-zeroes=on',
            '-device', 'virtio-blk-pci,drive=void']


def describe_shares(shares):
    argv = []
    for number, directory in enumerate(shares):
        argv += ['-fsdev', f'local,id=share{number},path={directory},security_model=none,'
                           'readonly=on,multidevs=remap',
                 '-device', f'virtio-9p-pci,fsdev=share{number},mount_tag=share{number}']
    return argv


def describe_ports(monitor, agent):
    return ['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci',
            '-chardev', f'socket,id=agent,fd={agent}',
            '-device', 'virtserialport,chardev=agent,name=agent',
            '-chardev', f'socket,id=monitor,fd={monitor}', '-mon', 'chardev=monitor,mode=control']
