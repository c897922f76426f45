"""Opens reports in a headless Chromium and tries what a reader would: look_at_report.py ONE.html SEVERAL.html

Ends with 0 when all is well, with 1 after saying what is not, and with 77 where there is no browser to drive.
"""
import json
import re
import sys
from pathlib import Path

try:
    from selenium import webdriver
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select
except ImportError:
    print("no selenium (Debian: python3-selenium)")
    sys.exit(77)

SECTIONS = ("verdict", "curves", "confusion", "classes", "calibration", "mistakes", "suspicious", "duplicates",
            "filters", "dataset", "settings", "repeat")
PHONE, DESK, WALL = (360, 740), (1280, 900), (2200, 1200)
MIN_CONTRAST = 4.5  # WCAG 2.2, 1.4.3

# What of the page sticks out of the window, unless it lies in something that scrolls or is cut off.
STICKING_OUT = """
const wide = document.documentElement.clientWidth + 1;
const inside = (node) => { for (; node; node = node.parentElement)
  if (getComputedStyle(node).overflowX !== 'visible' && node !== document.body && node !== document.documentElement)
    return true; return false; };
return [...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > wide && !inside(node))
    .map((node) => node.tagName + '.' + node.className);
"""

# Texts that are drawn, with their colours and those behind them.
TEXTS = """
const behind = (node) => { for (; node; node = node.parentElement) {
  const colour = getComputedStyle(node).backgroundColor;
  if (colour !== 'rgba(0, 0, 0, 0)') return colour; } return 'rgb(255, 255, 255)'; };
return [...document.querySelectorAll('main *, header *, footer')].filter((node) => node.checkVisibility() &&
      [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim() !== ''))
    .map((node) => ({text: node.textContent.slice(0, 40), behind: behind(node),
                     ink: node instanceof SVGElement ? getComputedStyle(node).fill : getComputedStyle(node).color}));
"""

problems = []


def expect(holds, what):
    if not holds:
        problems.append(what)
        print("NOT SO:", what)


def luminance(colour):
    """Of what Chromium calls a colour: rgb(r, g, b), or color(srgb r g b)."""
    numbers = [float(n) for n in re.findall(r"[\d.]+(?:e-\d+)?", colour)][:3]
    fractions = numbers if "srgb" in colour else [n / 255 for n in numbers]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in fractions]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Reader:
    def __init__(self):
        options = Options()
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.said = []

    def open(self, file):
        self.driver.get(Path(file).resolve().as_uri())
        self.run = self.js("return JSON.parse(document.getElementById('document').textContent).runs[0]")
        # Names stand between marks that keep their direction of writing apart from that of the text around them.
        self.run["classes"] = [f"\u2068{name}\u2069" for name in self.run["classes"]]

    def js(self, code, *arguments):
        return self.driver.execute_script(code, *arguments)

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})

    def media(self, scheme="", media=""):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return [e.text for e in self.all(selector)]

    def click(self, element):
        self.js("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def page_colour(self):
        return self.js("return getComputedStyle(document.body).backgroundColor")

    def expect_quiet(self, file):
        log = self.driver.get_log("browser")
        expect(not log, f"{file}: the console stays empty, and not {log}")
        loaded = self.js("return performance.getEntriesByType('resource').map((e) => e.name)")
        expect(all(name.startswith("data:") for name in loaded), f"{file}: nothing is loaded, and not {loaded}")


def whole(reader):
    for section in SECTIONS:
        expect(reader.js("return document.getElementById(arguments[0])?.innerText.length ?? 0", section + "-0") > 20,
               f"there is a section {section}")
    names = reader.run["classes"]
    expect(reader.texts("#confusion-0 tbody th") == names, "class names are text, whatever is in them")
    images = reader.js("return [...document.images].map((i) => i.complete && i.naturalWidth > 0)")
    expect(len(images) > 10 and all(images), "all images are drawn")


def matrix_is_sorted(reader):
    def rows():
        return [(h.text, [int(b.text) for b in r.find_elements(By.CSS_SELECTOR, "button")])
                for r in reader.all("#confusion-0 tbody tr") for h in r.find_elements(By.CSS_SELECTOR, "th")]

    by_name = rows()
    expect(sum(n for _, counts in by_name for n in counts) == reader.run["test"]["images"], "each image is in a cell")
    choice = Select(reader.one("#confusion-0 select"))
    choice.select_by_visible_text("least found first")
    scores = dict(zip(reader.run["classes"], reader.run["test"]["scores"]))
    found = [scores[name]["recall"] for name, _ in rows()]
    expect(found == sorted(found), f"least found first sorts, and not {found}")
    expect(rows() != by_name, "the order was another before")
    columns = reader.js("return [...document.querySelectorAll('#confusion-0 thead span')].map((s) => s.textContent)")
    expect(columns == [name for name, _ in rows()], "columns in the order of rows")
    choice.select_by_visible_text("by name")
    expect(rows() == by_name, "and back")


def cells_show_images(reader):
    names, run = reader.run["classes"], reader.run
    wrong = 0
    for truth, predicted, count in run["test"]["confusion"]:
        row = reader.all("#confusion-0 tbody tr")[truth]
        cell = row.find_elements(By.CSS_SELECTOR, "td")[predicted].find_element(By.CSS_SELECTOR, "button")
        reader.click(cell)
        expect(cell.get_attribute("aria-pressed") == "true", "the cell is marked")
        expect(len(reader.all("#confusion-0 [aria-pressed=true]")) == 1, "and no other")
        title = reader.one("#confusion-0 [aria-live] h3").text
        expect(names[truth] in title and str(count) in title, f"'{title}' names {names[truth]} and {count}")
        shown = reader.all("#confusion-0 [aria-live] figure")
        held = [p["file"] for p in run["images"]
                if p["set"] == "validation" and p["truth"] == truth and p["predicted"] == predicted]
        expect([s.get_attribute("title") for s in shown] == held[:24], f"{title}: its own images")
        expect(truth == predicted or len(held) == min(count, 24), f"{title}: all of them")
        wrong += truth != predicted
    expect(wrong > 0, "the model of this test makes mistakes")


def tables_are_sorted(reader):
    def column(number):
        return [r.find_elements(By.CSS_SELECTOR, "td")[number].text for r in reader.all("#classes-0 tbody tr")]

    head = reader.all("#classes-0 thead th")[2]
    for direction, reverse in (("descending", True), ("ascending", False)):
        reader.click(head.find_element(By.CSS_SELECTOR, "button"))
        expect(head.get_attribute("aria-sort") == direction, f"the recalls are marked {direction}")
        recalls = [float(text.rstrip(" %")) for text in column(2)]
        expect(recalls == sorted(recalls, reverse=reverse), f"recalls {direction}, and not {recalls}")


def curves_answer_the_pointer(reader):
    chart = reader.one("#curves-0 svg.chart")
    reader.js("arguments[0].scrollIntoView({block: 'center'})", chart)
    webdriver.ActionChains(reader.driver).move_to_element_with_offset(chart, 200, 0).perform()
    last = reader.run["epochs"][-1]
    said = reader.one("#curves-0 .legend").text
    expect(f"epoch {last['epoch']}" in said and f"{100 * last['val_top1']:.1f} %" in said,
           f"the last epoch's metrics are reported, and not '{said}'")


def both_themes_can_be_read(reader):
    colours = {}
    for scheme in ("light", "dark"):
        reader.media(scheme)
        colours[scheme] = reader.page_colour()
        for text in reader.js(TEXTS):
            ratio = contrast(text["ink"], text["behind"])
            expect(ratio >= MIN_CONTRAST, f"{scheme}: '{text['text']}' has contrast {ratio:.1f} ({text})")
    expect(luminance(colours["dark"]) < 0.1 < 0.8 < luminance(colours["light"]), f"a light and a dark page: {colours}")
    reader.click(reader.one("#theme"))  # from the system's dark
    expect(reader.page_colour() == colours["light"], "the button makes a dark page light")
    reader.click(reader.one("#theme"))
    expect(reader.page_colour() == colours["dark"], "and dark again")
    reader.media("light")
    reader.click(reader.one("#theme"))


def fits(reader, what):
    for width, height in (PHONE, DESK, WALL):
        reader.size(width, height)
        page = reader.js("return document.documentElement.scrollWidth")
        expect(page <= width, f"{what}: {page} pixels wide in a window of {width}")
        expect(not reader.js(STICKING_OUT), f"{what}: sticks out of {width}: {reader.js(STICKING_OUT)}")
    reader.size(*DESK)


def prints(reader, runs):
    reader.js("document.documentElement.dataset.theme = 'dark'")  # as a reader may have left it
    reader.media("dark", "print")
    reader.size(700, 1000)  # A4 between its margins
    expect(reader.js("return getComputedStyle(document.body).color") == "rgb(28, 32, 37)", "paper is light")
    expect(all(page.is_displayed() for page in reader.all(".run")), "all runs are printed")
    expect(len(reader.all(".run")) == runs, f"{runs} runs")
    expect(runs == 1 or [n.is_displayed() for n in reader.all(".run > .name")] == [True] * runs, "under their names")
    expect(not any(e.is_displayed() for e in reader.all("nav, .tabs, #theme")), "without what only a screen can do")
    wide = reader.js("return [...document.querySelectorAll('.scroll')].filter((s) => s.scrollWidth > s.clientWidth + 1)"
                     ".map((s) => s.closest('section').id)")
    expect(not wide, f"no table is cut off at the edge of the paper: {wide}")
    reader.media()
    reader.size(*DESK)


def runs_stand_side_by_side(reader):
    heads = reader.texts("#comparison thead th")
    expect(heads == ["", "\u2068long\u2069", "\u2068short\u2069"], f"a column for each run, and not {heads}")
    expect(len(reader.all("#comparison svg.chart")) == 2 and
           len(reader.all("#comparison svg.chart:first-of-type .series, #comparison svg.chart circle")) >= 2,
           "curves over one another")
    first, second = reader.all(".tabs button")
    for button, shown in ((second, [False, True]), (first, [True, False])):
        reader.click(button)
        expect([page.is_displayed() for page in reader.all(".run")] == shown, f"'{button.text}' shows its run alone")
        expect(button.get_attribute("aria-selected") == "true", "and is marked")


def main():
    alone, together = sys.argv[1:]
    try:
        reader = Reader()
    except WebDriverException as error:
        print("no browser (Debian: chromium, chromium-driver):", str(error).splitlines()[0])
        return 77
    try:
        reader.size(*DESK)
        reader.media("light")
        reader.open(alone)
        for check in (whole, matrix_is_sorted, cells_show_images, tables_are_sorted, curves_answer_the_pointer,
                      both_themes_can_be_read):
            check(reader)
        fits(reader, "one run")
        prints(reader, 1)
        reader.expect_quiet(alone)
        reader.media("light")
        reader.open(together)
        runs_stand_side_by_side(reader)
        fits(reader, "two runs")
        prints(reader, 2)
        reader.expect_quiet(together)
    finally:
        reader.driver.quit()
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
