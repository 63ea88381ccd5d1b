export { cusumStep } from "./cusum.ts";
export { CHUNK_RECORDS, CHUNK_SHIFT, type RecordChunk, RecordTable } from "./record-table.ts";
export { CLIP_SCALES, clip, robustScale } from "./robust-scale.ts";
export { learnSeason, SEASON_BUCKETS, SEASON_FLOATS, seasonAt } from "./seasonal-profile.ts";
export { seededNormal, seededRandom } from "./seeded-random.ts";
