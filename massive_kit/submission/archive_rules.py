"""What is wrong with a member of a zip or tar that holds predictions."""

from __future__ import annotations

import zipfile

from massive_kit.files.hostile_tar import TarMember
from massive_kit.files.hostile_zip import is_unsafe
from massive_kit.submission import rules
from massive_kit.submission.report import Violation


def wrong_tar_member(member: TarMember) -> Violation | None:
    """Why a member of a tar is not read, if it is not."""
    if is_unsafe(member.name):
        words = f"the path {member.name!r} in the tar"
        return Violation(rules.ARCHIVE_PATH, words, todo="pack plain file names")
    if member.kind != "file":
        words = f"{member.name} is {'a link' if member.kind == 'link' else 'not a plain file'}"
        return Violation(rules.BAD_ARCHIVE, words, todo="pack the files themselves")
    return None


def wrong_zip_member(info: zipfile.ZipInfo) -> Violation | None:
    """Why a member of a zip is not read, if it is not."""
    name = info.filename
    if is_unsafe(name):
        words = f"the path {name!r} in the zip"
        return Violation(rules.ARCHIVE_PATH, words, todo="zip plain file names")
    if info.flag_bits & 1:
        words = f"{name} is encrypted"
        return Violation(rules.BAD_ARCHIVE, words, todo="zip it without a password")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        # LZMA in a zip may ask for gigabytes of memory.
        words = f"{name} is compressed by method {info.compress_type}"
        return Violation(rules.BAD_ARCHIVE, words, "deflate", "zip it again")
    return None
