import { spawn } from "node:child_process";
import { YunweiError } from "@yunwei/schemas";

/** The user and group "nobody" of every Linux; PostgreSQL refuses to run as root. */
const NOBODY = 65534;
const PROBE_TIMEOUT_MS = 10_000;

/** How the PostgreSQL programs are started: `command` becomes `[...prefix, command]`, as user `uid` if given. */
export interface RunAs {
  readonly name: "self" | "nobody" | "setpriv" | "unshare";
  readonly prefix: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  /** Who must own the files, as seen from outside; undefined = whoever made them. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

const CAPABILITIES = "+dac_override,+dac_read_search";

/** An ordinary user runs PostgreSQL as himself. */
const SELF: RunAs = { name: "self", prefix: [] };

/** What root can do, the way that needs least first. */
const AS_ROOT: readonly RunAs[] = [
  { name: "nobody", prefix: [], uid: NOBODY, gid: NOBODY, owner: { uid: NOBODY, gid: NOBODY } },
  // "nobody" may not enter a folder like /root: let it pass permission checks on files, and nothing else. The secure bit makes access(2),
  // by which initdb looks for the server, go by these capabilities too: for users other than root it forgets them (capabilities(7)).
  {
    name: "setpriv",
    prefix: [
      "setpriv",
      `--reuid=${NOBODY}`,
      `--regid=${NOBODY}`,
      "--clear-groups",
      "--securebits=+no_setuid_fixup",
      `--inh-caps=${CAPABILITIES}`,
      `--ambient-caps=${CAPABILITIES}`,
      "--",
    ],
    owner: { uid: NOBODY, gid: NOBODY },
  },
  // Root under another name: inside its user namespace the process sees itself as "nobody" and still owns root's files.
  {
    name: "unshare",
    prefix: ["unshare", "--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, "--"],
    owner: { uid: 0, gid: 0 },
  },
];

/**
 * Picks how to start PostgreSQL here, by trying: the probe enters `folder` and runs `command`.
 * @param command - a program and its arguments, which changes nothing and looks for what the real start needs
 * @param candidates - in order of trust; the default suits the user of this process
 * @throws YunweiError YUNWEI_ENGINE_FAILED when no way works, saying what to do
 */
export async function chooseRunAs(command: readonly string[], folder: string, candidates: readonly RunAs[] = waysOfThisUser()): Promise<RunAs> {
  const failures: string[] = [];
  for (const candidate of candidates) {
    const failure = await probe(candidate, command, folder);
    if (failure === undefined) return candidate;
    failures.push(`${candidate.name}: ${failure}`);
  }
  throw new YunweiError("YUNWEI_ENGINE_FAILED", adviceFor(folder, failures), { details: failures });
}

/** The ways open to the user of this process, see `chooseRunAs`. */
export function waysOfThisUser(): readonly RunAs[] {
  return process.getuid?.() === 0 ? AS_ROOT : [SELF];
}

function adviceFor(folder: string, failures: readonly string[]): string {
  const tried = failures.join("; ");
  return process.getuid?.() === 0
    ? `PostgreSQL refuses to run as root, and no unprivileged user could enter ${folder}. Start as an ordinary user, or put the data folder and the program where every user may enter (e.g. under /opt and /var/lib). Tried: ${tried}`
    : `PostgreSQL does not start here. Tried: ${tried}`;
}

async function probe(way: RunAs, command: readonly string[], folder: string): Promise<string | undefined> {
  // Arguments are never pasted into the script: paths may contain anything.
  const argv = [...way.prefix, "/bin/sh", "-c", 'cd -- "$1" && shift && exec "$@"', "sh", folder, ...command];
  const identity = way.uid === undefined ? {} : { uid: way.uid, gid: way.gid! };
  return new Promise((resolve) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "ignore", "pipe"], timeout: PROBE_TIMEOUT_MS, ...identity });
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      if (text.length < 1000) text += chunk;
    });
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code) => resolve(code === 0 ? undefined : text.trim() || `exit code ${code}`));
  });
}
