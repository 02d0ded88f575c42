"""The rules for prediction files, with their codes.

MK1xx is about the file, MK2xx about a line, MK3xx about labels, MK4xx about the set of rows; MK9xx
are warnings.
"""

from __future__ import annotations

from massive_kit.submission.report import Rule

EMPTY = Rule("MK101", "nothing in the file", "Hand in one line for each utterance of the task.")
NOT_UTF8 = Rule("MK102", "not UTF-8", "Save the file as UTF-8; other encodings lose text.")
BOM = Rule("MK103", "byte order mark", "Save as UTF-8 without BOM; the mark is no part of JSON.")
NOT_LINES = Rule("MK104", "one JSON value over several lines", "Write one object a line, no list.")
OTHER_FORMAT = Rule("MK105", "another file format", "Hand in JSON lines, plain, .gz or .zip.")
TOO_LARGE = Rule("MK106", "too many bytes", "No file of this task needs so many; reading stopped.")
LONG_LINE = Rule("MK107", "line too long", "A line holds one utterance; is a newline missing?")
TOO_MANY_LINES = Rule("MK108", "too many lines", "Far more lines than rows; reading stopped.")
BAD_GZIP = Rule("MK109", "damaged gzip", "Compress the file again; is it cut off?")
BAD_ZIP = Rule("MK110", "zip that cannot be read", "Use a plain zip: deflate, no password, whole.")
ZIP_PATH = Rule("MK111", "unsafe path name in zip", "Names must be relative, without '..'.")
NO_FILES = Rule("MK112", "no prediction file", "Name the files .jsonl, .jsonl.gz or .json.")
TOO_MANY_FILES = Rule("MK113", "too many files", "One file a locale is the most that makes sense.")

NOT_JSON = Rule("MK201", "not JSON", "Write every line with a JSON library.")
NOT_OBJECT = Rule("MK202", "not an object", "A line is an object with id, locale and so on.")
TOO_DEEP = Rule("MK203", "nested too deeply", "A prediction has lists in lists, no deeper.")
SURROGATE = Rule(
    "MK204", "half a character", "A lone surrogate is no text; write whole characters."
)
NUMBER = Rule("MK205", "number out of range", "NaN, Infinity and 1e999 are not JSON.")
DUPLICATE_KEY = Rule("MK206", "the same key twice", "Readers disagree on which of the two counts.")
MISSING_FIELD = Rule(
    "MK207", "missing field", "id, locale, pred_intent, pred_annot_utt are needed."
)
MISTYPED = Rule("MK208", "field of another type", "Ids are strings, utt and pred_slots are lists.")

UNKNOWN_INTENT = Rule("MK301", "unknown intent", "Only the task's intents can be scored.")
UNKNOWN_SLOT = Rule("MK302", "unknown slot", "Only the task's slots can be scored.")
UNBALANCED = Rule("MK303", "bracket without its partner", "A slot is written [slot : value].")
NESTED = Rule("MK304", "slot inside of a slot", "Slots do not nest.")
EMPTY_SLOT = Rule("MK305", "empty slot", "A slot has a value of at least one token.")
NO_SLOT = Rule("MK306", "brackets that are no slot", "A slot is written [slot : value].")
TOKEN_COUNT = Rule("MK307", "wrong number of tokens", "Labels align by token; nothing is padded.")
UTT_COUNT = Rule("MK308", "utt of another length", "utt lists the tokens of pred_annot_utt.")
SLOTS_DISAGREE = Rule("MK309", "pred_slots disagrees", "pred_slots must say what the brackets say.")

UNKNOWN_LOCALE = Rule("MK401", "unknown locale", "A locale looks like de-DE.")
WRONG_LOCALE = Rule("MK402", "locale that the task leaves out", "Zero-shot has no training locale.")
UNKNOWN_ID = Rule("MK403", "id that the task does not have", "Predict the task's own partition.")
DUPLICATE_ROW = Rule("MK404", "the same row twice", "One prediction for each id and locale.")
MISSING_ROWS = Rule("MK405", "missing rows", "Every utterance needs a prediction.")
MISSING_LOCALE = Rule("MK406", "a locale without any row", "The task is scored in all its locales.")

NO_FILE = Rule("MK501", "a file of the bundle is missing", "Make it by `submission pack`.")
STRAY_FILE = Rule("MK502", "does not belong in a bundle", "Plain files, no links, no others.")
WRONG_HASH = Rule("MK503", "changed after packing", "Pack the bundle again.")
BAD_MANIFEST = Rule("MK504", "manifest that cannot be read", "`submission manifest` prints one.")
OTHER_TASK = Rule("MK505", "manifest and task disagree", "Setting and task are the task's own.")
OVER_CAP = Rule("MK506", "more parameters than admitted", "The task caps them by architecture.")
NO_LICENCE = Rule("MK507", "training data not told", "Name all training data and licences.")
BAD_SIGNATURE = Rule("MK508", "signature of other predictions", "Pack the bundle again.")

ALIAS = Rule("MK901", "alias of a locale", "Read as the name that the data use.", "warning")
OTHER_TEXT = Rule(
    "MK902", "text differs from the data", "A model normalises; labels count.", "warning"
)
EXTRA_FIELD = Rule("MK903", "unknown field", "It is not read.", "warning")
BLANK_LINE = Rule("MK904", "blank line", "It is not read.", "warning")
INNER_SPACE = Rule("MK905", "white space in a token", "Aligned by the tokens of utt.", "warning")
SAME_INTENT = Rule("MK906", "one intent everywhere", "Did the intent head learn?", "warning")
NO_SLOTS = Rule("MK907", "no slot anywhere", "Did the slot head learn?", "warning")
TRAINING_GOLD = Rule("MK908", "the training split's gold", "Are these predictions?", "warning")
SKIPPED_FILE = Rule("MK909", "file that is not read", "It has another suffix.", "warning")
NOT_TOLD = Rule("MK910", "left out of the manifest", "Readers of the board will ask.", "warning")

RULES: tuple[Rule, ...] = tuple(
    sorted((v for v in list(globals().values()) if isinstance(v, Rule)), key=lambda r: r.code)
)
