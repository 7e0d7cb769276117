"""Policy files 政策文件: what a pooling area pays and how it lets people file, from dated YAML (pure, no Django).

From the text to a checked file:
- `text` reads YAML into nodes that know their line; `binding` turns nodes into the dataclasses of the schemas, `values` reads
  the small types in them, `facts` the conditions (`when`);
- `schema` is a file as it is written; `filing_types` and `filing_schema` are its filing rules; `examples` are cases and what
  must come out;
- `checks` holds the rules that look across keys, `reach` finds those that can never apply; `loader` reads files and folders and
  lays the files of an area along time; `merging` lays an area's filing rules over those above it.

What a file knows: `questions` are the same for all, `completeness` says what one leaves unsaid, `figures` are its figures with
their sources, `counting` adds them up for README.

For everybody else: `filing_rules` answers "what must this person do to file for care there?"; `terms` are the closed words of
the language, `wording` says them in Chinese.
"""
