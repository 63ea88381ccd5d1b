import { drawFrom, drawHex, drawInt } from "./draw.ts";

const TEMPLATES = 200;
const SUBJECTS = [
  "order",
  "cart",
  "payment",
  "session",
  "shipment",
  "user",
  "invoice",
  "cache entry",
  "connection",
  "message",
  "worker",
  "job",
  "token",
  "product",
];
const VERBS = [
  "accepted",
  "created",
  "updated",
  "rejected by policy",
  "expired",
  "loaded from the database",
  "written to the outbox",
  "retried",
  "released",
  "validated",
  "queued",
];
const TAILS = [
  "",
  " in {ms} ms",
  " for user {user}",
  " from {ip}",
  " after {small} attempts",
  ", correlation {hex}",
  " with {small} items, total {amount}",
  " on shard {small}",
];

type Slot = (random: () => number) => string;
const SLOTS: Readonly<Record<string, Slot>> = {
  id: (random) => String(drawInt(random, 10_000_000)),
  ms: (random) => String(Math.round(-40 * Math.log(1 - random()))),
  user: (random) => `u${drawInt(random, 50_000)}`,
  ip: (random) => `10.${drawInt(random, 4)}.${drawInt(random, 250)}.${drawInt(random, 250)}`,
  small: (random) => String(1 + drawInt(random, 12)),
  hex: (random) => drawHex(random, 8),
  amount: (random) => (random() * 500).toFixed(2),
};

/** One statement of a program that logs. */
export interface LogTemplate {
  readonly logger: string;
  readonly file: string;
  readonly line: number;
  /** OTLP SeverityNumber. */
  readonly severity: number;
  body(random: () => number): string;
}

const SEVERITIES: readonly (readonly [number, number])[] = [
  [0.03, 17],
  [0.1, 13],
  [0.25, 5],
  [1, 9],
];

/** 200 different statements, some written ten times as often as others (see `drawTemplate`). */
export function logTemplates(random: () => number): LogTemplate[] {
  const texts = new Set<string>();
  while (texts.size < TEMPLATES) texts.add(`${drawFrom(random, SUBJECTS)} {id} ${drawFrom(random, VERBS)}${drawFrom(random, TAILS)}${drawFrom(random, TAILS)}`);
  return [...texts].map((text) => {
    const parts = text.split(/\{(\w+)\}/);
    const subject = drawFrom(random, ["Order", "Cart", "Payment", "Session", "Stock"]);
    const chance = random();
    return {
      logger: `com.shop.${subject.toLowerCase()}.${subject}Service`,
      file: `src/main/java/com/shop/${subject.toLowerCase()}/${subject}Service.java`,
      line: 20 + drawInt(random, 400),
      severity: SEVERITIES.find(([most]) => chance <= most)![1],
      body: (draw) => parts.map((part, i) => (i % 2 === 0 ? part : SLOTS[part]!(draw))).join(""),
    };
  });
}

/** A template; the first ones are drawn most often. */
export function drawTemplate(templates: readonly LogTemplate[], random: () => number): LogTemplate {
  return templates[Math.floor(templates.length * random() ** 2)]!;
}
