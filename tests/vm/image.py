# SPDX-License-Identifier: Apache-2.0
"""What the test machine boots: a kernel from Debian's packages, and a root file system."""
import glob
import lzma
import os
import re
import shutil
import subprocess

import cache
import debian

HERE = os.path.dirname(os.path.realpath(__file__))
SUITES = ('bookworm', 'trixie')

# Where a kernel comes from, and what its packages are called; the first one is the newest that
# matches, the others have the first one's version.
KERNELS = {
    '5.10': ('bullseye', [r'linux-image-5\.10\.[0-9.-]+-amd64']),
    '6.1': ('bookworm', [r'linux-image-6\.1\.[0-9.-]+-amd64']),
    '6.12': ('bookworm-backports', [r'linux-image-6\.12\.[0-9.]+\+deb12-amd64']),
    '7': ('trixie-backports', [r'linux-image-7\.[0-9.]+\+deb13-amd64',
                               'linux-base-', 'linux-modules-', 'linux-binary-']),
}

PACKAGES = '''
    systemd systemd-sysv libpam-systemd dbus dbus-user-session udev kmod procps iproute2 util-linux
    passwd uidmap apparmor libcap2-bin python3 bats bats-support bats-assert bats-file jq
    secilc criu iptables
'''.split()

# Podman, what it calls, and the runtimes that tare is set beside.
ENGINES = '''
    podman conmon crun runc netavark aardvark-dns slirp4netns fuse-overlayfs iptables catatonit
    busybox-static
'''.split()
# What edits criu's images is a package of its own there.
ENGINES_OF = {'bookworm': [], 'trixie': ['nftables', 'passt', 'python3-pycriu']}

# Folders of modules that the machine has; all else is left out.
MODULES = '''
    arch block crypto lib net security fs/9p fs/ext4 fs/jbd2 fs/mbcache* fs/overlayfs fs/fuse fs/nls
    fs/netfs fs/fscache fs/binfmt_misc* fs/squashfs fs/erofs drivers/virtio drivers/block
    drivers/char/virtio_console* drivers/char/hw_random/virtio* drivers/net/*.ko* drivers/net/ipvlan
    drivers/infiniband/core drivers/infiniband/sw
'''.split()

# What must be loaded before the root file system is there.  ext4 asks for crc32c by name, and gets
# it from a module that newer kernels no longer need.
EARLY = ['virtio_pci', 'virtio_blk', 'crc32c_generic', 'ext4', 'virtio_console']
GONE_FROM_NEWER = ['crc32c_generic']

UNPACKERS = {b'\xfd7zXZ\0': 'xz', b'\x28\xb5\x2f\xfd': 'zstd'}


def run(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def make_ext4(image, tree, size):
    run('mke2fs', '-q', '-F', '-t', 'ext4', '-O', '^has_journal,^metadata_csum', '-m', '0',
        '-E', 'lazy_itable_init=0,root_owner=0:0', '-d', tree, image, size)


def kernel(name):
    """The directory of a kernel: vmlinux, initrd, modules.ext4."""
    inputs = [KERNELS[name], f'{HERE}/image.py', f'{HERE}/debian.py', f'{HERE}/guest/initrd']
    return cache.keep(f'kernel-{name}', inputs, lambda top: make_kernel(name, top))


def make_kernel(name, top):
    package = f'{top}/package'
    unpack_kernel(name, top, package)
    source, = glob.glob(f'{package}/lib/modules/*') + glob.glob(f'{package}/usr/lib/modules/*')
    version = os.path.basename(source)
    packed, = glob.glob(f'{package}/boot/vmlinuz-*') + glob.glob(f'{source}/vmlinuz')
    unpack_vmlinux(packed, f'{top}/vmlinux')
    modules = f'{top}/base/lib/modules'  # depmod and modprobe want BASE/lib/modules
    copy_modules(source, f'{modules}/{version}')
    run('depmod', '-b', f'{top}/base', version)
    make_initrd(top, version)
    make_ext4(f'{top}/modules.ext4', modules, '192M')
    for scratch in ('package', 'base', 'apt', 'early'):
        shutil.rmtree(f'{top}/{scratch}')


def unpack_kernel(name, top, target):
    suite, patterns = KERNELS[name]
    apt = debian.Apt(f'{top}/apt', suite)
    first = apt.newest(patterns[0])
    apt.unpack(first, target)
    for prefix in patterns[1:]:
        apt.unpack(first.replace('linux-image-', prefix, 1), target)


def unpack_vmlinux(packed, target):
    """The kernel proper, which qemu starts by its PVH note: the machine then unpacks nothing."""
    with open(packed, 'rb') as file:
        data = file.read()
    for magic, unpacker in UNPACKERS.items():
        for match in re.finditer(re.escape(magic), data):
            found = subprocess.run([unpacker, '-dcqf'], input=data[match.start():],
                                   capture_output=True, check=False).stdout
            if found.startswith(b'\x7fELF') and len(found) > 8 << 20:
                with open(target, 'wb') as file:
                    file.write(found)
                return
    raise LookupError(f'{packed} has no kernel that xz or zstd could unpack')


def copy_modules(source, target):
    for pattern in MODULES:
        for found in glob.glob(f'{source}/kernel/{pattern}'):
            copy = target + found[len(source):]
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            (shutil.copytree if os.path.isdir(found) else shutil.copy)(found, copy)
    for found in glob.glob(f'{source}/modules.builtin*') + glob.glob(f'{source}/modules.order'):
        shutil.copy(found, target)


def make_initrd(top, version):
    """An initrd whose init loads the early modules, named in order in its file /modules."""
    tree, order = f'{top}/early', []
    for folder in ('bin', 'dev', 'proc', 'root', 'm'):
        os.makedirs(f'{tree}/{folder}')
    for module in EARLY:
        needed = subprocess.run(['modprobe', '-q', '-d', f'{top}/base', '-S', version,
                                 '--show-depends', module], stdout=subprocess.PIPE, text=True,
                                check=module not in GONE_FROM_NEWER)
        for path in re.findall(r'^insmod (\S+)', needed.stdout, re.M):
            base = os.path.basename(path).removesuffix('.xz')
            if base not in order:
                order.append(base)
                with (lzma.open if path.endswith('.xz') else open)(path, 'rb') as packed, \
                        open(f'{tree}/m/{base}', 'wb') as file:
                    shutil.copyfileobj(packed, file)
    with open(f'{tree}/modules', 'w', encoding='ascii') as file:
        file.write('\n'.join(order) + '\n')
    shutil.copy('/bin/busybox', f'{tree}/bin/busybox')
    shutil.copy(f'{HERE}/guest/initrd', f'{tree}/init')
    os.chmod(f'{tree}/init', 0o755)
    run('sh', '-euc', 'cd "$0" && find . | cpio -o -H newc --quiet >../initrd', tree)


def root(suite):
    """The directory of the root file system of a suite: root.ext4."""
    inputs = [f'{HERE}/image.py', f'{HERE}/debian.py']
    return cache.keep(f'root-{suite}', inputs + sorted(glob.glob(f'{HERE}/guest/*')),
                      lambda top: make_root(suite, top))


def make_root(suite, top):
    tree = f'{top}/tree'
    with open(f'{top}/sources.list', 'w', encoding='utf-8') as file:
        file.write(debian.sources(suite))
    options = ['Apt::Install-Recommends "false"'] + [o.rstrip(';') for o in debian.transport()]
    run('mmdebstrap', '--quiet', '--variant=minbase', '--mode=root', '--format=directory',
        *(f'--aptopt={option}' for option in options), '--dpkgopt=force-unsafe-io',
        *(f'--dpkgopt=path-exclude=/usr/share/{name}/*' for name in ('man', 'doc', 'locale')),
        '--include=' + ','.join(PACKAGES + ENGINES + ENGINES_OF[suite]), suite, tree,
        f'{top}/sources.list')
    run(f'{HERE}/guest/setup', tree)
    make_ext4(f'{top}/root.ext4', tree, '2G')
    shutil.rmtree(tree)
