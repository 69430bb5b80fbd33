"""A backup's file -> a folder with what it says it holds; whatever else it tries is refused."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tarfile
import zlib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from verbind_bot.errors import ArchiveError
from verbind_bot.keeping.manifest import CHUNK, MANIFEST, Manifest, is_safe

_MANIFEST_BYTES = 64 << 20
_READ = 8 << 20  # the most that is read at once: a header that asks for more is not one of ours
_TIMES, _ROOM = 300, 256 << 20  # how much larger than the archive its content may be


class _Bounded:
    """A stream that stops an archive from growing without end."""

    def __init__(self, file: gzip.GzipFile, most: int) -> None:
        self._file, self._most = file, most

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > _READ:
            raise ArchiveError("Deze reservekopie vraagt om te veel geheugen. Ze wordt niet gebruikt.")
        read = self._file.read(size)
        if self._file.tell() > self._most:
            raise ArchiveError("Deze reservekopie is uitgepakt veel te groot voor wat ze is. Ze wordt niet gebruikt.")
        return read

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence or not 0 <= offset <= self._most:
            raise ArchiveError("Deze reservekopie is beschadigd. Ze wordt niet gebruikt.")
        return self._file.seek(offset)

    def tell(self) -> int:
        return self._file.tell()


def unpack(archive: Path, folder: Path) -> Manifest:
    """Unpack what the manifest names into `folder`, every checksum verified.

    Raises ArchiveError for an archive that is broken, not ours, or hostile: links, names that lead elsewhere,
    files that the manifest does not name, and content far larger than the archive.
    """
    if not archive.is_file():
        raise ArchiveError(f"Er is geen bestand {archive}. Controleer het pad. Er is niets veranderd.")
    most = archive.stat().st_size * _TIMES + _ROOM
    try:
        with gzip.open(archive, "rb") as raw:
            stream: Any = _Bounded(raw, most)
            with tarfile.open(fileobj=stream, mode="r:") as tar:
                manifest = _manifest(tar)
                _refuse_without_room(manifest, folder, most)
                _unpack_all(tar, manifest, folder)
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError) as error:
        raise ArchiveError(
            f"{archive} kan niet gelezen worden als reservekopie ({type(error).__name__}). Controleer of het bestand "
            "heel is en of 'verbind-bot backup' het gemaakt heeft. Er is niets veranderd."
        ) from error
    return manifest


def _manifest(tar: tarfile.TarFile) -> Manifest:
    member = tar.next()
    if member is None or member.name != MANIFEST or not member.isreg() or member.size > _MANIFEST_BYTES:
        raise ArchiveError("Dit is geen reservekopie van verbind-bot: het overzicht ontbreekt. Er is niets veranderd.")
    try:
        manifest = Manifest.model_validate_json(b"".join(_chunks(tar, member)))
    except ValidationError as error:
        raise ArchiveError(
            "Het overzicht van deze reservekopie klopt niet, of ze komt uit een nieuwere versie van verbind-bot. "
            "Er is niets veranderd."
        ) from error
    for name in manifest.files:
        if not is_safe(name):
            raise ArchiveError("Deze reservekopie noemt bestanden die er niet in horen. Er is niets veranderd.")
    return manifest


def _refuse_without_room(manifest: Manifest, folder: Path, most: int) -> None:
    total = sum(content.size for content in manifest.files.values())
    free = shutil.disk_usage(folder).free
    if total > most:
        raise ArchiveError("Deze reservekopie is uitgepakt veel te groot voor wat ze is. Er is niets veranderd.")
    if total * 2 > free:
        raise ArchiveError(
            f"Er is te weinig ruimte op de schijf: nodig is {2 * total / 2**20:.0f} MB, vrij {free / 2**20:.0f} MB. "
            "Er is niets veranderd."
        )


def _unpack_all(tar: tarfile.TarFile, manifest: Manifest, folder: Path) -> None:
    left = dict(manifest.files)
    while (member := tar.next()) is not None:
        content = left.pop(member.name, None) if member.isreg() else None
        if content is None or content.size != member.size:
            raise ArchiveError(
                "In deze reservekopie staat iets dat er niet in hoort (een koppeling, een dubbel bestand of een "
                "bestand dat het overzicht niet noemt). Er is niets veranderd."
            )
        target = folder / member.name
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with target.open("xb") as file:
            for chunk in _chunks(tar, member):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != content.sha256:
            raise ArchiveError(f"{member.name} in deze reservekopie is beschadigd. Er is niets veranderd.")
    if left:
        raise ArchiveError(f"Deze reservekopie is niet heel: {len(left)} bestanden ontbreken. Er is niets veranderd.")


def _chunks(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Any:
    file = tar.extractfile(member)
    while file and (chunk := file.read(CHUNK)):
        yield chunk
