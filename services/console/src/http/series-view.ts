import { Type } from "typebox";

/** A series as the API shows it. */
export const SeriesView = Type.Object({
  seriesId: Type.String(),
  metric: Type.String(),
  unit: Type.String(),
  kind: Type.String(),
  monotonic: Type.Boolean(),
  entity: Type.String(),
  site: Type.String(),
  department: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
});
