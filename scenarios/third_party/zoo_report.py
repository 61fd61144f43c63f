# SPDX-License-Identifier: Apache-2.0
"""docs/ZOO.md and docs/zoo.html, from what zoo.py keeps. Nothing in them is written by hand."""
import collections
import html

from questions import FOLDER, QUESTIONS

ROOT = FOLDER.parent.parent

SIGNS = {"holds": "✓", "violated": "✗", "not promised": "○", "inconclusive": "?", "skipped": "?", "defect": "!", "unasked": "·"}
WORDS = {"violated": "breaks", "inconclusive": "open", "skipped": "open", "unasked": "not asked"}

INTRO = """# The zoo: locks of other people, each asked the same questions

Written by `make zoo` (`scenarios/third_party/README.md`), from its results alone; `docs/zoo.html` is the same with the run of each cell.

{counts}

| sign | |
|---|---|
| ✓ | holds: every order and every kill within the bounds was seen (`sim`), or made by real processes (`live`) |
| ✓2 | the same of two at once: three are too many for the budget |
| ✗ | breaks, by the run that is named below; it was made again by real processes |
| ○ | breaks, and its documentation does not promise it, below |
| ? | open: why is said below |
| · | not asked: why is on the page |

`sim`: the program was learned, its runs searched in the simulated kernel and compared with Linux. `live`: real processes only, two of them.

| question | |
|---|---|
"""


def write(root, kept):
    (root / "docs" / "ZOO.md").write_text(markdown(kept))
    (root / "docs" / "zoo.html").write_text(page(kept))


def sign_of(answer):
    if answer is None:
        return ""
    return SIGNS[answer["status"]] + ("2" if answer["status"] == "holds" and "three" in answer else "")


def name_of(entry):
    return entry["file"]["subject"].get("name", entry["file"]["subject"]["kind"])


def version_of(entry):
    return next((answer["version"] for answer in entry["answers"].values()), "")


def worlds_of(entry):
    worlds = {answer.get("world") for answer in entry["answers"].values()} - {None}
    return " ".join(sorted(worlds, reverse=True))


def seconds_of(entry):
    return sum(answer["seconds"] for answer in entry["answers"].values())


def counts(kept):
    found = collections.Counter(answer["status"] for entry in kept.values() for answer in entry["answers"].values())
    judged = sum(any(answer["status"] in ("holds", "violated", "not promised") for answer in entry["answers"].values())
                 for entry in kept.values())
    seconds = sum(map(seconds_of, kept.values()))
    repeated = [answer["repeated"] for entry in kept.values() for answer in entry["answers"].values()
                if answer.get("repeated")]
    text = (f"{len(kept)} subjects, {judged} of them judged. Of {sum(found.values())} questions {found['holds']} hold, "
            f"{found['violated']} break, {found['not promised']} are not promised, "
            f"{found['inconclusive'] + found['skipped'] + found['defect']} are open, {found['unasked']} cannot be asked. "
            f"{seconds:.0f} seconds.")
    if repeated:
        text += f" {len(repeated)} that hold were asked {min(repeated)} times more, and held each time."
    return text


# Markdown

def markdown(kept):
    lines = [INTRO.format(counts=counts(kept)).rstrip()]
    lines += [f"| {question.replace('_', ' ')} | {meaning} |" for question, meaning in QUESTIONS.items()]
    lines += ["", "## Subjects", ""]
    lines.append("| subject | version | world | " + " | ".join(q.replace("_", " ") for q in QUESTIONS) + " | s |")
    lines.append("|---" * (len(QUESTIONS) + 4) + "|")
    for stem, entry in kept.items():
        signs = [sign_of(entry["answers"].get(question)) for question in QUESTIONS]
        lines.append(f"| [{cell(name_of(entry))}](../scenarios/third_party/{stem}.toml) | {cell(version_of(entry))} | "
                     f"{worlds_of(entry)} | " + " | ".join(signs) + f" | {seconds_of(entry):.0f} |")
    lines += ["", "## What breaks", "", "`lockproof replay --world live SCHEDULE` makes the run by real processes; "
              "in how many of so many times it was the same stands beside it.", "",
              "| subject | question | promise | steps | world | again | schedule |", "|---|---|---|---|---|---|---|"]
    for _, entry, question, answer in those(kept, "violated", "not promised"):
        lines.append(f"| {cell(name_of(entry))} | {question} | {answer['invariant']} | {answer['steps']} | "
                     f"{answer['world']} | {answer['replayed']} of 10 | `{answer['schedule']}` |")
    lines += ["", "## Why", "", "What breaks and is not excused by its documentation, in words, and how to see it without Lockproof.", ""]
    lines += [f"- **{name_of(entry)}** ({', '.join(asked)}): {' '.join(entry['file'].get('x-zoo', {}).get('why', '').split())}"
              for entry, asked in broken(kept)]
    lines += ["", "## Not promised", "", "| subject | question | source |", "|---|---|---|"]
    for _, entry, question, answer in those(kept, "not promised"):
        lines.append(f"| {cell(name_of(entry))} | {question} | {cell(answer['reason'])} |")
    lines += ["", "## Open", "", "| subject | questions | why |", "|---|---|---|"]
    lines += [f"| {cell(name)} | {', '.join(asked)} | {cell(why)} |" for (name, why), asked in open_reasons(kept).items()]
    return "\n".join(lines) + "\n"


def those(kept, *statuses):
    for stem, entry in kept.items():
        for question, answer in entry["answers"].items():
            if answer["status"] in statuses:
                yield stem, entry, question, answer


def broken(kept):
    """Subjects that break what they promise, each with the questions that show it."""
    for entry in kept.values():
        asked = [question for question, answer in entry["answers"].items() if answer["status"] == "violated"]
        if asked:
            yield entry, asked


def open_reasons(kept):
    """Questions of one subject that are open for the same reason, together."""
    reasons = collections.defaultdict(list)
    for _, entry, question, answer in those(kept, "inconclusive", "skipped", "defect"):
        reasons[name_of(entry), why_open(answer)].append(question)
    return reasons


def why_open(answer):
    why = answer["reason"]
    not_learned = [note for note in answer.get("notes", []) if note.startswith("not learned")]
    if "budget" in why:
        why = "the time budget was reached"
        why += ", by real processes, without a finding" if answer.get("world") == "live" else ""
    return "; ".join([why, *not_learned])


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


# The page

STYLE = """body{font:14px system-ui,sans-serif;margin:2em;max-width:110em}table{border-collapse:collapse}
th,td{border:1px solid #ccc;padding:.25em .5em;text-align:left}th{font-weight:600}.q{text-align:center}
.holds{background:#cfe8cf}.violated{background:#f3b8b0}.not_promised{background:#f7e3b0}.inconclusive,.skipped,.defect{background:#e4e4e4}
.unasked{color:#999}a{color:inherit}pre{overflow-x:auto;background:#f6f6f6;padding:1em}section{display:none}section:target{display:block}
@media(prefers-color-scheme:dark){body{background:#1c1c1c;color:#ddd}.holds{background:#24502a}.violated{background:#7a2c24}
.not_promised{background:#65501c}.inconclusive,.skipped,.defect{background:#444}pre{background:#262626}th,td{border-color:#555}}"""


def page(kept):
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Lockproof: the zoo</title>", f"<style>{STYLE}</style>",
             "<h1>Locks of other people, each asked the same questions</h1>", f"<p>{html.escape(counts(kept))}",
             "<p>A red or yellow cell opens its run; any other says by its title why.", "<table><tr><th>subject<th>version"]
    parts += [f"<th class=q title=\"{html.escape(meaning)}\">{q.replace('_', ' ')}" for q, meaning in QUESTIONS.items()]
    for stem, entry in kept.items():
        parts.append(f"<tr><th>{html.escape(name_of(entry))}<td>{html.escape(version_of(entry))}")
        for question in QUESTIONS:
            parts.append(page_cell(stem, question, entry["answers"].get(question)))
    parts.append("</table>")
    for stem, entry, question, answer in those(kept, "violated", "not promised"):
        text = f"{answer['reason']}\n\n" if answer["reason"] else ""
        text += f"{answer['screen'].replace(f'{ROOT}/', '')}\n made by real processes in the same way: {answer['replayed']} of 10 times\n"
        parts.append(f"<section id=\"{stem}-{question}\"><h2>{html.escape(name_of(entry))}: {html.escape(QUESTIONS[question])}"
                     f"</h2><pre>{html.escape(text)}</pre></section>")
    return "\n".join(parts) + "\n"


def page_cell(stem, question, answer):
    if answer is None:
        return "<td>"
    status = answer["status"]
    title = answer["reason"] or answer.get("exhausted", "")
    text = WORDS.get(status, status) + (" of two" if status == "holds" and "three" in answer else "")
    if status in ("violated", "not promised"):
        text = f"<a href=\"#{stem}-{question}\">{text}</a>"
        title = answer["why"]
    shown = html.escape(title, quote=True)
    return f"<td class=\"q {status.replace(' ', '_')}\" title=\"{shown}\">{text}"
