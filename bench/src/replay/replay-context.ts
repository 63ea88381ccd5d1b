/** What every replay gets from the command line. */
export interface ReplayContext {
  /** Event seconds per second; undefined = as fast as the pipeline drains. */
  readonly speed: number | undefined;
  /** Folder to keep the data in; undefined = one of its own that is removed at the end. */
  readonly dataFolder: string | undefined;
  /** Leave the standalone running at the end, to look around. */
  readonly keep: boolean;
  readonly stop: AbortSignal;
  readonly tell: (line: string) => void;
  /** One line that is overwritten; undefined ends it. */
  readonly progress: (line: string | undefined) => void;
}
