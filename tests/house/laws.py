"""The laws of the house as functions from one parsed module to its violations.

Invariant: no law needs Qt, the network or the code under it to be importable; each comes with a planted violation and an
innocent neighbour, so that a law that has gone blind is noticed.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "ui")
LINES_AT_MOST = 400

STATIC_DIALOGS = re.compile(r"^(about|aboutQt|critical|information|question|warning|get[A-Z]\w*)$")
DIALOG_CLASSES = {"QMessageBox", "QFileDialog", "QInputDialog", "QColorDialog", "QFontDialog"}
BANNED_MODULE_NAMES = {"utils", "util", "helpers", "helper", "manager", "controller", "misc", "common"}


@dataclass(frozen=True)
class Module:
    """One source file: its path inside the checkout, with forward slashes, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> "Module":
        return cls(path, text, ast.parse(text, path))


Finding = Iterator[tuple[int, str]]


@dataclass(frozen=True)
class Law:
    """What holds, where, and the proof that the check sees: `planted` breaks it, `innocent` does not (path, source)."""

    name: str
    rooms: tuple[str, ...]
    find: Callable[[Module], Finding]
    planted: tuple[tuple[str, str], ...]
    innocent: tuple[tuple[str, str], ...]

    def covers(self, path: str) -> bool:
        """Whether a file belongs to the rooms of this law."""
        return path.split("/")[0] in self.rooms

    def violations(self, module: Module) -> list[str]:
        """One line per violation: path, line, what it is."""
        return [f"{module.path}:{line} {what}" for line, what in self.find(module)]


def modules(rooms: tuple[str, ...]) -> list[Module]:
    """Every Python file of the rooms, in the order of their paths."""
    paths = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    return [Module.parse(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def imported(module: Module) -> Iterator[tuple[int, str]]:
    """Every imported module, lazy and type-checking imports included, with its line."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"} and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


def called(node: ast.Call) -> str:
    """The last word of what is called: `b` of `a.b()`."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def words(module: Module) -> Iterator[tuple[int, str]]:
    """Every identifier that is read, written, imported or defined."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names)


def calls(*names: str) -> Callable[[Module], Finding]:
    """A law against calling anything of these names."""

    def find(module: Module) -> Finding:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and called(node) in names:
                yield node.lineno, f"calls {called(node)}"

    return find


def mentions(*names: str) -> Callable[[Module], Finding]:
    """A law against the very words."""
    return lambda module: ((line, f"uses {word}") for line, word in words(module) if word in names)


def imports(*packages: str, but_in: tuple[str, ...] = ()) -> Callable[[Module], Finding]:
    """A law against importing these packages, or what is in them, anywhere but in the named files."""

    def find(module: Module) -> Finding:
        if module.path not in but_in:
            for line, name in imported(module):
                if any(name == package or name.startswith(f"{package}.") for package in packages):
                    yield line, f"imports {name}"

    return find


def outside_tasks(module: Module) -> Finding:
    if module.path != "app/tasks.py":
        # A loop is run with one task, which the loop's own module has to make.
        allowed = 1 if module.path == "ui/loop.py" else 0
        yield from list(calls("create_task", "ensure_future")(module))[allowed:]


def static_dialogs(module: Module) -> Finding:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and STATIC_DIALOGS.match(node.func.attr):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if name in DIALOG_CLASSES:
                yield node.lineno, f"calls {name}.{node.func.attr}"


def nested_loops(module: Module) -> Finding:
    for line, word in words(module):
        if word == "processEvents" or (word == "QEventLoop" and module.path != "ui/loop.py"):
            yield line, f"uses {word}"


def labels_of_rich_text(module: Module) -> Finding:
    if "TextFormat.PlainText" not in module.text:
        yield from calls("QLabel")(module)


def too_long(module: Module) -> Finding:
    lines = module.text.count("\n")
    if lines > LINES_AT_MOST:
        yield lines, f"has {lines} lines, {LINES_AT_MOST} is the end"


def without_docstring(module: Module) -> Finding:
    folder_of_tests = module.path.startswith("tests/") and not module.text.strip()
    if not folder_of_tests and not ast.get_docstring(module.tree):
        yield 1, "has no docstring"


def nameless(module: Module) -> Finding:
    for part in Path(module.path).with_suffix("").parts:
        if part in BANNED_MODULE_NAMES:
            yield 1, f"is called {part}, which says nothing"


LAWS = (
    Law(
        "asyncio tasks are created in app/tasks.py only, but for the one that a loop runs",
        ROOMS,
        outside_tasks,
        (
            ("app/x.py", "import asyncio\nasyncio.create_task(f())"),
            ("ui/x.py", "loop.create_task(f())"),
            ("ui/loop.py", "loop.create_task(f())\nloop.create_task(g())"),
        ),
        (
            ("app/tasks.py", "loop.create_task(f())\nloop.create_task(g())"),
            ("ui/loop.py", "loop.create_task(f())"),
            ("app/x.py", "tasks.start(f(), 'name')"),
        ),
    ),
    Law(
        "no nested Qt loop by exec",
        ("ui",),
        calls("exec", "exec_"),
        (("ui/x.py", "dialog.exec()"), ("ui/x.py", "menu.exec_(point)")),
        (("ui/x.py", "dialog.open()\nexecute()"),),
    ),
    Law(
        "no static dialog call, which hides a nested loop",
        ("ui",),
        static_dialogs,
        (
            ("ui/x.py", "QMessageBox.question(self, 'a', 'b')"),
            ("ui/x.py", "QtWidgets.QFileDialog.getOpenFileName()"),
            ("ui/x.py", "QInputDialog.getText(self, 'a', 'b')"),
        ),
        (("ui/x.py", "box = QMessageBox(self)\nbox.setIcon(QMessageBox.Icon.Warning)"),),
    ),
    Law(
        "no nested Qt loop by hand",
        ("ui",),
        nested_loops,
        (("ui/x.py", "QApplication.processEvents()"), ("ui/x.py", "from PySide6.QtCore import QEventLoop")),
        (("ui/loop.py", "loop = qasync.QEventLoop(app)"),),
    ),
    Law(
        "no decorator that hides a task, no proxy over Python data, no list of selected rows, no Python object in an index",
        ("ui",),
        mentions("asyncSlot", "asyncClose", "QSortFilterProxyModel", "selectedRows", "internalPointer"),
        (
            ("ui/x.py", "from qasync import asyncSlot"),
            ("ui/x.py", "class Proxy(QSortFilterProxyModel): pass"),
            ("ui/x.py", "self.selectionModel().selectedRows()"),
            ("ui/x.py", "node = index.internalPointer()"),
        ),
        (("ui/x.py", "row = index.internalId()"),),
    ),
    Law(
        "PySide6 lives in ui only",
        ("app",),
        imports("PySide6", "shiboken6", "qasync", "ui", "tests"),
        (
            ("app/x.py", "from PySide6.QtCore import QObject"),
            ("app/x.py", "def f():\n    import qasync"),
            ("app/x.py", "importlib.import_module('ui.window')"),
        ),
        (("app/x.py", "import app.records"), ("app/x.py", "import uitools")),
    ),
    Law(
        "qasync lives in ui/loop.py and ui/main.py only",
        ("ui",),
        imports("qasync", but_in=("ui/loop.py", "ui/main.py")),
        (("ui/window.py", "import qasync"),),
        (("ui/loop.py", "import qasync"),),
    ),
    Law(
        "keyring is imported in app/credentials.py only",
        ROOMS,
        imports("keyring", "secretstorage", but_in=("app/credentials.py",)),
        (("app/session.py", "import keyring"), ("ui/x.py", "from keyring.errors import KeyringError")),
        (("app/credentials.py", "import keyring"),),
    ),
    Law(
        "the screen speaks no HTTP, opens no database and knows no sandbox",
        ("ui",),
        imports("httpx", "starlette", "uvicorn", "apsw", "sqlite3", "app.sandbox", "tests"),
        (("ui/x.py", "def f():\n    import httpx"), ("ui/x.py", "from app.sandbox import server")),
        (("ui/x.py", "from app.store.query import parse"),),
    ),
    Law(
        "every module that makes labels sets plain text, since Qt guesses markup in what a server sends",
        ("ui",),
        labels_of_rich_text,
        (("ui/x.py", "label = QLabel(device.name)"),),
        (("ui/x.py", "label = QLabel(name)\nlabel.setTextFormat(Qt.TextFormat.PlainText)"),),
    ),
    Law(
        "no file is longer than 400 lines",
        (*ROOMS, "packaging"),
        too_long,
        (("app/x.py", "x = 1\n" * 401),),
        (("app/x.py", "x = 1\n" * 400),),
    ),
    Law(
        "every module says what it is",
        (*ROOMS, "packaging", "tests"),
        without_docstring,
        (("app/x.py", "x = 1"), ("app/x.py", "")),
        (("app/x.py", '"""The wire."""'), ("tests/unit/__init__.py", "")),
    ),
    Law(
        "no module is named after nothing",
        (*ROOMS, "packaging", "tests"),
        nameless,
        (("app/utils.py", ""), ("ui/helpers/dates.py", "")),
        (("app/records.py", ""),),
    ),
)
