"""Build the wheel and the source archive, the same bytes wherever and whenever: ``.ci/build.py FOLDER``.

What is built is the last commit, whatever else lies in the folder. Times are those of that commit (or
``SOURCE_DATE_EPOCH``). setuptools keeps the order, times and owners of files that it found, so the
source archive is written once more without them.
"""

import gzip
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def moment() -> int:
    """Return the time that every file gets, in seconds since 1970."""
    said = os.environ.get("SOURCE_DATE_EPOCH")
    command = ["git", "log", "-1", "--format=%ct"]
    git = subprocess.run(command, cwd=ROOT, check=not said, capture_output=True)  # noqa: S603  ours
    return int(said or git.stdout)


def plain(member: tarfile.TarInfo, when: int) -> tarfile.TarInfo:
    """Return a member that tells nothing of who packed it, and when."""
    member.mtime, member.pax_headers = when, {}
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


def rewrite(archive: Path, when: int) -> None:
    """Write a source archive once more: files by name, each plain."""
    with tarfile.open(archive) as old:
        members = sorted(old.getmembers(), key=lambda member: member.name)
        files = [(plain(member, when), old.extractfile(member)) for member in members]
        target = archive.with_suffix(".new")
        with (
            target.open("wb") as raw,
            gzip.GzipFile("", "wb", fileobj=raw, mtime=when) as packed,
            tarfile.open(mode="w", fileobj=packed, format=tarfile.PAX_FORMAT) as new,
        ):
            for member, content in files:
                new.addfile(member, content)
    target.replace(archive)


def last_commit(folder: str) -> None:
    """Write the files of the last commit into a folder, which tests and tools have left nothing in."""
    command = ["git", "archive", "--format=tar", "HEAD"]
    packed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603  ours
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


def main(folder: str) -> None:
    os.umask(0o022)
    when = moment()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(when)}
    with tempfile.TemporaryDirectory() as clean:
        last_commit(clean)
        command = [sys.executable, "-m", "build", "-q", "--outdir", folder, clean]
        subprocess.run(command, env=environment, check=True)  # noqa: S603  ours
    for archive in Path(folder).glob("*.tar.gz"):
        rewrite(archive, when)


if __name__ == "__main__":
    main(sys.argv[1])
