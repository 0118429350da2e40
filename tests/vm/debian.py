# SPDX-License-Identifier: Apache-2.0
"""Debian packages by way of APT, from the mirrors that this machine uses, without touching its APT.
"""
import glob
import os
import re
import subprocess

KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
ARCHIVE = 'http://deb.debian.org/debian/'
SECURITY = 'http://deb.debian.org/debian-security/'


def output_of(*argv, **more):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, **more).stdout


def mirrors():
    """The addresses of the archive and of its security updates, as this machine reaches them."""
    found = {}
    listed = output_of('apt-get', 'indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(REPO_URI)',
                       'Created-By: Packages')
    for line in listed.splitlines():
        origin, label, address = line.split('|', 2)
        if origin == 'Debian':
            found.setdefault(label, address)
    # A machine whose lists have not been fetched yet names none.
    return found.get('Debian', ARCHIVE), found.get('Debian-Security', SECURITY)


def sources(suite):
    """The lines of a sources.list for a suite."""
    archive, security = mirrors()
    lines = f'deb [signed-by={KEYRING}] {archive} {suite} main\n'
    if 'backports' not in suite:
        lines += f'deb [signed-by={KEYRING}] {security} {suite}-security main\n'
    return lines


def transport():
    """How this machine's APT reaches its mirrors (proxies, clocks that are wrong), as options."""
    wanted = re.compile(r'Acquire::(https?\b|Check-|Retries|ForceIPv|Max-)[^"]* ".+";$')
    return [line for line in output_of('apt-config', 'dump').splitlines() if wanted.match(line)]


class Apt:
    """APT with a configuration and lists of its own, in a directory of its own."""

    def __init__(self, directory, suite):
        self.directory = directory
        for name in ('lists/partial', 'archives/partial', 'etc/preferences.d', 'debs'):
            os.makedirs(f'{directory}/{name}')
        options = {
            'Dir::Etc': f'{directory}/etc',
            'Dir::Etc::parts': '/dev/null',
            'Dir::Etc::sourcelist': f'{directory}/sources.list',
            'Dir::Etc::sourceparts': '/dev/null',
            'Dir::State': directory,
            'Dir::State::status': '/dev/null',
            'Dir::Cache': directory,
            'APT::Sandbox::User': 'root',
            'Acquire::Languages': 'none',
        }
        with open(f'{directory}/sources.list', 'w', encoding='utf-8') as file:
            file.write(sources(suite))
        lines = [f'{name} "{value}";' for name, value in options.items()] + transport()
        # Named by APT_CONFIG it is read before the machine's own, and by Dir::Etc::parts hides it.
        with open(f'{directory}/apt.conf', 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')
        self.run('apt-get', 'update')

    def run(self, program, *words):
        return output_of(program, '-qq', *words, cwd=f'{self.directory}/debs',
                         env=dict(os.environ, APT_CONFIG=f'{self.directory}/apt.conf'))

    def newest(self, pattern):
        """Of the packages whose names match, the one with the highest numbers in its name."""
        names = [line.split()[0] for line in
                 self.run('apt-cache', 'search', '--names-only', f'^{pattern}$').splitlines()]
        if not names:
            raise LookupError(f'no package is called {pattern}')
        return max(names, key=lambda name: [int(number) for number in re.findall(r'\d+', name)])

    def unpack(self, name, target):
        """Downloads a package and unpacks its files."""
        self.run('apt-get', 'download', name)
        deb, = glob.glob(f'{self.directory}/debs/{glob.escape(name)}_*.deb')
        subprocess.run(['dpkg', '--extract', deb, target], check=True)
