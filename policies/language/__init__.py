"""Policy files 政策文件: what a pooling area pays and how it lets people file, from dated YAML (pure, no Django).

- `text` reads YAML into nodes that know their line; `binding` turns nodes into the dataclasses of the schemas;
- `checks` holds the rules that look across keys; `loader` reads files and folders and lays an area's files along time;
- `filing_rules` answers "what must this person do to file for care there?"; `notice` says it in Chinese.
"""
