import type { IncidentSnapshot } from "@yunwei/schemas";
import { incidentCard } from "@yunwei/testkit";
import { Feed, type FeedCount } from "../feed.ts";
import type { ReplayContext } from "../replay-context.ts";
import { settledIncidents } from "../settled-incidents.ts";
import { withStandalone } from "../with-standalone.ts";
import { Recording } from "./recording.ts";
import { readPosition, writePosition } from "./replay-position.ts";

/** The newest item is moved to so long before now. */
const MARGIN_MS = 2 * 60_000;
const CAUSES_SHOWN = 5;
/** The position is written at most this often. */
const SAVE_EVERY_MS = 1_000;

export interface RecordingReplay {
  readonly path: string;
  /** Leave times as they are. */
  readonly keepTime: boolean;
  /** Go on where an earlier run on the same data folder stopped. */
  readonly resume: boolean;
}

/** What came of a recording. */
export interface RecordingOutcome {
  readonly path: string;
  readonly requests: number;
  readonly badLines: number;
  readonly shiftMs: number;
  readonly sent: FeedCount;
  readonly incidents: readonly IncidentSnapshot[];
  readonly finished: boolean;
  readonly seconds: number;
}

/** Replays files of OTLP JSON lines and prints the incidents. @throws Error with what to do */
export async function replayRecording({ path, keepTime, resume }: RecordingReplay, context: ReplayContext): Promise<RecordingOutcome> {
  const { tell, stop, speed } = context;
  const begun = performance.now();
  const position = resume ? await readPosition(context.dataFolder ?? "", path) : undefined;
  tell(`reading ${path} ...`);
  const recording = await Recording.open({ path, nowMs: Date.now(), marginMs: keepTime ? undefined : MARGIN_MS, position, tell });
  tell(describe(recording));
  return await withStandalone(context, async ({ standalone, api, dataFolder }) => {
    const { fromMs, toMs } = recording;
    let savedMs = 0;
    let saving: Promise<void> = Promise.resolve();
    const save = (): Promise<void> => {
      savedMs = performance.now();
      saving = saving.then(() => writePosition(dataFolder, recording.position()));
      return saving;
    };
    const feed = new Feed({
      standalone,
      api,
      speed,
      stop,
      tell,
      progress: (timeMs, { requests }) => {
        context.progress(`${(100 * Math.min(1, (timeMs - fromMs) / Math.max(1, toMs - fromMs))).toFixed(1)} % of the recorded time, ${requests} requests`);
        if (performance.now() - savedMs >= SAVE_EVERY_MS) void save().catch(() => undefined); // the last save tells of trouble
      },
    });
    try {
      await feed.run(recording.phase());
    } finally {
      context.progress(undefined);
      await save();
    }
    const incidents = await settledIncidents(api, fromMs - 60_000, toMs, stop);
    for (const incident of incidents) tell(`\n${incidentCard(incident, { console: standalone.console, unnamedCauses: CAUSES_SHOWN })}`);
    tell(
      `\n${sentText(feed.count)}; ${incidents.length} incident(s)${stop.aborted ? " so far; stopped: --resume goes on from here when --data was given" : ""}`,
    );
    return {
      path,
      requests: recording.requests,
      badLines: recording.badLines,
      shiftMs: recording.shiftMs,
      sent: { ...feed.count },
      incidents,
      finished: !stop.aborted,
      seconds: Math.round((performance.now() - begun) / 1000),
    };
  });
}

function describe({ files, requests, badLines, fromMs, toMs, shiftMs }: Recording): string {
  const at = (ms: number): string => (Number.isFinite(ms) ? new Date(ms - shiftMs).toISOString() : "an unknown time");
  const moved = shiftMs === 0 ? "times stay as they are" : `all times are moved by ${(shiftMs / 86_400_000).toFixed(2)} days, so that it ends two minutes ago`;
  return `${files.length} file(s), ${requests} requests, ${badLines} bad line(s); from ${at(fromMs)} to ${at(toMs)}; ${moved}`;
}

function sentText({ requests, bytes, rejectedItems, refusedRequests }: FeedCount): string {
  return `${requests} requests sent (${(bytes / 1e6).toFixed(1)} MB), ${refusedRequests} refused; ${rejectedItems} item(s) left out of the others`;
}
