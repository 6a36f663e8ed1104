#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write followthemoney.json from the schemata of the followthemoney package.

usage: build.py FOLDER-OF-YAML-FILES   (needs PyYAML)
"""
import glob, json, sys
import yaml

out = {}
for path in sorted(glob.glob(sys.argv[1] + "/*.y*ml")):
    for name, spec in yaml.safe_load(open(path)).items():
        entry = {"extends": spec.get("extends", []), "label": spec.get("label", name)}
        for key in ("abstract", "matchable"):
            if key in spec:
                entry[key] = spec[key]
        if "edge" in spec:
            entry["edge"] = {"source": spec["edge"]["source"], "target": spec["edge"]["target"]}
        if "caption" in spec:
            entry["caption"] = spec["caption"]
        props = {}
        for prop, p in (spec.get("properties") or {}).items():
            props[prop] = {"type": p.get("type", "string"), "label": p.get("label", prop)}
            if "range" in p:
                props[prop]["range"] = p["range"]
        entry["properties"] = props
        out[name] = entry
with open("followthemoney.json", "w") as f:
    json.dump(out, f, indent=1, ensure_ascii=False, sort_keys=True)
    f.write("\n")
