"""Prompt templates: Jinja files that may come from anyone, and so can do little.

A template holds two blocks, `instruction` and `question`. It may show variables, choose between
texts (`if`) and go through lists (`for`); it calls nothing, includes nothing, computes nothing and
assigns nothing, so that what it writes is bounded by what it is given.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from massive_kit import content
from massive_kit.errors import ConfigError, MissingDataError, Problem

FOLDER, SUFFIX = "prompts", ".jinja"
BLOCKS = ("instruction", "question")
MOST_CHARACTERS = 1_000_000
_LARGEST_FILE = 100_000
# What Jinja calls the file of a template that comes as text.
_COMPILED = "<template>"
_DEEPEST_LOOP = 2
_DEEPEST = 40
_MOST_STEPS = 1_000_000
_FILTERS = {"capitalize", "default", "first", "join", "last", "length", "lower", "title"} | {
    "tojson",
    "trim",
    "upper",
}
_TESTS = {"defined", "none", "eq", "ne", "in"}
_NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Block, nodes.If, nodes.For),
    *(nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.List, nodes.Tuple),
    *(nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or),
    *(nodes.CondExpr, nodes.Concat, nodes.Keyword),
)


@dataclass(frozen=True)
class PromptTemplate:
    """A template that has been checked.

    Attributes:
        source: Its text.
        where: What it is called in messages.
    """

    source: str
    where: str

    def __post_init__(self) -> None:
        problems = list(_problems(self.source, self.where))
        if problems:
            raise ConfigError(f"{self.where} is not a prompt template", problems)

    @classmethod
    def load(cls, name: str) -> PromptTemplate:
        """The template of that name, or in the `.jinja` file of that path.

        Raises:
            MissingDataError: There is none.
            ConfigError: It is not UTF-8, too large, or does what no template may.
        """
        path = _find(name)
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            problem = Problem(str(path), f"{size:,} bytes", f"at most {_LARGEST_FILE:,}")
            raise ConfigError(f"{path} is too large", [problem])
        try:
            source = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            problem = Problem(str(path), f"byte {error.start} is not UTF-8")
            raise ConfigError(f"{path} cannot be read", [problem]) from None
        return cls(source, str(path))

    def render(self, block: str, values: Mapping[str, Any]) -> str:
        """What a block writes, without white space around it.

        Raises:
            ConfigError: It asks for what there is not, or writes or does too much.
        """
        steps = iter(range(_MOST_STEPS))
        bounded = {name: _bounded(value, steps) for name, value in values.items()}
        parts: list[str] = []
        length = 0
        try:
            context = self._template.new_context(bounded)
            for part in self._template.blocks[block](context):
                length += len(part)
                if length > MOST_CHARACTERS:
                    raise self._wrong(f"{block} writes more than {MOST_CHARACTERS:,} characters")
                parts.append(part)
        except UndefinedError as error:
            names = f"one of {', '.join(sorted(values))}"
            raise self._wrong(f"{block}: {error}", names, self._line(error)) from None
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise self._wrong(f"{block}: {error}", line=self._line(error)) from None
        return "".join(parts).strip()

    def _wrong(
        self, found: str, expected: str | None = None, line: int | None = None
    ) -> ConfigError:
        problem = Problem(self.where, found, expected, line=line)
        return ConfigError(f"{self.where} cannot be filled in", [problem])

    def _line(self, error: Exception) -> int | None:
        """The line of the template in which an error arose."""
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == _COMPILED and frame.lineno is not None
        ]
        return self._template.get_corresponding_lineno(lines[-1]) if lines else None

    @cached_property
    def _template(self) -> Template:
        return _environment().from_string(self.source)


class _Labels(list[Any]):
    """A list that loops can go through so often in all, and no more."""

    __slots__ = ("_steps",)

    def __init__(self, values: list[Any], steps: Iterator[int]) -> None:
        super().__init__(values)
        self._steps = steps

    def __iter__(self) -> Iterator[Any]:
        for value in super().__iter__():
            if next(self._steps, None) is None:
                raise ValueError(f"goes through more than {_MOST_STEPS:,} items")
            yield value


class _Text(str):
    """A text that no loop goes through."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        raise TypeError("a loop over the characters of a text")


def _bounded(value: Any, steps: Iterator[int]) -> Any:
    if isinstance(value, list):
        return _Labels(value, steps)
    return _Text(value) if isinstance(value, str) else value


def _find(name: str) -> Path:
    if name.endswith(SUFFIX):
        path = Path(name)
        if path.is_file():
            return path
        raise MissingDataError(f"{name}: no such file")
    folders = [root / FOLDER for root in dict.fromkeys(_roots())]
    for folder in folders:
        path = folder / f"{name}{SUFFIX}"
        if Path(name).name == name and path.is_file():
            return path
    known = sorted({path.stem for folder in folders for path in folder.glob(f"*{SUFFIX}")})
    raise MissingDataError(f"no prompt named {name!r}; there are: {', '.join(known) or 'none'}")


def _roots() -> Iterator[Path]:
    yield content.folder("baselines")
    yield content.installed_root() / "baselines"


def _environment() -> ImmutableSandboxedEnvironment:
    # Prompts are no HTML.
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )


def _problems(source: str, where: str) -> Iterator[Problem]:
    try:
        tree = _environment().parse(source)
    except TemplateError as error:
        yield Problem(where, error.message or "not Jinja", line=getattr(error, "lineno", None))
        return
    except RecursionError:
        yield Problem(where, "nested too deeply")
        return
    names = [block.name for block in tree.find_all(nodes.Block)]
    missing = [name for name in BLOCKS if name not in names]
    if missing:
        yield Problem(where, f"no block {' and no block '.join(missing)}", " and ".join(BLOCKS))
    yield from _forbidden(tree, where)


def _forbidden(node: nodes.Node, where: str, depth: int = 0, loops: int = 0) -> Iterator[Problem]:
    loops += isinstance(node, nodes.For)
    mistake = _mistake(node, loops) if depth < _DEEPEST else "nested too deeply"
    if mistake is not None:
        yield Problem(where, mistake, "variables, if and for alone", line=node.lineno)
        return
    for child in node.iter_child_nodes():
        yield from _forbidden(child, where, depth + 1, loops)


def _mistake(node: nodes.Node, loops: int) -> str | None:
    if isinstance(node, nodes.For):
        if loops > _DEEPEST_LOOP:
            return f"a loop inside {_DEEPEST_LOOP} others"
        if node.recursive:
            return "a recursive loop"
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        return f"the filter {node.name!r}"
    if isinstance(node, nodes.Test) and node.name not in _TESTS:
        return f"the test {node.name!r}"
    if not isinstance(node, _NODES):
        return f"{type(node).__name__.lower()}, which no prompt may hold"
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return f"the attribute {node.attr!r}"
    return None
