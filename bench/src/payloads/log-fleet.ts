import { OTLP_REQUESTS } from "@yunwei/otlp";
import { attributesOf, unixNano } from "../otlp-objects/otlp-objects.ts";
import { drawFrom, drawHex, drawId, drawInt } from "./draw.ts";
import { drawTemplate, type LogTemplate, logTemplates } from "./log-templates.ts";
import type { Payload } from "./payload.ts";
import { SHOP, type ShopInstance, shopInstances } from "./shop-services.ts";

const REQUEST_RECORDS = 1_200;
/** Instances whose records travel in one request. */
const INSTANCES = 6;
/** Records that belong to a request of a user; the others are the program's own. */
const TRACED_RATIO = 0.6;
/** Records that a request of a user writes on its way, at most. */
const MOST_OF_A_TRACE = 4;
const SEVERITY_TEXT: Readonly<Record<number, string>> = { 5: "DEBUG", 9: "INFO", 13: "WARN", 17: "ERROR" };

/** Log records of the shop's services: 200 statements with variable parts, 6 attributes, two thirds of them within a trace. */
export class LogFleet {
  readonly #random: () => number;
  readonly #instances: readonly ShopInstance[];
  readonly #templates: readonly LogTemplate[];
  #turn = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.#instances = shopInstances(random);
    this.#templates = logTemplates(random);
  }

  /** The next request; its records are of the `spreadMs` before `timeMs`, in order. */
  request(timeMs: number, spreadMs: number): Payload {
    const perInstance = REQUEST_RECORDS / INSTANCES;
    const resourceLogs = Array.from({ length: INSTANCES }, () => {
      const { resource, service } = this.#instances[this.#turn++ % this.#instances.length]!;
      const logRecords: object[] = [];
      while (logRecords.length < perInstance) {
        const atMs = timeMs - spreadMs * (1 - logRecords.length / perInstance);
        logRecords.push(...this.#records(atMs, service.name, perInstance - logRecords.length));
      }
      return { resource, scopeLogs: [{ scope: { name: `com.shop.${service.name}`, version: "1.4.0" }, logRecords }] };
    });
    return { body: OTLP_REQUESTS.logs.encode({ resourceLogs }).finish(), items: INSTANCES * perInstance };
  }

  /** What is written within one request of a user, or one record of the program's own. */
  #records(atMs: number, service: string, most: number): object[] {
    const random = this.#random;
    if (random() > TRACED_RATIO) return [this.#record(atMs, service, {})];
    const ids = { traceId: drawId(random, 16), spanId: drawId(random, 8), flags: 1 };
    const count = Math.min(most, 1 + drawInt(random, MOST_OF_A_TRACE));
    return Array.from({ length: count }, (_, i) => this.#record(atMs + 2 * i, service, ids));
  }

  #record(atMs: number, service: string, ids: object): object {
    const random = this.#random;
    const template = drawTemplate(this.#templates, random);
    return {
      timeUnixNano: unixNano(atMs),
      observedTimeUnixNano: unixNano(atMs + 0.4),
      severityNumber: template.severity,
      severityText: SEVERITY_TEXT[template.severity]!,
      body: { stringValue: template.body(random) },
      attributes: attributesOf({
        "code.function.name": template.logger,
        "code.file.path": template.file,
        "code.line.number": template.line,
        "thread.name": `http-nio-8080-exec-${1 + drawInt(random, 20)}`,
        "http.route": drawFrom(random, SHOP.find(({ name }) => name === service)!.routes).route,
        "request.id": drawHex(random, 16),
      }),
      ...ids,
    };
  }
}
