import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CAUSE_MODES, EN_WORDS, ENTITY_TYPES, EVIDENCE_FAMILIES, METRIC, SITES, ZH_WORDS } from "@yunwei/schemas";
import { ROLES } from "@yunwei/service-kit";
import { describe, expect, it } from "vitest";
import { ACT_FORMS } from "../incident/act-forms.ts";
import { EN } from "./en.ts";
import { ZH } from "./zh.ts";

type Tree = { readonly [key: string]: string | Tree };
const WEB = join(import.meta.dirname, "..");

/** Every text by its key. */
function texts(tree: Tree, prefix = ""): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") out.set(prefix + key, value);
    else for (const [name, text] of texts(value, `${prefix}${key}/`)) out.set(name, text);
  }
  return out;
}

const zh = texts(ZH);
const en = texts(EN);
const places = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]!).sort();

describe("the catalogues", () => {
  it("have the same keys, a text for each, and the same places in it", () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
    for (const [key, text] of zh) {
      expect(text.trim(), key).not.toBe("");
      expect(en.get(key)!.trim(), key).not.toBe("");
      expect(places(en.get(key)!), key).toEqual(places(text));
    }
  });

  it("are each in one language", () => {
    const switchKeys = new Set(["language/switch", "language/label"]);
    for (const [key, text] of en) if (!switchKeys.has(key)) expect(text, key).not.toMatch(/\p{Script=Han}/u);
    const names = /^(sites|priorities|overview\/core)/;
    for (const [key, text] of zh)
      if (!switchKeys.has(key) && !names.test(key) && text.replace(/\{\{\w+\}\}/g, "").match(/[A-Za-z]{4,}/g)?.length)
        expect(text, key).toMatch(/\p{Script=Han}/u);
  });

  it("name everything that the contracts can speak of", () => {
    expect(Object.keys(ZH.modes).sort()).toEqual([...CAUSE_MODES].sort());
    // A page and a message say the same; the page has its own copy, because it is built from its own folder alone.
    expect({ entityTypes: ZH.entityTypes, modes: ZH.modes }).toEqual(ZH_WORDS);
    expect({ entityTypes: EN.entityTypes, modes: EN.modes }).toEqual(EN_WORDS);
    expect(Object.keys(ZH.families).sort()).toEqual([...EVIDENCE_FAMILIES].sort());
    expect(Object.keys(ZH.entityTypes).sort()).toEqual([...ENTITY_TYPES].sort());
    expect(Object.keys(ZH.metrics)).toEqual(expect.arrayContaining(Object.values(METRIC)));
    expect(Object.keys(ZH.roles).sort()).toEqual(Object.keys(ROLES).sort());
    for (const { id, zh: chinese, en: english } of SITES)
      expect([ZH.sites[id as keyof typeof ZH.sites], EN.sites[id as keyof typeof EN.sites]]).toEqual([chinese, english]);
    for (const [act, form] of Object.entries(ACT_FORMS)) {
      expect(zh.has(`acts/${act}`), act).toBe(true);
      for (const field of form.fields) {
        expect(zh.has(`fields/${field.name}`), field.name).toBe(true);
        for (const choice of field.choices ?? []) expect(zh.has(`choices/${choice}`), choice).toBe(true);
      }
    }
  });

  it("have every key that the pages ask for, and no text stands in the pages themselves", () => {
    const files = readdirSync(WEB, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file) && !/messages\/|\.test/.test(file));
    expect(files.length).toBeGreaterThan(60);
    let asked = 0;
    for (const file of files) {
      const source = readFileSync(join(WEB, file), "utf8");
      for (const [, key] of source.matchAll(/\bt\(\s*"([^"]+)"/g)) {
        asked++;
        expect(zh.has(key!), `${key} in ${file}`).toBe(true);
      }
      for (const [, start] of source.matchAll(/\b(?:t|or)\(\s*`([^`$]+)\$\{/g)) {
        asked++;
        expect(
          [...zh.keys()].some((key) => key.startsWith(start!)),
          `${start} in ${file}`,
        ).toBe(true);
      }
      expect(source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""), file).not.toMatch(/\p{Script=Han}/u);
    }
    expect(asked).toBeGreaterThan(150);
  });
});
