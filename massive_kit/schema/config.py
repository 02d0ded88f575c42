"""YAML in, `-o key=value` on top, every mistake told at once."""

from __future__ import annotations

import contextlib
import datetime as dt
import difflib
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from yaml.constructor import SafeConstructor

from massive_kit.counted import kind_of
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema import patterns

try:
    from yaml import CSafeLoader as _QuickestLoader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _QuickestLoader  # type: ignore[assignment]

# Configuration is written by people; a larger file is something else, or an attack.
MAX_BYTES = 1_000_000
# So short a text cannot nest deep enough to exhaust the stack of a parser in C.
_SHORT = 5_000


# Keys that are not known are refused, and so are numbers that are not finite.
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


class Strict(BaseModel):
    """A model that refuses keys it does not know, and numbers that are not finite."""

    model_config = ConfigDict(**STRICT, frozen=True)


Model = TypeVar("Model", bound=BaseModel)


class _DistinctKeys(SafeConstructor):
    """Safe values, and no repeated keys, of which one would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(None, None, "a key that is not text", key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    None, None, f"the key {key.value!r} stands here twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Loader(_DistinctKeys, yaml.SafeLoader):
    """Safe YAML without aliases (they can blow up) and repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs lack it
            raise yaml.MarkedYAMLError(
                None, None, "YAML aliases are not allowed; write the value out", event.start_mark
            )
        return super().compose_node(parent, index)


class _QuickLoader(_DistinctKeys, _QuickestLoader):
    """The same for text without aliases."""


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        ConfigError: The file is too large, not UTF-8, not YAML, or no mapping.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        problem = Problem(str(path), f"{size:,} bytes", f"at most {MAX_BYTES:,}")
        raise ConfigError(f"{path} is too large", [problem])
    return parse_yaml(path.read_bytes(), str(path))


def parse_yaml(raw: bytes, where: str) -> dict[str, Any]:
    """The mapping in YAML text; `where` names it in errors.

    Raises:
        ConfigError: It is not UTF-8, not YAML, or no mapping.
    """
    try:
        value = _load(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        problem = Problem(where, f"byte {error.start} is not UTF-8", todo="save the file as UTF-8")
        raise ConfigError(f"{where} cannot be read", [problem]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problem = Problem(where, error.problem or "not YAML", line=mark.line + 1 if mark else None)
        raise ConfigError(f"{where} is not valid YAML", [problem]) from None
    except (yaml.YAMLError, ValueError, AttributeError) as error:
        # A timestamp that is none is an AttributeError of the parser's.
        raise ConfigError(f"{where} is not valid YAML", [Problem(where, str(error))]) from None
    except RecursionError:
        problem = Problem(where, "nested too deeply")
        raise ConfigError(f"{where} is not valid YAML", [problem]) from None
    if not isinstance(value, dict):
        what = "nothing in it" if value is None else kind_of(value)
        problem = Problem(where, what, "a mapping of keys to values")
        raise ConfigError(f"{where} holds no mapping", [problem])
    return value


def _load(text: str) -> Any:
    # Manifests are short, and a board reads a thousand. What libyaml refuses is read again, so that
    # what is wrong is told in the same words wherever it is not installed.
    if len(text) <= _SHORT and "*" not in text:
        with contextlib.suppress(yaml.YAMLError, ValueError, AttributeError, RecursionError):
            return yaml.load(text, Loader=_QuickLoader)  # noqa: S506 - a SafeLoader, made stricter
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - likewise


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the values of `over` laid on top, mapping by mapping; neither is changed."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(below, value)
        else:
            merged[key] = value
    return merged


def drop_neutral(value: Any, neutral: Mapping[str, Any], reason: str) -> Any:
    """A mapping without keys that mean nothing for its owner.

    Args:
        value: What was given; anything but a mapping comes back as it is.
        neutral: Each such key with the value that changes nothing, which earlier versions wrote.
        reason: Why the keys mean nothing.

    Raises:
        ValueError: A key has another value.
    """
    if not isinstance(value, Mapping):
        return value
    wrong = [key for key, harmless in neutral.items() if value.get(key, harmless) != harmless]
    if wrong:
        raise ValueError(f"{' and '.join(wrong)} cannot be set: {reason}")
    return {key: given for key, given in value.items() if key not in neutral}


def parse_overrides(options: Sequence[str]) -> dict[str, Any]:
    """`["a.b=1", "c=x"]` as a nested mapping.

    Values are YAML, so that `false` and `[1, 2]` keep their type.

    Raises:
        ConfigError: An option has no `=`, or its value is not YAML.
    """
    merged: dict[str, Any] = {}
    problems = []
    for option in options:
        # Where the locale is not UTF-8 (`LC_ALL=C`), Python keeps other bytes as surrogates.
        decoded = option.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
        key, equals, text = decoded.partition("=")
        if not equals or not key.strip(". "):
            problems.append(Problem("-o", repr(option), "key=value, such as -o optimiser.lr=1e-4"))
            continue
        try:
            value = _scalar(yaml.safe_load(text) if text else "")
        except (yaml.YAMLError, ValueError) as error:
            # A date such as 2026-13-31 is a ValueError.
            todo = str(error) if not isinstance(error, yaml.YAMLError) else None
            problems.append(Problem("-o", repr(option), "a YAML value after =", todo))
            continue
        nested: Any = value
        for part in reversed(key.split(".")):
            nested = {part: nested}
        merged = merge(merged, nested)
    if problems:
        raise ConfigError("an override cannot be read", problems)
    return merged


def flattened(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one with dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= flattened(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _scalar(value: Any) -> Any:
    # YAML 1.1 reads 1e-4 as a string; people mean the number.
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def check(
    model: type[Model], values: Mapping[str, Any], where: str, what: str | None = None
) -> Model:
    """`values` as a model.

    Args:
        model: The model.
        values: Its keys.
        where: What holds them, for messages.
        what: What they should be, such as `encoder recipe`; the words of the model's name if not
            given.

    Raises:
        ConfigError: With a problem for every wrong, missing and unknown key.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = _problems(model, values, error, where)
        raise ConfigError(f"{where} is not a valid {what or _words(model)}", problems) from None


def unknown_key(model: type[BaseModel], path: Sequence[str]) -> str | None:
    """What is wrong with a path of keys into a model, or `None` where it leads somewhere.

    Below keys whose values are mappings any one key is taken.
    """
    current: type[BaseModel] | None = model
    for place, part in enumerate(path):
        if current is None:
            return f"{'.'.join(path[:place])} has no keys"
        if part not in current.model_fields:
            return f"{part!r} is none of {', '.join(current.model_fields)}"
        annotation = current.model_fields[part].annotation
        if get_origin(annotation) is dict:
            left = len(path) - place - 1
            return None if left == 1 else f"{part} is followed by one key"
        current = _model_of(annotation)
    return None if current is None else f"{'.'.join(path)} is no single value"


def _words(model: type[BaseModel]) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", model.__name__).lower()


def _problems(
    model: type[BaseModel], values: Mapping[str, Any], error: ValidationError, where: str
) -> list[Problem]:
    # A value that may be of several types fails each of them; it is one mistake.
    problems: dict[tuple[str, str], Problem] = {}
    for item in error.errors():
        path = _key_path(model, values, item["loc"])
        problem = _problem(model, path, dict(item), where)
        key = ".".join(path), problem.found
        before = problems.get(key)
        if before is not None and before.expected and problem.expected:
            expected = dict.fromkeys((*before.expected.split(" or "), problem.expected))
            problem = replace(before, expected=" or ".join(expected))
        problems[key] = problem
    return list(problems.values())


def _key_path(
    model: type[BaseModel], values: Mapping[str, Any], location: Sequence[int | str]
) -> list[str]:
    """The keys that lead to a mistake, without the types that pydantic names among them."""
    path: list[str] = []
    current: Any = values
    for part in location:
        keys = range(len(current)) if isinstance(current, list) else current
        if isinstance(keys, Mapping | range) and part in keys:
            current = current[part]
        elif isinstance(part, int) or part in _fields(model, path):
            current = None
        else:
            continue
        path.append(str(part))
    return path


def _problem(
    model: type[BaseModel], path: Sequence[str], item: dict[str, Any], where: str
) -> Problem:
    key = ".".join(path)
    if item["type"] == "extra_forbidden":
        near = difflib.get_close_matches(path[-1], _fields(model, path[:-1]), n=1)
        todo = f"did you mean {near[0]!r}?" if near else None
        return Problem(where, f"unknown key {key!r}", todo=todo)
    if item["type"] == "missing":
        example = _example(model, path)
        todo = f"give it, such as -o {key}={shlex.quote(example)}" if example else None
        return Problem(where, f"the key {key!r} is missing", _choices(model, path), todo)
    message = str(item["msg"])
    for prefix in ("Value error, ", "Input should be ", "String should have "):
        message = message.removeprefix(prefix)
    if item["type"] == "string_pattern_mismatch":
        pattern = item["ctx"]["pattern"]
        message = patterns.WORDS.get(pattern, f"text of the pattern {pattern}")
    if item["type"] == "value_error" and isinstance(item["input"], Mapping):
        # Keys that do not go together; the whole mapping would hide which.
        return Problem(where, f"{key}: {message}" if key else message)
    shown = str(item["input"]) if isinstance(item["input"], dt.date) else repr(item["input"])
    given = f"{key} is {shown}"[:200] if key else ""
    todo = None
    if item["type"] == "string_type" and isinstance(item["input"], Mapping):
        todo = f"""text with a colon and a space needs quotes: -o '{key}="a: b"'"""
    return Problem(where, given or message, message if given else None, todo)


def _fields(model: type[BaseModel], path: Sequence[str]) -> dict[str, FieldInfo]:
    current: type[BaseModel] | None = model
    for part in path:
        fields = current.model_fields if current else {}
        if part not in fields:
            return fields
        current = _model_of(fields[part].annotation)
    return current.model_fields if current else {}


def _example(model: type[BaseModel], path: Sequence[str]) -> str | None:
    field = _fields(model, path[:-1]).get(path[-1])
    return str(field.examples[0]) if field and field.examples else None


def _choices(model: type[BaseModel], path: Sequence[str]) -> str | None:
    field = _fields(model, path[:-1]).get(path[-1])
    if field is None or get_origin(field.annotation) is not Literal:
        return None
    return "one of " + ", ".join(map(str, get_args(field.annotation)))


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        nested = _model_of(inner)
        if nested is not None:
            return nested
    return None
