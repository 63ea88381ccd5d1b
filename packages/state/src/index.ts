export type { Queryable, Row, State } from "./state.ts";
