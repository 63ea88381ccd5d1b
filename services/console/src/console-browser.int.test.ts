import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { INCIDENT_ID } from "./incident.test-data.ts";
import { openStand, type Stand } from "./stand.test-data.ts";

const CHROMIUM = "/usr/bin/chromium";
const UNDETERMINED = "1".repeat(32);
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const PAGES = [
  "/",
  "/incidents",
  `/incidents/${INCIDENT_ID}`,
  `/incidents/${UNDETERMINED}`,
  "/entities",
  "/entity?entity=host:workbench",
  "/system",
  "/nowhere",
];

let stand: Stand;
let browser: Browser;

interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained of, and requests to other hosts. */
  readonly complaints: string[];
}

/** A signed-in browser. Its own zone is not Beijing's. */
async function visit(language: "zh" | "en", theme: "light" | "dark", viewport: typeof DESKTOP): Promise<Visit> {
  const context = await browser.newContext({ viewport, timezoneId: "America/New_York", reducedMotion: "reduce" });
  await context.addInitScript(`localStorage.setItem("yunwei.preferences", ${JSON.stringify(JSON.stringify({ language, theme }))})`);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Asking who is signed in is answered 401 when nobody is; the browser writes that down.
    const isFirstQuestion = message.location().url.endsWith("/api/v1/session") && message.text().includes("401");
    if ((message.type() === "error" || message.type() === "warning") && !isFirstQuestion) complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(stand.url)) complaints.push(`request to ${request.url()}`);
  });
  await page.goto(stand.url);
  await page.fill('input[autocomplete="username"]', "admin");
  await page.fill('input[autocomplete="current-password"]', stand.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".tile-grid");
  return { page, context, complaints };
}

async function open(page: Page, path: string): Promise<void> {
  await page.goto(stand.url + path);
  await page.waitForSelector("h1, .nothing");
  await page.waitForSelector(".loading", { state: "detached" });
}

describe.skipIf(!existsSync(CHROMIUM))("the console in a browser", () => {
  beforeAll(async () => {
    [stand, browser] = await Promise.all([openStand(), chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] })]);
  });
  afterAll(async () => {
    await browser?.close();
    await stand?.close();
  });

  it.each([
    ["zh", "light", "desktop", DESKTOP],
    ["zh", "dark", "phone", PHONE],
    ["en", "dark", "desktop", DESKTOP],
    ["en", "light", "phone", PHONE],
  ] as const)("shows every page in %s, %s, on a %s: whole, readable, without complaint or request elsewhere", async (language, theme, _screen, viewport) => {
    const { page, context, complaints } = await visit(language, theme, viewport);
    for (const path of PAGES) {
      await open(page, path);
      const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
      expect(overflow, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]).analyze();
      expect(
        violations.map(
          (violation) =>
            `${violation.id}: ${violation.nodes
              .map((node) => node.html)
              .slice(0, 3)
              .join(" | ")}`,
        ),
        path,
      ).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("loads at most 450 KiB of script before the first page, and no chart until one is shown", async () => {
    const { page, context } = await visit("zh", "light", DESKTOP);
    const loaded = await page.evaluate<[string, number][]>(
      'performance.getEntriesByType("resource").filter((one) => one.name.endsWith(".js")).map((one) => [one.name, one.encodedBodySize])',
    );
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThanOrEqual(450 * 1024);
    expect(loaded.filter(([name]) => name.includes("chart"))).toEqual([]);
    await context.close();
  });

  it("tells the story of an incident: cause, evidence with its chart, graph, changes, who was told", async () => {
    const { page, context } = await visit("zh", "light", DESKTOP);
    await page.click("text=苏州 数据库 order-db：锁争用");
    await page.waitForSelector(".verdict-cause");
    await page.waitForSelector("text=已发送"); // the messages come with a request of their own
    const text = await page.textContent("main");
    for (const part of [
      "疑似根因",
      "较有把握（87%）",
      "等锁会话数 45（正常 2，自",
      "反面证据",
      "可能由变更引起：order-db 参数调整",
      "无嫌疑",
      "已发送",
      "给出根因",
      "civil-affairs",
    ])
      expect(text).toContain(part);
    await page.waitForSelector(".chart-place svg path", { state: "attached" });
    expect(await page.locator(".graph [role=link]").count()).toBe(5);
    await page.click("text=表");
    expect(await page.locator("table >> text=根因").count()).toBeGreaterThan(0);
    await open(page, `/incidents/${UNDETERMINED}`);
    expect(await page.textContent("main")).toContain("根因未定");
    await context.close();
  });

  it("shows this machine's own figures on the overview, and leads to them", async () => {
    const { page, context } = await visit("en", "light", PHONE);
    await page.waitForSelector("text=Busiest programs");
    expect(await page.textContent("main")).toMatch(/CPU utilisation\s*\d+(\.\d+)? %/);
    await page.click("text=Look at this machine");
    await page.waitForSelector(".chart-place svg path", { state: "attached" });
    expect(await page.textContent("main")).toContain("Network traffic");
    await context.close();
  });

  it("can be worked with the keyboard: j, k, Enter, g i, a, ?, and says plainly when the server refuses", async () => {
    const { page, context } = await visit("zh", "dark", DESKTOP);
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    await page.waitForURL("**/incidents");
    await page.waitForSelector(".incident-row");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/incidents/${INCIDENT_ID}`);
    await page.waitForSelector("text=确认");
    await page.keyboard.press("a");
    await page.waitForSelector("text=确认：已记录");
    await page.waitForSelector(".incident-header >> text=处理中");
    await page.click(".actions >> text=解决");
    await page.waitForSelector("role=dialog");
    expect(await page.inputValue("role=dialog >> input#rootCause")).toBe("database:order-db");
    for (const field of ["resolutionCode", "causeCategory"]) {
      await page.click(`#${field}`);
      await page.waitForSelector(".ant-select-dropdown:visible");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".ant-select-dropdown:visible", { state: "detached" });
    }
    await page.click("role=dialog >> .ant-btn-primary");
    await page.waitForSelector("text=当前状态不允许这个操作");
    await page.keyboard.press("Escape");
    await page.waitForSelector("role=dialog", { state: "hidden" });
    await page.keyboard.press("?");
    await page.waitForSelector("text=键盘快捷键");
    await context.close();
  });

  it("keeps filters in the address, remembers the language, and signs out", async () => {
    const { page, context } = await visit("zh", "light", DESKTOP);
    await open(page, "/incidents?priority=P3");
    await page.waitForSelector(".incident-row");
    expect(await page.locator(".incident-row").count()).toBe(1);
    await open(page, "/incidents?q=nothing-like-it");
    await page.waitForSelector("text=没有符合筛选条件的故障");
    await page.click("text=English");
    await page.waitForSelector("text=No incident fits the filters");
    expect(await page.evaluate("document.documentElement.lang")).toBe("en");
    expect(await page.evaluate(`localStorage.getItem("yunwei.preferences")`)).toContain('"en"');
    await page.click('button[aria-label^="Account menu"]');
    await page.click("text=Sign out");
    await page.waitForSelector('input[autocomplete="current-password"]');
    expect((await context.cookies()).filter((cookie) => cookie.name === "yunwei_session")).toEqual([]);
    await context.close();
  });

  it("answers a wrong password in words", async () => {
    const page = await browser.newPage();
    await page.goto(stand.url);
    await page.fill('input[autocomplete="username"]', "somebody");
    await page.fill('input[autocomplete="current-password"]', "something-else");
    await page.keyboard.press("Enter");
    await page.waitForSelector("role=alert");
    expect(await page.textContent("role=alert")).toContain("账号或密码不正确");
    await page.close();
  });
});
