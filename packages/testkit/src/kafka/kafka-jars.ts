import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

export const KAFKA_VERSION = "4.1.0";
const OLDEST_JAVA = 17;
const FETCH_LIMIT_MS = 8 * 60_000;

const POM = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>yunwei</groupId>
  <artifactId>kafka-jars</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>${KAFKA_VERSION}</version></dependency>
  </dependencies>
</project>
`;

/** Where the jars of a run are kept for the next ones, or why they cannot be had here. */
export type KafkaJars = { readonly folder: string } | { readonly skipped: string };

/** Finds the broker's jars in the user's cache folder, or has Maven fetch them once (about a minute, 54 MB). Never throws for want of a tool. */
export async function kafkaJars(): Promise<KafkaJars> {
  const java = await run("java", ["-version"], 30_000);
  const version = Number(/version "(?:1\.)?(\d+)/.exec(java.output)?.[1] ?? 0);
  if (java.code !== 0) return { skipped: "no Java here, which Apache Kafka needs" };
  if (version < OLDEST_JAVA) return { skipped: `Java ${version} here, Apache Kafka ${KAFKA_VERSION} needs ${OLDEST_JAVA}` };
  const folder = join(homedir(), ".cache", "yunwei", `kafka-${KAFKA_VERSION}`);
  if ((await readdir(folder).catch(() => [])).some((name) => name.startsWith("kafka_2.13-"))) return { folder };
  return fetchJars(folder);
}

async function fetchJars(folder: string): Promise<KafkaJars> {
  await mkdir(join(folder, ".."), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    await writeFile(join(work, "pom.xml"), POM);
    const jars = join(work, "jars");
    const maven = await run("mvn", ["-q", "-B", "-f", join(work, "pom.xml"), "dependency:copy-dependencies", `-DoutputDirectory=${jars}`], FETCH_LIMIT_MS);
    if (maven.code === undefined) return { skipped: "no Maven here to fetch Apache Kafka with" };
    if (maven.code !== 0) return { skipped: `Maven could not fetch Apache Kafka: ${firstComplaint(maven.output)}` };
    // Whoever finishes first wins: the folder appears whole or not at all.
    await rename(jars, folder).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST" && error.code !== "ENOTEMPTY") throw error;
    });
    return { folder };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function firstComplaint(output: string): string {
  const line = output.split("\n").find((text) => text.includes("ERROR")) ?? "no reason given";
  // A registry's address has no place in a test report.
  return line.replaceAll(/\b[a-z]+:\/\/\S+/g, "…").slice(0, 200);
}

interface Ended {
  /** Undefined when the program is not there. */
  readonly code: number | undefined;
  readonly output: string;
}

/** Runs a program to its end, both outputs together; it is killed when it takes longer than `limitMs`. */
export function run(program: string, parameters: readonly string[], limitMs: number): Promise<Ended> {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"], timeout: limitMs, killSignal: "SIGKILL" });
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    child.once("error", () => resolve({ code: undefined, output }));
    child.once("close", (code) => resolve({ code: code ?? -1, output }));
  });
}
