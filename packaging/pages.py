#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages and completions: `pages OUT LOCKPROOF SOLO DOCS`, made at each build.

Options, commands and their texts are read from what the programs say at --help, which the parser makes from the
definitions of the options (that of solo is written by hand). The format of scenario files is docs/SCENARIO.md, the exit
codes are a table of docs/REPORTS.md.
"""
import gzip
import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass, field

# Of options that take one of a few words: these, or the command that lists them.
WORDS = {"--time": "any ordered", "--world": "auto sim live", "--strategy": "@strategies", "--mutant": "@mutants",
         "--invariants": "@invariants", "--faults": "@faults"}
LISTED = "lockproof list {} 2>/dev/null | sed 's/ .*//'"


@dataclass
class Item:
    """An option, a positional or a command: `--world`, its value `WORLD`, what it is."""
    name: str
    value: str
    text: str


@dataclass
class Help:
    about: str = ""
    usage: str = ""
    lists: dict = field(default_factory=dict)  # "Options": [Item]


def said_by(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def parse_help(text):
    """What CLI11 prints: headings, and below them lines of two columns."""
    found = Help()
    heading = None
    for line in text.splitlines():
        if line.startswith("Usage: "):
            found.usage = line[len("Usage: "):]
        elif re.fullmatch(r"[A-Z]\w+:", line):
            heading = found.lists.setdefault(line[:-1], [])
        elif line.startswith("  ") and heading is not None:
            left, _, right = line.strip().partition("  ")
            name, _, value = left.partition(" ")
            if line.startswith("   "):  # goes on
                heading[-1].text += " " + line.strip()
            else:
                heading.append(Item(name.split(",")[-1], value, right.strip()))
        elif line and not found.usage:
            found.about = line
        elif not line:
            heading = None
    return found


def commands_of(program):
    """The program's own help, and that of each of its commands."""
    top = parse_help(said_by(program, "--help"))
    return top, {item.name: parse_help(said_by(program, item.name, "--help")) for item in top.lists["Subcommands"]}


# --- roff ------------------------------------------------------------------------------------------------------------

def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def inline(text):
    """Markdown within a line: code, bold and links."""
    parts = []
    for part in re.split(r"(`[^`]*`|\*\*[^*]*\*\*)", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)):
        mark = 2 if part.startswith("**") else 1
        parts.append(roff(part) if part[:1] not in "`*" or len(part) < 2 else f"\\fB{roff(part[mark:-mark])}\\fP")
    return re.sub(r"^([.'])", r"\\&\1", "".join(parts))


def cells(line):
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]


def table(rows):
    """The first cell is what is told of; the third column is called by its heading."""
    heading, lines = rows[0], []
    for row in rows[2:]:
        lines += [".TP", inline(row[0]), inline(row[1]) or "\\&"]
        lines += [".br\n" + inline(f"{name}: {cell}") for name, cell in zip(heading[2:], row[2:]) if cell]
    return lines


def from_markdown(text):
    lines, rows, code = [], [], False
    for line in text.splitlines() + [""]:
        if rows and not line.startswith("|"):
            lines += table(rows) + [".PP"]
            rows = []
        if line.startswith("```"):
            code = not code
            lines += [".PP\n.RS 4\n.nf"] if code else [".fi\n.RE\n.PP"]
        elif code:
            lines.append(roff(line) or ".sp")
        elif line.startswith("|"):
            rows.append(cells(line))
        elif line.startswith("#"):
            level, _, title = line.partition(" ")
            if len(level) > 1:
                lines.append(f'.{"SH" if len(level) == 2 else "SS"} "{inline(title)}"')
        elif line.startswith("- "):
            lines += [".IP \\(bu 2", inline(line[2:])]
        else:
            lines.append(inline(line.strip()) or ".PP")
    return re.sub(r"(\.PP\n)+(?=\.PP|\.SH|\.SS|\.TP)", "", "\n".join(lines)) + "\n"


def head(title, section, version, about):
    return f'.TH {title} {section} "" "{roff(version)}"\n.SH NAME\n{roff(title)} \\- {roff(about)}\n'


def exit_codes(docs):
    text = (docs / "REPORTS.md").read_text()
    return from_markdown(text[text.index("## Exit codes"):text.index("## Report files")])


def man_of_lockproof(top, commands, version, docs):
    def items(found):
        lines = []
        for name in ("Positionals", "Options"):
            for item in found.lists.get(name, []):
                value = re.sub(r"^(TEXT|INT|UINT|FLOAT)\b ?", "", item.value)
                lines.append(f".TP\n\\fB{roff(item.name)}\\fP {roff(value)}\n{roff(item.text)}\n")
        return "".join(lines)

    page = head("lockproof", 1, version, "model\\-checks the locks that programs put between processes".replace("\\-", "-"))
    page += ".SH SYNOPSIS\n" + "".join(f".B lockproof\n{roff(c.usage.partition(' ')[2])}\n.br\n" for c in commands.values())
    page += ".SH OPTIONS\n" + items(top) + ".SH COMMANDS\n"
    for name, found in commands.items():
        page += f'.SS "{roff(name)}"\n{roff(found.about)}\n' + items(found)
    page += exit_codes(docs).replace("Exit codes", "EXIT STATUS", 1)
    return page + ".SH SEE ALSO\n.BR lockproof\\-scenario (5),\n.BR solo (1)\n"


def man_of_solo(text, version):
    """A first line, the synopsis, then terms with what is told of them further in."""
    lines = text.splitlines()
    about = lines[0].partition(": ")[2]
    page = head("solo", 1, version, about) + ".SH SYNOPSIS\n.nf\n"
    page += "".join(roff(line.strip()) + "\n" for line in lines[1:] if line.startswith("  solo")) + ".fi\n.SH DESCRIPTION\n"
    rest = lines[max(i for i, line in enumerate(lines) if line.startswith("  solo")) + 1:]
    for i, line in enumerate(rest):
        following = rest[i + 1] if i + 1 < len(rest) else ""
        term, _, told = line.partition("  ")
        if line.startswith(" "):
            page += roff(line.strip()) + "\n"
        elif told or following.startswith("  "):
            page += f".TP\n\\fB{roff(term)}\\fP\n" + (roff(told.strip()) + "\n" if told else "")
        else:
            page += (roff(line) or ".PP") + "\n"
    return page + ".SH SEE ALSO\n.BR lockproof (1)\n"


# --- completions -----------------------------------------------------------------------------------------------------

def values(item):
    """What can stand for the value: ("words", "a b"), ("list", "strategies"), ("files", ""), ("any", ""); None: none is taken."""
    if not item.value:
        return None
    words = WORDS.get(item.name, "")
    if item.value.startswith("KIND=FILE"):
        kinds = re.match(r"KIND: ([^;]*);", item.text).group(1)
        return "words", " ".join(f"{kind}=" for kind in re.split(", | or ", kinds))
    if words.startswith("@"):
        return "list", words[1:]
    if words:
        return "words", words
    return ("files", "") if re.match("FILE|DIR", item.value) else ("any", "")


def positional(found):
    """The same of what is no option."""
    for item in found.lists.get("Positionals", []):
        if item.name == "SCENARIO":
            return "list", "scenarios"
        if item.name == "WHAT":
            return "words", " ".join(part.split()[0] for part in item.text.replace(" or ", ", ").split(", "))
        return "files", ""
    return "any", ""


def bash_lockproof(top, commands):
    def options(found):
        return " ".join(item.name for item in found.lists["Options"])

    def reply(what):
        kind, words = what
        if kind == "words":
            return f'words="{words}"'
        return f'words=$({LISTED.format(words)})' if kind == "list" else "words="

    text = f"""# bash completion of lockproof(1)
_lockproof() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} words options
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "{' '.join(commands)} {options(top)}" -- "$cur"))
    return
  fi
  case "${{COMP_WORDS[1]}} $prev" in
"""
    for name, found in commands.items():
        for item in found.lists["Options"]:
            what = values(item)
            if what:
                space = "; compopt -o nospace" if what[1].endswith("=") else ""
                text += f'  "{name} {item.name}") {reply(what)}; options={space} ;;\n'
    text += '  *)\n    case "${COMP_WORDS[1]}" in\n'
    for name, found in commands.items():
        text += f'    {name}) {reply(positional(found))}; options="{options(found)}" ;;\n'
    return text + """    esac ;;
  esac
  case "$cur" in -*) words=$options ;; esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [ "${#COMPREPLY[@]}" != 0 ] || compopt -o default
}
complete -F _lockproof lockproof
"""


def zsh_quoted(text):
    return text.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:").replace("`", "\\`")


def zsh_action(what):
    kind, words = what
    if kind == "words":
        return f"({words})" if not words.endswith("=") else f"_values -S \"\" report {words}"
    if kind == "list":
        return f'_lockproof_list {words}'
    return "_files" if kind == "files" else " "


def zsh_lockproof(top, commands):
    text = """#compdef lockproof
_lockproof_list() {
  local -a names
  names=(${(f)"$(lockproof list ${@[-1]} 2>/dev/null | sed 's/ .*//')"})
  compadd "${@[1,-2]}" -a names  # _arguments gives options of its own before our word
  [[ ${@[-1]} != scenarios ]] || _files
}
_lockproof() {
  local -a commands
  commands=(
"""
    for item in top.lists["Subcommands"]:
        text += f"    '{item.name}:{zsh_quoted(item.text)}'\n"
    text += "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n"
    text += "    compadd -- " + " ".join(item.name for item in top.lists["Options"]) + "\n    return\n  fi\n"
    text += "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n"
    for name, found in commands.items():
        text += f"    {name}) _arguments \\\n"
        for item in found.lists["Options"]:
            what = values(item)
            many = "*" if item.value.endswith("...") else ""
            value = f":{item.value.split()[0]}:{zsh_action(what)}" if what else ""
            text += f"      '{many}{item.name}[{zsh_quoted(item.text)}]{value}' \\\n"
        text += f"      '*:{name}:{zsh_action(positional(found))}' ;;\n"
    return text + '  esac\n}\n_lockproof "$@"\n'


def fish_quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_lockproof(top, commands):
    def given(what):
        kind, words = what
        if kind == "words":
            return f" -x -a {fish_quoted(words)}"
        if kind == "list":
            return f" -x -a {fish_quoted('(' + LISTED.format(words) + ')')}"
        return " -r" if kind == "files" else " -x"

    text = "# fish completion of lockproof(1)\ncomplete -c lockproof -n __fish_use_subcommand -f\n"
    for item in top.lists["Options"]:
        text += f"complete -c lockproof -n __fish_use_subcommand -l {item.name[2:]} -d {fish_quoted(item.text)}\n"
    for item in top.lists["Subcommands"]:
        text += f"complete -c lockproof -n __fish_use_subcommand -a {item.name} -d {fish_quoted(item.text)}\n"
    for name, found in commands.items():
        seen = f"complete -c lockproof -n '__fish_seen_subcommand_from {name}'"
        kind, words = positional(found)
        if kind in ("words", "list"):
            text += seen + given((kind, words)).replace(" -x", "" if words == "scenarios" else " -f") + "\n"
        for item in found.lists["Options"]:
            text += f"{seen} -l {item.name[2:]}{given(values(item)) if item.value else ''} -d {fish_quoted(item.text)}\n"
    return text


def options_of_solo(solo, verb, options):
    """Those that it does not refuse of this verb. Nothing is done: there is no such NAME."""
    def refused(option):
        asked = subprocess.run([solo, verb, "../none", option], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if asked.returncode != 2:
            sys.exit(f"solo {verb} ../none {option}: expected exit status 2, found {asked.returncode}")
        return f" has no {option} " in asked.stderr
    return [option for option in options if option not in ("--help", "--version") and not refused(option)]


def completions_of_solo(solo, text):
    """(bash, zsh, fish): its verbs, and the options of each, by solo's own word."""
    verbs = list(dict.fromkeys(re.findall(r"^  solo (\w+)", text, flags=re.M)))
    options = list(dict.fromkeys(re.findall(r"--[a-z]+(?:-[a-z]+)*", text)))
    of_verb = {verb: options_of_solo(solo, verb, options) for verb in verbs}
    cases = "".join(f"      {verb}) words='{' '.join(of_verb[verb])}' ;;\n" for verb in verbs)
    zsh_cases = "".join(f"    {verb}) compadd -- {' '.join(of_verb[verb])} ;;\n" for verb in verbs)
    bash = f"""# bash completion of solo(1)
_solo() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} words="{' '.join(verbs)} --help --version"
  if [ "$COMP_CWORD" != 1 ]; then
    words=
    case "$cur" in -*)
      case "${{COMP_WORDS[1]}}" in
{cases}      esac ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
complete -o default -F _solo solo
"""
    zsh = f"""#compdef solo
if (( CURRENT == 2 )); then
  compadd -- {' '.join(verbs)} --help --version
fi
if [[ $PREFIX == -* ]]; then
  case $words[2] in
{zsh_cases}  esac
fi
(( CURRENT > 2 )) && _files
"""
    fish = f"complete -c solo -n __fish_use_subcommand -f -a '{' '.join(verbs)}'\n"
    fish += "".join(f"complete -c solo -n __fish_use_subcommand -l {option}\n" for option in ("help", "version"))
    for verb in verbs:
        fish += "".join(f"complete -c solo -n '__fish_seen_subcommand_from {verb}' -l {option[2:]}\n" for option in of_verb[verb])
    return bash, zsh, fish


def main(out, lockproof, solo, docs):
    out, docs = pathlib.Path(out), pathlib.Path(docs)
    out.mkdir(parents=True, exist_ok=True)
    top, commands = commands_of(lockproof)
    version = said_by(lockproof, "--version").strip()
    help_of_solo = said_by(solo, "--help")
    bash, zsh, fish = completions_of_solo(solo, help_of_solo)
    files = {
        "lockproof.1": man_of_lockproof(top, commands, version, docs),
        "solo.1": man_of_solo(help_of_solo, version),
        "lockproof-scenario.5": head("lockproof-scenario", 5, version, "scenario files of lockproof")
        + ".SH DESCRIPTION\n" + from_markdown((docs / "SCENARIO.md").read_text())
        + ".SH SEE ALSO\n.BR lockproof (1)\n",
        "lockproof.bash": bash_lockproof(top, commands), "solo.bash": bash,
        "_lockproof": zsh_lockproof(top, commands), "_solo": zsh,
        "lockproof.fish": fish_lockproof(top, commands), "solo.fish": fish,
    }
    for name, text in files.items():
        (out / name).write_text(text)
        if name[-1].isdigit():  # as Debian has it, and the same bytes each time
            (out / (name + ".gz")).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
