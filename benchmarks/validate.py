"""How long `massive-kit validate` takes, how much memory, and what it says of bad inputs.

    python benchmarks/validate.py              # times, on predictions made up for massive-full
    python benchmarks/validate.py --real FILE  # the same on a real file
    python benchmarks/validate.py --messages   # only the table of bad inputs with their messages

Every time is that of the whole process, as a user starts it.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import resource
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from massive_kit.errors import Problem, escape_invisible
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions

ROOT = Path(__file__).resolve().parent.parent
# The bad inputs are those of the tests, which are not a package.
sys.path.insert(0, str(ROOT))
from tests.submission.cases import CASES, tiny_index  # noqa: E402 - needs the path above

TASK = "massive-full"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """A finished call of the command line."""

    seconds: float
    cpu: float
    megabytes: float
    code: int
    output: bytes
    errors: bytes


# A process of its own that is small: Linux counts the memory of whoever starts a process as the
# process's own.
_MEASURE = """
import json, os, sys, time
start = time.perf_counter()
child = os.spawnv(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as stream:
    spent = {"seconds": time.perf_counter() - start, "cpu": usage.ru_utime + usage.ru_stime}
    code = os.waitstatus_to_exitcode(status)
    json.dump({**spent, "memory": usage.ru_maxrss, "code": code}, stream)
"""


def call(*arguments: str | Path) -> Run:
    """Runs `massive-kit validate` and measures the process from outside."""
    with tempfile.NamedTemporaryFile() as told:
        command = [sys.executable, "-m", "massive_kit", "validate", *map(str, arguments)]
        measured = [sys.executable, "-I", "-S", "-c", _MEASURE, told.name, *command]
        done = subprocess.run(measured, capture_output=True, check=True, cwd=ROOT)
        spent = orjson.loads(Path(told.name).read_bytes())
    return Run(
        spent["seconds"],
        spent["cpu"],
        spent["memory"] / 1024,
        spent["code"],
        done.stdout,
        done.stderr,
    )


def rows(index: TaskIndex) -> Iterator[Row]:
    """A valid prediction for every row, in the original's format."""
    rng = random.Random(7)  # noqa: S311 - made-up data
    slots, intents = index.inventory.slots, index.inventory.intents
    for at, count in enumerate(index.token_counts.tolist()):
        tokens = [f"wort{rng.randrange(1000)}" for _ in range(count)]
        first = rng.randrange(count)
        last = min(count, first + 1 + rng.randrange(3))
        slot = rng.choice(slots)
        value = " ".join(tokens[first:last])
        annotated = [*tokens[:first], f"[{slot} : {value}]", *tokens[last:]]
        yield {
            "id": index.ids[at],
            "locale": index.locales[index.locale[at]],
            "utt": tokens,
            "pred_intent": rng.choice(intents),
            "pred_slots": [[value, slot]],
            "pred_annot_utt": " ".join(annotated),
        }


# Mistakes of many kinds; each breaks one rule once.
def _set(key: str, value: Any) -> Callable[[Row], bytes]:
    return lambda row: orjson.dumps({**row, key: value})


def _raw(change: Callable[[bytes], bytes]) -> Callable[[Row], bytes]:
    return lambda row: change(orjson.dumps(row))


def _annotated(change: Callable[[str], str]) -> Callable[[Row], bytes]:
    def changed(row: Row) -> bytes:
        text = change(row["pred_annot_utt"])
        kept = {k: v for k, v in row.items() if k not in {"utt", "pred_slots"}}
        return orjson.dumps({**kept, "pred_annot_utt": text})

    return changed


MISTAKES: tuple[Callable[[Row], bytes], ...] = (
    _set("pred_intent", "alarm_sets"),
    _set("pred_intent", None),
    _set("pred_slots", []),
    _set("pred_slots", {}),
    _set("utt", "a string"),
    _annotated(lambda text: f"{text} more"),
    _annotated(lambda text: text.replace("]", "", 1)),
    _annotated(lambda text: text.replace("[", "[[", 1)),
    _annotated(lambda text: text.replace(" : ", " ", 1)),
    _annotated(lambda text: f"[nosuch : {text.replace('[', '').replace(']', '')}]"),
    _raw(lambda raw: b"{" + raw),
    _raw(lambda raw: raw[:-1]),
    _raw(lambda raw: raw.replace(b"wort", b"\xff", 1)),
    _raw(lambda raw: raw.replace(b"wort", b"\\ud800", 1)),
    _raw(lambda raw: b'{"locale":"de-DE",' + raw[1:]),
    _raw(lambda _: b"[1, 2]"),
    _raw(lambda _: b'"text"'),
)


def write_mistakes(path: Path, index: TaskIndex, wanted: int) -> int:
    """A file with that many wrong lines, of all kinds in turn, among right ones."""
    rng = random.Random(11)  # noqa: S311 - made-up data
    wrong = set(rng.sample(range(len(index)), wanted))
    with path.open("wb") as stream:
        for at, row in enumerate(rows(index)):
            raw = MISTAKES[at % len(MISTAKES)](row) if at in wrong else orjson.dumps(row)
            stream.write(raw + b"\n")
    return len(wrong)


def squeeze(path: Path, unit: bytes, times: int, end: bytes = b"") -> None:
    """A gzip of `unit` so many times."""
    pack = zlib.compressobj(9, wbits=31)
    with path.open("wb") as stream:
        for _ in range(times):
            stream.write(pack.compress(unit))
        stream.write(pack.compress(end) + pack.flush())


def show(name: str, run: Run, limit: str) -> None:
    """One line of the table of times."""
    spent = f"{run.seconds:7.2f} s ({run.cpu:.2f} s of CPU) {run.megabytes:5.0f} MB"
    print(f"{name:56} {spent}  exit {run.code}  {limit}", flush=True)
    if run.code not in {0, 1} or b"Traceback" in run.errors:
        print(run.errors.decode(errors="replace")[-2000:])
        raise SystemExit(f"{name}: not an answer")


def times(folder: Path, real: Path | None) -> None:
    """The table of times and memory."""
    index = TaskIndex.shipped(TASK)
    assert index is not None
    plain = folder / "valid.jsonl"
    with plain.open("wb") as stream:
        for row in rows(index):
            stream.write(orjson.dumps(row) + b"\n")
    packed = folder / "valid.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes(), 6))
    print(f"{len(index):,} rows of {TASK}; whole process, {os.cpu_count()} cores")
    for path in (plain, packed, *([real] if real else [])):
        run = call(path, "--task", TASK)
        show(f"valid, {path.name}, {path.stat().st_size / 1e6:.0f} MB", run, "< 3 s, < 300 MB")
        print(f"    {run.output.decode().strip()}")
    wrong = folder / "wrong.jsonl"
    wanted = write_mistakes(wrong, index, 100_000)
    run = call(wrong, "--task", TASK, "--format", "json")
    show(f"{wanted:,} wrong lines of {len(MISTAKES)} kinds", run, "< 5 s")
    report = orjson.loads(run.output)
    about_lines = sum(p["count"] for p in report["counts"] if p["code"] != "MK405")
    print(f"    {report['errors']:,} errors counted, {about_lines:,} of them on lines:")
    for entry in report["counts"]:
        print(f"    {entry['code']}  {entry['count']:>8,}  {entry['title']}")
    hostile(folder, index)


def hostile(folder: Path, index: TaskIndex) -> None:
    """Inputs made to exhaust memory or time."""
    path = folder / "hostile"
    with path.open("wb") as stream:
        stream.write(b'{"id": "')
        stream.truncate(5 << 30)
    show("one line of 5 GB", call(path, "--task", TASK), "< 400 MB")
    path.unlink()
    squeeze(path, bytes(1 << 20), 5 << 10)
    show(
        f"gzip of 5 GB of zeros, {path.stat().st_size / 1e6:.1f} MB",
        call(path, "--task", TASK),
        "< 400 MB",
    )
    squeeze(path, b"{}\n" * (1 << 18), 1 << 8)
    show("gzip of 67 million lines {}", call(path, "--task", TASK), "< 400 MB")
    with path.open("wb") as stream:
        for number in range(1_000_000):
            stream.write(b'{"id": "x%d", "locale": "y%d"}\n' % (number, number))
    show("1,000,000 lines, each with its own mistakes", call(path, "--task", TASK), "< 400 MB")
    path.write_bytes(gzip.compress(b"x", mtime=0) * 1_600_000)
    show("gzip of 1,600,000 parts of a byte", call(path, "--task", TASK), "< 400 MB")
    path.write_bytes(b"[" * 200_000 + b"\n" + b'{"a":' * 40_000 + b"\n")
    show("brackets 200,000 deep", call(path, "--task", TASK), "< 400 MB")
    path.write_bytes((b'{"id":"' + b"a" * 260_000 + b'"}\n') * 2_000)
    show("2,000 lines of 260 kB", call(path, "--task", TASK), "< 400 MB")
    row = next(rows(index))
    deep = orjson.dumps({**row, "pred_annot_utt": "[" * 200_000})
    path.write_bytes((deep + b"\n") * 500)
    show("500 annotations of 200,000 brackets", call(path, "--task", TASK), "< 400 MB")
    spaced = orjson.dumps({**row, "pred_annot_utt": "[date : " + " " * 200_000 + "x"})
    path.write_bytes((spaced + b"\n") * 500)
    show(
        "500 annotations made to trap a regular expression", call(path, "--task", TASK), "< 400 MB"
    )
    many = orjson.dumps({**row, "pred_slots": [["a", "b"]] * 20_000})
    path.write_bytes((many + b"\n") * 1_000)
    show("1,000 lines with 20,000 slots", call(path, "--task", TASK), "< 400 MB")
    keys = b'{"k1":0,' + b",".join(b'"k%d":0' % n for n in range(20_000)) + b"}\n"
    path.write_bytes(keys * 500)
    show("500 objects of 20,000 keys, one twice", call(path, "--task", TASK), "< 400 MB")


def messages() -> None:
    """The table of bad inputs, with the first message that each gets."""
    index = tiny_index()
    print(f"{len(CASES)} kinds of bad input")
    with tempfile.TemporaryDirectory() as temporary:
        for number, case in enumerate(CASES):
            folder = Path(temporary) / str(number)
            folder.mkdir()
            files = case.files()
            for name, content in files.items():
                (folder / name).write_bytes(content)
            path = folder if case.folder else folder / next(iter(files))
            report = read_predictions([path], index, allow_errors=True).report
            problem = report.problems[0]
            more = f" (and {len(report.problems) - 1} more)" if len(report.problems) > 1 else ""
            print(f"{case.name:36} {problem.code}  {message(problem, path)}{more}")


def message(problem: Problem, path: Path) -> str:
    """A problem without the folder it was found in."""
    text = (
        escape_invisible(str(problem)).replace(f"{path.parent}/", "").replace(str(path), path.name)
    )
    return text if len(text) <= 200 else f"{text[:200]}..."


def main() -> None:
    """Prints the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, help="a real prediction file for massive-full")
    parser.add_argument("--messages", action="store_true", help="only the table of messages")
    options = parser.parse_args()
    messages()
    if not options.messages:
        # A runaway must not take the machine with it.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with tempfile.TemporaryDirectory() as temporary:
            times(Path(temporary), options.real)


if __name__ == "__main__":
    main()
