#!/usr/bin/python3
"""The page of `mlpsweep report` in a real browser: test_page.py MLPSWEEP [axe]

Debian's chromium, headless, through the DevTools protocol (python3-websocket). With `axe` only accessibility is checked, by
axe-core, which `scripts/deps test` gets with npm. Exit status 77 where there is no browser or no axe-core: then nothing was tested.
"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

try:
    import websocket
except ImportError:
    print("SKIPPED: python3-websocket is not installed")
    sys.exit(77)
if not shutil.which("chromium"):
    print("SKIPPED: chromium is not installed")
    sys.exit(77)

AXE_CORE = pathlib.Path(__file__).resolve().parents[2] / "build/npm/node_modules/axe-core/axe.min.js"
AXE_ONLY = sys.argv[2:] == ["axe"]
if AXE_ONLY and not AXE_CORE.exists():
    print(f"SKIPPED: {AXE_CORE} is not there; `scripts/deps test` gets it where npm is")
    sys.exit(77)
MLPSWEEP = pathlib.Path(sys.argv[1]).resolve()
QUESTION = "</script><script>window.hit = 1</script> & <b onclick=x>\"quoted\" 'text' <!-- ]]>"
EXPERIMENT = f"""name: it
question: {json.dumps(QUESTION)}
datasets:
  points: {{format: libsvm, train: points, test: points, features: 2}}
base: {{dataset: points, epochs: 8}}
sweep: {{topology: [[3], [9], [30, 20]], optimizer: [adam, sgd]}}
repeats: 6
"""
failures = []


def check(what, condition, seen=""):
    if not condition:
        failures.append(what)
        print("FAILED:", what, seen)


def mlpsweep(folder, *arguments):
    done = subprocess.run([MLPSWEEP, *arguments], cwd=folder, env=dict(os.environ, MLPSWEEP_DB="it.db", NO_COLOR="1"),
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"mlpsweep {arguments}: {done.returncode}\n{done.stderr}")
    return done.stdout


class Browser:
    """One tab, and what it reported."""

    def __init__(self, folder):
        profile = folder / "profile"
        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
             "--remote-allow-origins=*", f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port_file = profile / "DevToolsActivePort"
        for _ in range(300):
            if port_file.exists() and port_file.read_text().strip():
                break
            time.sleep(0.1)
        port = port_file.read_text().split()[0]
        for _ in range(100):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
                pages = [one for one in json.load(answer) if one["type"] == "page"]
            if pages:
                break
            time.sleep(0.1)
        self.socket = websocket.create_connection(pages[0]["webSocketDebuggerUrl"], timeout=60)
        self.number = 0
        self.events = []
        for domain in ("Page", "Runtime", "Network", "Log", "Performance"):
            self.call(domain + ".enable")

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                return message.get("result", message)
            self.events.append(message)

    def open(self, path):
        """Seconds until the page has loaded and its script has run."""
        self.events.clear()
        start = time.monotonic()
        self.call("Page.navigate", url=path.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(json.loads(self.socket.recv()))
        self.value("1")
        return time.monotonic() - start

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            sys.exit(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def processor_seconds(self):
        """Of the process that draws the page: time on a busy machine says little."""
        metrics = self.call("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "ProcessTime")

    def complaints(self):
        """Console errors, exceptions, and requests for anything but the file itself and data in it."""
        bad = []
        for event in self.events:
            parameters = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                bad.append(parameters)
            if event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
                bad.append(parameters)
            if event.get("method") == "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                if not url.startswith(("data:", "file:///")) or url.endswith("favicon.ico"):
                    bad.append(url)
        return bad

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()


COLUMN = "Array.from(document.querySelectorAll('.board tbody tr')).filter(r => !r.hidden).map(r => r.cells[%d].textContent)"


def check_page(browser, folder):
    browser.open(folder / "plots/it/index.html")
    check("the question is text", browser.value("document.querySelector('.question').textContent") == QUESTION)
    check("no text runs as a script", browser.value("window.hit === undefined"))
    check("figures are there", browser.value("document.querySelectorAll('figure img').length") >= 5)
    browser.value("document.querySelectorAll('figure img').forEach(i => { i.loading = 'eager'; })")
    browser.value("Promise.all(Array.from(document.images, i => i.decode()))")
    check("figures load", browser.value("Array.from(document.images).every(i => i.complete && i.naturalWidth > 0)"))

    ranks = browser.value(COLUMN % 1)
    check("six variants, best first", ranks == ["1", "2", "3", "4", "5", "6"], ranks)
    browser.value("document.querySelectorAll('.board thead button')[0].click()")
    check("sorts by a number", browser.value(COLUMN % 1) == ["6", "5", "4", "3", "2", "1"])
    check("says how it is sorted",
          browser.value("document.querySelector('.board th button').parentNode.getAttribute('aria-sort')") == "descending")
    browser.value("document.querySelectorAll('.board thead button')[1].click()")
    labels = browser.value(COLUMN % 2)
    check("sorts by text", labels == sorted(labels, key=str.lower) or len(set(labels)) == 6, labels)

    browser.value("(() => { const i = document.querySelector('input[type=search]'); i.value = 'sgd'; "
                  "i.dispatchEvent(new Event('input')); })()")
    check("filters", all("sgd" in one for one in browser.value(COLUMN % 2)) and len(browser.value(COLUMN % 2)) == 3)
    check("says how many are left",
          browser.value("document.querySelector('[role=status]').textContent") == "3 of 6 variants")
    browser.value("(() => { const i = document.querySelector('input[type=search]'); i.value = ''; "
                  "i.dispatchEvent(new Event('input')); })()")

    lines = "document.querySelectorAll('.explore polyline').length"
    before = browser.value(lines)
    browser.value("window.row = Array.from(document.querySelectorAll('.board tbody tr')).find(r => "
                  "!r.querySelector('input').checked); row.dispatchEvent(new MouseEvent('mouseenter'))")
    hovered = browser.value(lines)
    browser.value("row.dispatchEvent(new MouseEvent('mouseleave'))")
    check("hovering shows a curve", hovered > before and browser.value(lines) == before, (before, hovered))
    browser.value("row.querySelector('input').click()")
    check("choosing keeps a curve", browser.value(lines) == hovered)
    browser.value("(() => { const s = document.querySelector('.tools select'); s.value = 'accuracy'; "
                  "s.dispatchEvent(new Event('change')); })()")
    check("draws accuracy too", browser.value("document.querySelector('.legend').textContent.includes('accuracy')"))


def check_keyboard(browser, folder):
    """Through the page with the Tab key: everything is reached in the order of reading, and seen where it is."""
    def press(key, code, text=""):
        for kind in ("keyDown", "keyUp"):
            browser.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                         **({"text": text} if text and kind == "keyDown" else {}))

    browser.open(folder / "plots/it/index.html")
    check("the order is told before anything is sorted",
          browser.value("document.querySelector('.board [aria-sort=ascending]').textContent") == "rank")
    seen = []
    for _ in range(40):
        press("Tab", 9)
        seen.append(browser.value("(() => { const e = document.activeElement, s = getComputedStyle(e); return [e.tagName + "
                                  "(e.type ? ' ' + e.type : ''), s.outlineStyle !== 'none' && s.outlineWidth !== '0px', "
                                  "(e.getAttribute('aria-label') || e.textContent).slice(0, 40)]; })()"))
        if seen[-1][0] == "PRE":
            break
    kinds = [one[0] for one in seen]
    check("Tab goes from the filter to the experiment's file", kinds[0] == "INPUT search" and kinds[-1] == "PRE", seen)
    order = [kinds.index(one) for one in ("INPUT search", "SELECT select-one", "BUTTON button", "INPUT checkbox")]
    check("in the order of reading", order == sorted(order), seen)
    check("focus is seen everywhere", all(one[1] for one in seen), [one for one in seen if not one[1]])
    browser.value("document.querySelectorAll('.board thead button')[1].focus()")
    press("Enter", 13, "\r")
    check("Enter sorts", browser.value("document.activeElement.parentNode.getAttribute('aria-sort')") == "ascending")
    words = "document.querySelector('.explore svg').getAttribute('aria-label')"
    before = browser.value(words)
    check("the plot is told in words", before.startswith("Validation loss by epoch. ") and "at epoch" in before, before)
    browser.value("Array.from(document.querySelectorAll('.board input')).find(i => !i.checked).focus()")
    press(" ", 32, " ")
    check("the space bar chooses a curve", browser.value("document.activeElement.checked") and
          browser.value(words).count(" at epoch ") == before.count(" at epoch ") + 1, browser.value(words))
    check("the plot's axis has a name", "loss (cross" in browser.value("document.querySelector('.explore svg').textContent"))


def check_comparison(browser, folder):
    """Any two variants, as `mlpsweep compare` has them."""
    names = browser.value("Array.from(document.querySelector('select.side').options).map(o => o.textContent)")
    for a, b in ((a, b) for a in range(6) for b in range(a)):
        browser.value("document.querySelectorAll('select.side').forEach((s, i) => { s.selectedIndex = [%d, %d][i]; "
                      "s.dispatchEvent(new Event('change')); })" % (a, b))
        rows = browser.value("Array.from(document.querySelectorAll('table.comparison tbody tr')).map(r => "
                             "Array.from(r.cells).map(c => c.textContent))")
        page = {row[0]: row[1:] for row in rows}
        ours = {row["number"]: row for row in json.loads(mlpsweep(folder, "compare", "--format=json", names[a], names[b]))}
        for name, number in (("validation accuracy", "val_accuracy"), ("validation loss", "val_loss"),
                             ("test accuracy", "test_accuracy"), ("best epoch", "best_epoch")):
            seen, true = page[name], ours[number]
            low, high = (float(x) for x in seen[3].split(" to "))
            pairs = [(float(seen[0]), true["a_mean"]), (float(seen[1]), true["b_mean"]), (float(seen[2]), true["difference"]),
                     (low, true["low"]), (high, true["high"]), (float(seen[4]), true["p"]), (int(seen[5]), true["pairs"])]
            check(f"{name} of {names[a]} and {names[b]}",
                  all(abs(x - y) <= 1e-3 * abs(y) + 1e-9 for x, y in pairs), pairs)


def check_equal_means(browser, folder):
    """Differences that cancel have a mean of 0, not one of rounding alone."""
    shutil.copy(folder / "it.db", folder / "equal.db")
    rights = {"3": (5736, 5741, 5722, 5730, 5755, 5719), "9": (5743, 5738, 5733, 5721, 5757, 5711)}
    database = sqlite3.connect(folder / "equal.db")
    with database:
        for topology, counts in rights.items():
            for seed, right in enumerate(counts, 1):
                database.execute("UPDATE trial_rows SET test_accuracy_at_best = ? / 6000.0 WHERE topology = ? AND seed = ? "
                                 "AND optimizer = 'adam'", (right, topology, seed))
    database.close()
    names = ["topology=3, adam", "topology=9, adam"]
    told = json.loads(mlpsweep(folder, "compare", "--db", "equal.db", "--format=json", *names))
    told = next(row for row in told if row["number"] == "test_accuracy")
    check("equal means differ by 0 as json", told["difference"] == 0 and told["p"] == 1, told)
    told = mlpsweep(folder, "compare", "--db", "equal.db", *names)
    told = next(line.split() for line in told.splitlines() if line.startswith("test_accuracy "))
    check("equal means differ by 0 as text", told[1] == told[2] and told[3] == "+0", told)
    mlpsweep(folder, "report", "--db", "equal.db", "it")
    browser.open(folder / "plots/it/index.html")
    browser.value("document.querySelectorAll('select.side').forEach((s, i) => { s.selectedIndex = Array.from(s.options)"
                  ".findIndex(o => o.textContent === %s[i]); s.dispatchEvent(new Event('change')); })" % json.dumps(names))
    seen = browser.value("Array.from(Array.from(document.querySelectorAll('table.comparison tbody tr')).find(r => "
                         "r.cells[0].textContent === 'test accuracy').cells).map(c => c.textContent)")
    check("equal means differ by 0 on the page", seen[1] == seen[2] and seen[3] == "0" and seen[5] == "1", seen)


def check_few_epochs(browser, folder):
    """Each epoch of a short training stands at the axis."""
    shutil.copy(folder / "it.db", folder / "few.db")
    database = sqlite3.connect(folder / "few.db")
    with database:
        database.execute("DELETE FROM epoch_rows WHERE epoch > 2")
    database.close()
    mlpsweep(folder, "report", "--db", "few.db", "it")
    browser.open(folder / "plots/it/index.html")
    seen = browser.value("Array.from(document.querySelectorAll('.wide svg text[y=\"356\"]')).map(t => t.textContent)")
    check("both epochs are at the axis", seen == ["1", "2"], seen)


def check_axe(browser, folder):
    browser.open(folder / "plots/it/index.html")
    browser.value(AXE_CORE.read_text() + "; 1")
    for scheme in ("light", "dark"):
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        found = browser.value("axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact))"
                              ".map(v => v.id + ': ' + v.nodes.map(n => n.html).slice(0, 3).join(' | ')))")
        check(f"axe-core finds no serious fault ({scheme})", not found, found)


def check_without_scripts(browser, folder):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.call("Page.navigate", url=(folder / "plots/it/index.html").as_uri())
    time.sleep(0.5)
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    check("the table stands there without scripts", browser.value("document.querySelectorAll('.board tbody tr').length") == 6)
    check("no dead controls without scripts", browser.value("document.querySelectorAll('button, select, input').length") == 0)


def check_print(browser):
    pdf = browser.call("Page.printToPDF", preferCSSPageSize=True)
    check("prints on A4", len(pdf.get("data", "")) > 10000)


def enlarge(path):
    """500 variants of 6 seeds and 40 epochs, from those that are there."""
    db = sqlite3.connect(path)
    columns = [row[1] for row in db.execute("PRAGMA table_info(trial_rows)") if row[1] not in ("id", "trial", "variant", "topology")]
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 499) "
    first = db.execute("SELECT variant FROM trial_rows LIMIT 1").fetchone()[0]
    db.execute(f"{numbers} INSERT INTO trial_rows(id, trial, variant, topology, {', '.join(columns)}) SELECT 1000 * i + id, "
               f"printf('%016x', 1000 * i + id), printf('%016x', i), (i + 5) || '-7', {', '.join(columns)} FROM n, trial_rows "
               f"WHERE variant = ?", (first,))
    db.execute("INSERT INTO member_rows(experiment, trial_id, label, position, in_plan) SELECT 'it', id, '', id, 1 FROM "
               "trial_rows WHERE id > 1000")
    rows = [row[1] for row in db.execute("PRAGMA table_info(epoch_rows)") if row[1] not in ("trial_id", "epoch")]
    db.execute(f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO epoch_rows(trial_id, "
               f"epoch, {', '.join(rows)}) SELECT t.id, i, {', '.join('e.' + row for row in rows)} FROM trial_rows t, n, epoch_rows e "
               f"WHERE t.id > 1000 AND e.trial_id = t.id % 1000 AND e.epoch = 1 + i % 8")
    db.commit()
    db.close()


def check_large(browser, folder):
    enlarge(folder / "it.db")
    mlpsweep(folder, "report", "it")
    page = folder / "plots/it/index.html"
    size = page.stat().st_size / 1e6
    times = []
    for _ in range(3):
        before = browser.processor_seconds()
        wall = browser.open(page)
        times.append((browser.processor_seconds() - before, wall))
    seconds, wall = min(times)
    count = browser.value("document.querySelectorAll('.board tbody tr').length")
    print(f"{count} variants: {size:.1f} MB, {seconds:.2f} s of a processor, {wall:.2f} s in all")
    check("500 variants in 10 MB", count >= 500 and size < 10, (count, size))
    open_ones = browser.value("Array.from(document.querySelectorAll('.words li')).filter(l => l.checkVisibility()).length")
    every = browser.value("document.querySelectorAll('.words li').length")
    check("words about the first twelve, the others at a click", (open_ones, every) == (24, 2 * count - 1), (open_ones, every))
    check("nothing complains about 500 variants", not browser.complaints(), browser.complaints())


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        lines = []
        for i in range(80):
            x, y = (i * 37 % 80) / 40 - 1, (i * 53 % 80) / 40 - 1
            lines.append(f"{1 if x + y > 0 else 2} 1:{x:g} 2:{y:g}\n")
        (folder / "points").write_text("".join(lines))
        (folder / "it.yaml").write_text(EXPERIMENT)
        mlpsweep(folder, "run", "--progress=none", "it.yaml")
        mlpsweep(folder, "report", "it.yaml")
        browser = Browser(folder)
        try:
            if AXE_ONLY:
                check_axe(browser, folder)
            else:
                check_page(browser, folder)
                check_keyboard(browser, folder)
                check_comparison(browser, folder)
                check("nothing complains", not browser.complaints(), browser.complaints())
                check_print(browser)
                check_without_scripts(browser, folder)
                check_equal_means(browser, folder)
                check_few_epochs(browser, folder)
                check_large(browser, folder)
        finally:
            browser.close()
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)


main()
