"""The rules for prediction files, with their codes.

MK1xx is about the file, MK2xx about a line, MK3xx about labels, MK4xx about the set of rows; MK9xx
are warnings.
"""

from __future__ import annotations

from massive_kit.submission.report import Rule

EMPTY = Rule("MK101", "nothing in the file", "Write one line for each utterance of the task.")
NOT_UTF8 = Rule("MK102", "not UTF-8", "Save the file as UTF-8; other encodings lose text.")
BOM = Rule("MK103", "byte order mark", "Save as UTF-8 without BOM; the mark is not JSON.")
NOT_LINES = Rule("MK104", "one JSON value for all rows", "Write one object per line.")
OTHER_FORMAT = Rule("MK105", "another file format", "Write JSON lines, plain, .gz, .zip or .tar.")
TOO_LARGE = Rule("MK106", "too many bytes", "Write predictions only; reading stopped here.")
LONG_LINE = Rule("MK107", "line too long", "Write one utterance per line; is a newline missing?")
TOO_MANY_LINES = Rule("MK108", "too many lines", "Write one line per row; reading stopped here.")
BAD_GZIP = Rule("MK109", "damaged gzip", "Compress the file again; is it cut off?")
BAD_ARCHIVE = Rule(
    "MK110", "archive that cannot be read", "Use a plain zip or tar: no password, no link, whole."
)
ARCHIVE_PATH = Rule("MK111", "unsafe path name in archive", "Use relative names without '..'.")
NO_FILES = Rule("MK112", "no prediction file", "Name the files .jsonl, .jsonl.gz or .json.")
TOO_MANY_FILES = Rule("MK113", "too many files", "Write one file, or one per locale.")

NOT_JSON = Rule("MK201", "not JSON", "Write every line with a JSON library.")
NOT_OBJECT = Rule("MK202", "not an object", "Write an object with id, locale and so on.")
TOO_DEEP = Rule("MK203", "nested too deeply", "Write lists in lists, and nothing deeper.")
SURROGATE = Rule("MK204", "half a character", "Write whole characters, no lone surrogates.")
NUMBER = Rule("MK205", "number out of range", "Leave it out; NaN and 1e999 are not JSON.")
DUPLICATE_KEY = Rule("MK206", "the same key twice", "Write it once; which counts is not defined.")
MISSING_FIELD = Rule("MK207", "missing field", "Write id, locale, pred_intent and pred_annot_utt.")
MISTYPED = Rule("MK208", "field of another type", "Ids are strings, utt and pred_slots lists.")

UNKNOWN_INTENT = Rule("MK301", "unknown intent", "Predict only intents of the task.")
UNKNOWN_SLOT = Rule("MK302", "unknown slot", "Predict only slots of the task.")
UNBALANCED = Rule("MK303", "bracket without its partner", "Write a slot as [slot : value].")
NESTED = Rule("MK304", "slot inside a slot", "Choose one of the two; slots do not nest.")
EMPTY_SLOT = Rule("MK305", "empty slot", "Give the slot a value of at least one token.")
NO_SLOT = Rule("MK306", "brackets that are not a slot", "Write a slot as [slot : value].")
TOKEN_COUNT = Rule("MK307", "wrong number of tokens", "Keep every token; labels align by token.")
UTT_COUNT = Rule("MK308", "utt of another length", "List the tokens of pred_annot_utt in utt.")
SLOTS_DISAGREE = Rule("MK309", "pred_slots disagrees", "Write pred_slots as the brackets say.")
SHARED_TOKEN = Rule("MK310", "two slots in one token", "Let each token be of one slot at most.")

UNKNOWN_LOCALE = Rule("MK401", "unknown locale", "Write a locale such as de-DE.")
WRONG_LOCALE = Rule("MK402", "locale that the task leaves out", "Leave it out, or check --task.")
UNKNOWN_ID = Rule("MK403", "id that the task does not have", "Predict the partition of the task.")
DUPLICATE_ROW = Rule("MK404", "the same row twice", "Write one prediction per id and locale.")
MISSING_ROWS = Rule("MK405", "missing rows", "Predict every utterance.")
MISSING_LOCALE = Rule("MK406", "a locale without any row", "Predict every locale of the task.")
MIXED_LOCALE = Rule("MK407", "a locale in two spellings", "Write one spelling everywhere.")

NO_FILE = Rule("MK501", "a file of the bundle is missing", "Pack it with `submission pack`.")
STRAY_FILE = Rule("MK502", "does not belong in a bundle", "Take it out, and any link.")
WRONG_HASH = Rule("MK503", "changed after packing", "Pack the bundle again.")
BAD_MANIFEST = Rule("MK504", "manifest that cannot be read", "Start from `submission manifest`.")
OTHER_TASK = Rule("MK505", "manifest and task disagree", "Take both from the task.")
OVER_CAP = Rule("MK506", "more parameters than admitted", "See the task's caps by architecture.")
NO_LICENCE = Rule("MK507", "training data not named", "Name all training data and licences.")
BAD_SIGNATURE = Rule("MK508", "signature of other predictions", "Pack the bundle again.")

ALIAS = Rule(
    "MK901", "locale in another spelling", "Nothing; it is read as the data set's name.", "warning"
)
OTHER_TEXT = Rule("MK902", "text differs from the data", "Nothing; only labels count.", "warning")
EXTRA_FIELD = Rule("MK903", "unknown field", "Leave it out; it is not read.", "warning")
BLANK_LINE = Rule("MK904", "blank line", "Leave it out; it is not read.", "warning")
INNER_SPACE = Rule(
    "MK905", "white space in a token", "Nothing; labels align by the tokens of utt.", "warning"
)
SAME_INTENT = Rule("MK906", "one intent everywhere", "Did the intent head learn?", "warning")
NO_SLOTS = Rule("MK907", "no slot anywhere", "Did the slot head learn?", "warning")
TRAINING_GOLD = Rule("MK908", "the training split's gold", "Are these predictions?", "warning")
SKIPPED_FILE = Rule("MK909", "file that is not read", "Rename it if it has predictions.", "warning")
NOT_TOLD = Rule(
    "MK910", "left out of the manifest", "Add it; readers of the board will ask.", "warning"
)
UNTESTED = Rule(
    "MK911", "locale that is trained on and not tested", "Nothing; no score holds it.", "warning"
)
UNTESTED_WRONG = Rule(
    "MK912", "such a locale with a row wrong or missing", "Mend it, or leave it out.", "warning"
)

RULES: tuple[Rule, ...] = tuple(
    sorted((v for v in list(globals().values()) if isinstance(v, Rule)), key=lambda r: r.code)
)
