"""Someone at a task page: a real browser, real keys, a real clipboard and a real mouse, over the DevTools protocol."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.report.browser import Tab

CTRL = 2
SHIFT = 8
CODES = {"Backspace": 8, "Tab": 9, "Enter": 13, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39, "Delete": 46}
SHORTCUTS = {"a": "selectAll", "c": "copy", "x": "cut", "v": "paste", "z": "undo", "y": "redo"}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder, over http."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Worker:
    """What a person can do at the page, and what the page then says."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self._visits = tab, 0

    def open(self, url: str, width: int = 1280, scheme: str = "light") -> None:
        """Load a page for the first time: at an address of its own, for which the tab keeps nothing."""
        self._visits += 1
        self.tab.send("Page.navigate", url="about:blank")
        self.tab.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=1600, deviceScaleFactor=1, mobile=width < 600
        )
        self.tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._load("Page.navigate", url=f"{url}{'&' if '?' in url else '?'}visit={self._visits}")

    def reload(self) -> None:
        """Load the page again."""
        self._load("Page.reload")

    def _load(self, method: str, **params: Any) -> None:
        self.tab.send("Runtime.evaluate", expression="0")  # events of the page before are over
        self.tab.events.clear()
        self.tab.send(method, **params)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.tab.events):
            self.tab.events.append(self.tab._next())

    def box(self, selector: str) -> list[float]:
        """Left, top, width and height of an element on the screen."""
        found: list[float] = self.tab.ask(
            f"(({{x, y, width, height}}) => [x, y, width, height])({_element(selector)}.getBoundingClientRect())"
        )
        return found

    def middle(self, selector: str) -> tuple[float, float]:
        """The point in the middle of an element."""
        x, y, width, height = self.box(selector)
        return x + width / 2, y + height / 2

    def mouse(self, what: str, x: float, y: float, clicks: int = 1) -> None:
        """Move, press or release the mouse."""
        held = 0 if what == "mouseReleased" else 1
        self.tab.send("Input.dispatchMouseEvent", type=what, x=x, y=y, button="left", buttons=held, clickCount=clicks)

    def click(self, selector: str) -> None:
        """Click in the middle of an element."""
        x, y = self.middle(selector)
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def key(self, key: str, times: int = 1, held: int = 0) -> None:
        """Press a key and let it go."""
        pressed: dict[str, Any] = {"key": key, "modifiers": held}
        pressed["windowsVirtualKeyCode"] = CODES.get(key) or (ord(key.upper()) if key.isalnum() else 0)
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        if text and not held & CTRL:
            pressed["text"] = text
        commands = [SHORTCUTS[key]] if held & CTRL and key in SHORTCUTS else []
        for _ in range(times):
            down = "keyDown" if "text" in pressed else "rawKeyDown"
            self.tab.send("Input.dispatchKeyEvent", type=down, commands=commands, **pressed)
            self.tab.send("Input.dispatchKeyEvent", type="keyUp", key=key, modifiers=held)

    def ctrl(self, *keys: str) -> None:
        """Press keys while the control key is held."""
        for key in keys:
            self.key(key, held=CTRL)

    def type(self, text: str) -> None:
        """Type a text, key by key."""
        for one in text:
            self.key("Enter" if one == "\n" else one)

    def compose(self, *steps: str) -> None:
        """Compose with an input method: what is seen at each step; the last is what is chosen."""
        for step in steps[:-1]:
            self.tab.send("Input.imeSetComposition", text=step, selectionStart=len(step), selectionEnd=len(step))
        self.tab.send("Input.insertText", text=steps[-1])

    def say(self, text: str) -> None:
        """Put a text in with no key and no paste, as dictation and emoji pickers do."""
        self.tab.send("Input.insertText", text=text)

    def select(self, selector: str) -> None:
        """Select the text of an element that is no field."""
        self.tab.ask(f"getSelection().selectAllChildren({_element(selector)})")

    def copy(self, selector: str) -> str:
        """Copy the text of an element that is no field."""
        self.select(selector)
        self.ctrl("c")
        text: str = self.tab.ask("getSelection().toString()")
        return text

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag what is selected at a point to another point."""
        self.tab.send("Input.setInterceptDrags", enabled=True)
        self.mouse("mousePressed", *start)
        self.mouse("mouseMoved", start[0] + 5, start[1] + 5)
        self.mouse("mouseMoved", *end)
        while not (dragged := [e for e in self.tab.events if e.get("method") == "Input.dragIntercepted"]):
            self.tab.events.append(self.tab._next())
        self.tab.events.remove(dragged[0])
        self.drop(dragged[0]["params"]["data"], end)
        self.mouse("mouseReleased", *end)
        self.tab.send("Input.setInterceptDrags", enabled=False)

    def drop(self, data: dict[str, Any], end: tuple[float, float]) -> None:
        """Drop something that is being dragged."""
        for what in ("dragEnter", "dragOver", "drop"):
            self.tab.send("Input.dispatchDragEvent", type=what, x=end[0], y=end[1], data=data)

    def value(self, selector: str) -> str:
        """What a field holds."""
        found: str = self.tab.ask(f"{_element(selector)}.value")
        return found

    def agree(self) -> None:
        """Tick the box of consent."""
        self.click("[data-outcross-consent] input")

    def log(self) -> dict[str, Any]:
        """The log as it is now, hashes included."""
        self.tab.ask("new Promise((go) => setTimeout(go, 20))")
        found: dict[str, Any] = self.tab.ask("outcross.log()")
        return found

    def sent(self) -> dict[str, Any]:
        """The log that went with the form."""
        found: dict[str, Any] = json.loads(self.tab.ask("document.querySelector('[name=outcross_log]').value"))
        return found


def _element(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)})"
