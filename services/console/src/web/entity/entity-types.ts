import { ZH } from "../messages/zh.ts";

/** Kinds of entities, in the order of the catalogue. */
export const ENTITY_TYPE_NAMES = Object.keys(ZH.entityTypes) as readonly (keyof typeof ZH.entityTypes)[];
/** Sites of the estate, in the order of the catalogue. */
export const SITE_IDS = Object.keys(ZH.sites) as readonly string[];
